package dev.sallyport.data.cache;

import dev.sallyport.data.platform.RedisPatience;
import java.time.Duration;

/**
 * What the hot tier can do for one key; each call is one step that no other can come between.
 *
 * <p>Who loads a key holds its lease, which is a token in the store. Nothing is stored without it,
 * and whoever replaces or removes a value takes the token away: so a load that began before cannot
 * end after, however long its worker was stopped.
 */
interface HotTier {
  /** How long a lease lasts that is not renewed: how soon others go on when its holder dies. */
  Duration LEASE = Duration.ofSeconds(3);

  /** What is there. */
  sealed interface Look {}

  /**
   * A value.
   *
   * @param left how long the store will keep it yet
   */
  @SuppressWarnings("ArrayRecordComponent") // passed on once, never compared
  record Found(byte[] bytes, Duration left) implements Look, Claim {
    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  record Missing() implements Look {}

  /** The store did not answer in time; what was asked may have been done. */
  record Away() implements Look, Claim {}

  /** Whether one may load. */
  sealed interface Claim {}

  record Granted() implements Claim {}

  /** Somebody else is loading, or writing. */
  record Held() implements Claim {}

  /** Whether the token still was ours, and what was asked is done. */
  enum Confirmed {
    YES,
    NO,
    UNKNOWN
  }

  Look look(String key, RedisPatience patience);

  /** Takes the lease, unless there is a fresh value or somebody has it. */
  Claim claim(String key, String token, RedisPatience patience);

  /** Takes the lease from whoever loads, and removes the value; waits for nobody who writes. */
  Claim seize(String key, String token, RedisPatience patience);

  Confirmed renew(String key, String token, RedisPatience patience);

  /**
   * Stores a value under the lease and goes on holding it, as one who writes to the cold tier.
   *
   * @param keep how long to keep it, at least a millisecond
   */
  Confirmed store(String key, String token, byte[] bytes, Duration keep, RedisPatience patience);

  /** Stores a value under the lease and goes on holding it, as one who loads. */
  Confirmed put(String key, String token, byte[] bytes, Duration keep, RedisPatience patience);

  /** Gives the lease back. */
  Confirmed release(String key, String token, RedisPatience patience);
}
