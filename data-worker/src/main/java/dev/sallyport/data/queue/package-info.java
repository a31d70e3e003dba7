/**
 * Queues: messages that come through Kafka and are handled once, in order of their keys, with
 * retries and dead letters in Postgres.
 *
 * <p>An application writes a {@link dev.sallyport.data.queue.QueueConsumer} and sends with {@link
 * dev.sallyport.data.queue.Messages}.
 */
@NullMarked
package dev.sallyport.data.queue;

import org.jspecify.annotations.NullMarked;
