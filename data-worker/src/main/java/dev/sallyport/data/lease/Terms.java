package dev.sallyport.data.lease;

import java.time.Duration;

/**
 * How long a lease holds. Immutable.
 *
 * @param lease from each renewal, by the clock of Postgres. Longer than {@code transaction_timeout}
 *     of this worker's connections
 * @param renewal from one renewal to the next
 * @param margin by how much earlier than Postgres the holder takes its lease for lapsed: two clocks
 *     that run at slightly different speeds, and what it has begun may still end
 * @param retry from an attempt that failed to the next; how often the clock is looked at
 */
record Terms(Duration lease, Duration renewal, Duration margin, Duration retry) {
  static final Terms STANDARD =
      new Terms(
          Duration.ofSeconds(6),
          Duration.ofSeconds(2),
          Duration.ofMillis(1500),
          Duration.ofMillis(250));

  Terms {
    if (retry.compareTo(Duration.ofMillis(1)) < 0
        || renewal.compareTo(retry) < 0
        || lease.minus(margin).compareTo(renewal.multipliedBy(2)) < 0) {
      throw new IllegalArgumentException(
          "a lease must outlast its margin and two renewals, and a renewal one retry");
    }
  }

  /** How long the holder counts on a lease, in nanoseconds since before it sent the renewal. */
  long heldNanos() {
    return lease.minus(margin).toNanos();
  }
}
