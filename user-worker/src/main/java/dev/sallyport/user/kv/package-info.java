/**
 * Small values that data-workers write and this worker reads straight from Redis.
 *
 * <p>Start reading at {@link dev.sallyport.user.kv.SharedValues}. It runs on event loops and never
 * blocks. What Redis does not have, or cannot say, the data-worker is asked for, once at a time for
 * each key.
 */
@NullMarked
package dev.sallyport.user.kv;

import org.jspecify.annotations.NullMarked;
