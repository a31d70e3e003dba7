/**
 * Small values that change seldom and that user-workers read straight from Redis. Their truth is a
 * row in Postgres with a version; only data-workers write them, in a transaction with whatever else
 * changes.
 *
 * <p>Start reading at {@link dev.sallyport.data.kv.Kv}. A committed change reaches Redis by {@link
 * dev.sallyport.data.kv.Pusher}, surely and within moments; while Redis is away, when it is back.
 * Everything blocks, on virtual threads.
 */
@NullMarked
package dev.sallyport.data.kv;

import org.jspecify.annotations.NullMarked;
