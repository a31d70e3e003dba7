package dev.sallyport.data.actor;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * The clock of Postgres, as far as it can be known here: this machine's clock, put right by what
 * Postgres said last. So actors that move between machines whose clocks differ do not see time
 * jump. Thread-safe.
 */
final class StoreClock implements InstantSource {
  /** An answer that took longer says too little. */
  private static final Duration WAY_MAX = Duration.ofMillis(200);

  private final InstantSource machine;
  private volatile @Nullable Duration ahead;

  StoreClock(InstantSource machine) {
    this.machine = machine;
  }

  /** Whether Postgres has ever said. */
  boolean isKnown() {
    return ahead != null;
  }

  /**
   * What Postgres said.
   *
   * @param asked when it was asked, by this machine's clock
   * @param took until the answer was here; the middle is when it was given
   */
  void said(Instant now, Instant asked, Duration took) {
    if (ahead == null || took.compareTo(WAY_MAX) <= 0) {
      ahead = Duration.between(asked.plus(took.dividedBy(2)), now);
    }
  }

  @Override
  public Instant instant() {
    var known = ahead;
    return known == null ? machine.instant() : machine.instant().plus(known);
  }
}
