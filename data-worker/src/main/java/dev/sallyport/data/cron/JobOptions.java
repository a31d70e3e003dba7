package dev.sallyport.data.cron;

import java.time.Duration;
import java.util.Optional;

/**
 * What holds for one job. Immutable; each method gives a changed copy.
 *
 * @param name of the job and of its schedule; empty for the class's name in lower case with dashes
 * @param attempts how many in all before a fire has failed, from 1 to 100
 * @param pause after the first failed attempt; doubles from there, to an hour at the most
 * @param timeout how long one attempt may take; then its thread is interrupted
 */
public record JobOptions(Optional<String> name, int attempts, Duration pause, Duration timeout) {
  static final int ATTEMPTS_MAX = 100;
  static final Duration PAUSE_MAX = Duration.ofHours(1);
  static final Duration TIMEOUT_MAX = Duration.ofDays(7);

  /** Three attempts of ten minutes each. */
  public static final JobOptions DEFAULT =
      new JobOptions(Optional.empty(), 3, Duration.ofSeconds(10), Duration.ofMinutes(10));

  public JobOptions {
    if (attempts < 1 || attempts > ATTEMPTS_MAX) {
      throw new IllegalArgumentException("attempts is between 1 and " + ATTEMPTS_MAX);
    }
    if (pause.isNegative() || pause.compareTo(PAUSE_MAX) > 0) {
      throw new IllegalArgumentException("pause is between 0 and " + PAUSE_MAX);
    }
    if (!timeout.isPositive() || timeout.compareTo(TIMEOUT_MAX) > 0) {
      throw new IllegalArgumentException("timeout is positive and at most " + TIMEOUT_MAX);
    }
  }

  public JobOptions name(String own) {
    return new JobOptions(Optional.of(own), attempts, pause, timeout);
  }

  public JobOptions retry(int upTo, Duration first) {
    return new JobOptions(name, upTo, first, timeout);
  }

  public JobOptions timeout(Duration longest) {
    return new JobOptions(name, attempts, pause, longest);
  }

  /** How long to wait before the attempt after this one. */
  Duration pauseAfter(int attempt) {
    var doubled = pause.multipliedBy(1L << Math.min(attempt - 1, 20));
    return doubled.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : doubled;
  }
}
