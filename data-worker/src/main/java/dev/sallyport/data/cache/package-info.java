/**
 * Values that are dear to compute and may be a little old: kept for an hour in Redis and for a week
 * in blobs, computed by one worker at a time, served while they are computed anew.
 *
 * <p>Start reading at {@link dev.sallyport.data.cache.Caches}; {@link
 * dev.sallyport.data.cache.Flight} is what happens on a miss. Everything blocks and belongs on
 * virtual threads. Redis or the blobs being away makes values be computed more often and is
 * counted; each question waits for Redis for 50 ms at the most.
 */
@NullMarked
package dev.sallyport.data.cache;

import org.jspecify.annotations.NullMarked;
