package dev.sallyport.user.binding;

import java.time.Duration;

/**
 * When a breaker opens and for how long. Immutable.
 *
 * @param failures in a row that open it
 * @param window how many of the last results are remembered, at most 64
 * @param failurePercent of a full window that open it
 * @param openFor how long it refuses calls, at most, before it lets one try
 * @param probeEvery how often an open one is probed, and how long each probe may take
 */
record BreakerRules(
    int failures, int window, int failurePercent, Duration openFor, Duration probeEvery) {
  /** As many as a {@code long} has bits. */
  static final int WINDOW_MAX = 64;

  private static final int FAILURES_MAX = 1_000_000;
  private static final Duration OPEN_MAX = Duration.ofHours(1);
  private static final Duration PROBE_MIN = Duration.ofMillis(10);
  private static final Duration PROBE_MAX = Duration.ofMinutes(1);

  /**
   * Checked.
   *
   * @throws IllegalArgumentException in words that begin with the name of the setting
   */
  BreakerRules {
    require("breaker.failures", failures, FAILURES_MAX);
    require("breaker.window", window, WINDOW_MAX);
    require("breaker.failure-percent", failurePercent, 100);
    if (!openFor.isPositive() || openFor.compareTo(OPEN_MAX) > 0) {
      throw new IllegalArgumentException("breaker.open-for must be above 0 and at most an hour");
    }
    if (probeEvery.compareTo(PROBE_MIN) < 0 || probeEvery.compareTo(PROBE_MAX) > 0) {
      throw new IllegalArgumentException("breaker.probe-every must be between 10 ms and a minute");
    }
  }

  /**
   * As they are set.
   *
   * @throws IllegalArgumentException where one is out of its range
   */
  static BreakerRules of(BindingSettings.BreakerSettings set) {
    return new BreakerRules(
        set.failures(), set.window(), set.failurePercent(), set.openFor(), set.probeEvery());
  }

  private static void require(String what, int value, int max) {
    if (value < 1 || value > max) {
      throw new IllegalArgumentException(
          what + " must be between 1 and " + max + ", and is " + value);
    }
  }

  /** Whether so many failures in a full window open it. */
  boolean isTooMany(int failuresInWindow) {
    return failuresInWindow * 100 >= failurePercent * window;
  }
}
