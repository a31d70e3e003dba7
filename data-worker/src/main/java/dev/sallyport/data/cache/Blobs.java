package dev.sallyport.data.cache;

import java.time.Duration;
import java.util.Optional;

/**
 * Keeps bytes under a name, cheaply and for long: may lose them, never gives half of them. Calls
 * block for {@link #ANSWER_WITHIN} at the most, each; thread-safe.
 */
interface Blobs {
  /** Below {@link HotTier#LEASE}: who writes holds that lease. */
  Duration ANSWER_WITHIN = Duration.ofSeconds(2);

  /**
   * What is kept.
   *
   * @param age by the store's own clock
   */
  @SuppressWarnings("ArrayRecordComponent") // passed on once, never compared
  record Blob(byte[] bytes, Duration age) {
    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  /** What a name may be: such parts, with slashes between them, 200 characters in all. */
  String NAME_FORM = "[a-z0-9][a-z0-9-]{0,80}(/[a-z0-9][a-z0-9-]{0,80}){0,2}";

  /** The blob of that name, if there is one that is not too old to be kept. */
  Optional<Blob> get(String name) throws BlobsAway;

  /** Keeps these bytes in the place of what was there. */
  void put(String name, byte[] bytes) throws BlobsAway;

  /** Forgets a blob; one that is not there is forgotten already. */
  void delete(String name) throws BlobsAway;
}
