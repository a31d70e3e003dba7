/**
 * Whether this data-worker is alive, as the others see it: one row in Postgres with a lease, for
 * each life of a worker. What a worker claims carries the incarnation of its lease; who finds a
 * claim of a dead incarnation may take it, under the claim's next fence.
 *
 * <p>Start reading at {@link dev.sallyport.data.lease.WorkerLease}. It runs on one event loop and
 * blocks only where its methods say so. Where Postgres stays away for longer than the lease, this
 * worker's claims are lost and it stops acting on them; it takes a new incarnation afterwards.
 */
@NullMarked
package dev.sallyport.data.lease;

import org.jspecify.annotations.NullMarked;
