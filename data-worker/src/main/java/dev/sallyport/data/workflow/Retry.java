package dev.sallyport.data.workflow;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How often and how soon a failed step is tried again. Immutable; each method gives a changed copy.
 *
 * @param attempts how many in all, at least 1
 * @param first the pause after the first failure
 * @param factor by which each later pause is longer; 1 for a fixed one
 * @param cap the longest pause
 * @param attemptTimeout how long one attempt may take. Its thread is interrupted then; one that
 *     does not heed it is left behind and its result ignored
 */
public record Retry(
    int attempts, Duration first, double factor, Duration cap, Duration attemptTimeout) {
  /** 5 attempts, from 1 s, doubling up to 5 min, each of at most 10 min. */
  public static final Retry DEFAULT =
      new Retry(5, Duration.ofSeconds(1), 2, Duration.ofMinutes(5), Duration.ofMinutes(10));

  /** One attempt alone. */
  public static final Retry NEVER = upTo(1);

  public Retry {
    if (attempts < 1 || factor < 1) {
      throw new IllegalArgumentException("at least one attempt, and pauses that do not shrink");
    }
    if (first.isNegative() || cap.isNegative() || !attemptTimeout.isPositive()) {
      throw new IllegalArgumentException("times must be positive");
    }
  }

  /** The default with another number of attempts. */
  public static Retry upTo(int attempts) {
    return new Retry(attempts, DEFAULT.first, DEFAULT.factor, DEFAULT.cap, DEFAULT.attemptTimeout);
  }

  /** Pauses that double from this one. */
  public Retry exponential(Duration from) {
    return new Retry(attempts, from, 2, cap, attemptTimeout);
  }

  /** Pauses all alike. */
  public Retry fixed(Duration pause) {
    return new Retry(attempts, pause, 1, pause, attemptTimeout);
  }

  public Retry cap(Duration longest) {
    return new Retry(attempts, first, factor, longest, attemptTimeout);
  }

  public Retry attemptTimeout(Duration longest) {
    return new Retry(attempts, first, factor, cap, longest);
  }

  /**
   * The pause after this many failures: jittered down by up to half, so that what failed together
   * does not come back together.
   */
  Duration pause(int failures, RandomGenerator random) {
    double full = (double) first.toNanos() * Math.pow(factor, failures - 1.0);
    double capped = Math.min(full, (double) cap.toNanos());
    return Duration.ofNanos((long) (capped * (1 - random.nextDouble() / 2)));
  }
}
