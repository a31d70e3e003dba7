package dev.sallyport.data.cache;

import java.util.Optional;

/**
 * Computes what is not there. Runs on a virtual thread of its own, which is interrupted when it
 * takes too long; not in the call of who asked, so it takes along what it needs of that.
 */
@FunctionalInterface
public interface Loader<V> {
  /** The value, or nothing where there is none. */
  Optional<V> load() throws Exception;
}
