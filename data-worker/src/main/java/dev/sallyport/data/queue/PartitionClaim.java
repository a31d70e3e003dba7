package dev.sallyport.data.queue;

/**
 * The right to consume a partition. Immutable.
 *
 * @param partition its row
 * @param queue the row of its queue
 * @param number within its topic, from 0
 * @param owner this worker's incarnation
 * @param fence what every write is made under
 */
record PartitionClaim(int partition, int queue, int number, long owner, long fence) {}
