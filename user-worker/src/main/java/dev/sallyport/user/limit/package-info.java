/**
 * How many requests one sender may make. Start reading at {@link dev.sallyport.user.limit.Limiter};
 * {@link dev.sallyport.user.limit.Gcra} is the arithmetic, and {@code LimitScript} the same in
 * Redis, where all user-workers count together.
 *
 * <p>Asked on event loops; one trip to Redis for a request, none for one that is known to be
 * refused. Redis is waited for 50 ms at the most, unless a setting says otherwise. Without it each
 * worker counts for itself, or a route lets nobody or everybody through, as it says.
 */
@NullMarked
package dev.sallyport.user.limit;

import org.jspecify.annotations.NullMarked;
