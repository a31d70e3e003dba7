package dev.sallyport.data.queue;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long a message waits for its next attempt: twice as long after each failure, and jittered
 * down by up to half, so that what failed together does not come back together. Thread-safe if the
 * random source is.
 */
record Pauses(Duration first, Duration longest, RandomGenerator random) {
  private static final int DOUBLINGS_MAX = 40;

  /** The pause after the attempt of this number; the first is 1. */
  Duration after(int attempt) {
    double full = (double) first.toMillis() * Math.pow(2, Math.min(attempt - 1, DOUBLINGS_MAX));
    double capped = Math.min(full, (double) longest.toMillis());
    return Duration.ofMillis((long) (capped * (1 - random.nextDouble() / 2)));
  }
}
