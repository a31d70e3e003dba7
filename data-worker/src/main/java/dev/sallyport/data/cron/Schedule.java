package dev.sallyport.data.cron;

import java.time.Duration;

/**
 * What is started when. Immutable; each method gives a changed copy.
 *
 * @param overlap a message to a queue is sent at once, so for queues only {@link Overlap#ALLOW}
 *     differs from nothing
 * @param jitter each fire comes up to so much later than it is due, at most a day; whole
 *     milliseconds
 */
public record Schedule(
    Timing timing, Target target, Overlap overlap, Missed missed, Duration jitter) {
  static final Duration JITTER_MAX = Duration.ofDays(1);

  /** What was started before is let end, and of missed times the last is made up for. */
  public static Schedule of(Timing timing, Target target) {
    return new Schedule(timing, target, Overlap.SKIP, Missed.ONCE, Duration.ZERO);
  }

  public Schedule {
    if (jitter.isNegative() || jitter.compareTo(JITTER_MAX) > 0) {
      throw new IllegalArgumentException("jitter is between 0 and " + JITTER_MAX);
    }
  }

  public Schedule overlap(Overlap policy) {
    return new Schedule(timing, target, policy, missed, jitter);
  }

  public Schedule missed(Missed policy) {
    return new Schedule(timing, target, overlap, policy, jitter);
  }

  public Schedule jitter(Duration longest) {
    return new Schedule(timing, target, overlap, missed, longest);
  }
}
