package dev.sallyport.data.cache;

import org.jspecify.annotations.Nullable;

/** The blobs could not be read or written: their store is away, full, or refuses. Immutable. */
final class BlobsAway extends Exception {
  BlobsAway(String message, @Nullable Throwable cause) {
    super(message, cause, false, false);
  }
}
