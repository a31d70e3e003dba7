/**
 * Sends to queues: {@code POST /api/queues/{queue}/messages} and {@code /batches}. Start reading at
 * {@link dev.sallyport.user.queue.SendRoutes}, which is the HTTP side, and {@link
 * dev.sallyport.user.queue.Sends}, which says in what order a message passes what.
 *
 * <p>Everything runs on the request's event loop and never blocks. Kafka's producers have threads
 * of their own; batches are committed by one more, {@link dev.sallyport.user.queue.BatchTopic}'s.
 * Where Kafka does not acknowledge within five seconds the answer is 503 with the ids to send again
 * with; where Redis is away, other contents under a used id are left to the data-worker to refuse;
 * where Postgres is away, the queues that were known last count.
 *
 * <p>What this worker itself has to say, the audit trail, goes through {@link
 * dev.sallyport.user.queue.OwnMessages}.
 */
@NullMarked
package dev.sallyport.user.queue;

import org.jspecify.annotations.NullMarked;
