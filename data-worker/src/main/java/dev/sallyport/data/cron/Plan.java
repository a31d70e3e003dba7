package dev.sallyport.data.cron;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What is to be done about a schedule that is due. Pure and immutable.
 *
 * @param fires the times to fire for, the earliest first; none where all were missed
 * @param missed how many times are passed over; {@value #COUNT_MAX} may be more
 * @param lastMissed the last of those, or null
 * @param next when it is due again; null for never
 */
record Plan(List<Instant> fires, int missed, @Nullable Instant lastMissed, @Nullable Instant next) {
  /** How late a time may be looked at without having been missed. */
  static final Duration GRACE = Duration.ofMinutes(1);

  /** How many times fire at once after an absence. */
  static final int CATCH_UP_MAX = 100;

  /** No further is counted what was missed. */
  static final int COUNT_MAX = 1000;

  Plan {
    fires = List.copyOf(fires);
  }

  /**
   * Looks at all times from {@code due} to {@code now}.
   *
   * @param late by how much it was meant to fire after it is due: its jitter
   */
  static Plan of(Timing timing, Missed missed, Instant due, Duration late, Instant now) {
    var latest = now.minus(late);
    var past = past(timing, due, latest);
    var onTime = latest.minus(GRACE);
    int missable = (int) past.times().stream().filter(time -> time.isBefore(onTime)).count();
    int passed =
        switch (missed) {
          case SKIP -> missable;
          // Where others are in time, the missed ones are made up for before them.
          case ONCE -> Math.max(0, missable - 1);
          case ALL -> 0;
        };
    passed = Math.max(passed, past.times().size() - CATCH_UP_MAX);
    var last = past.times().getLast();
    return new Plan(
        past.times().subList(passed, past.times().size()),
        Math.min(COUNT_MAX, past.forgotten() + passed),
        passed == 0 ? null : past.times().get(passed - 1),
        timing.next(last).orElse(null));
  }

  /**
   * The last times until now.
   *
   * @param forgotten how many came before them, as far as they were counted
   */
  private record Past(List<Instant> times, int forgotten) {}

  private static Past past(Timing timing, Instant due, Instant latest) {
    var times = new ArrayList<Instant>();
    @Nullable Instant time = due;
    while (time != null && (times.isEmpty() || !time.isAfter(latest))) {
      if (times.size() > COUNT_MAX) {
        return new Past(lastOnes(timing, time, latest), COUNT_MAX);
      }
      times.add(time);
      time = timing.next(time).orElse(null);
    }
    return new Past(times, 0);
  }

  /**
   * The last times before now, found from behind in windows that double, since there may be
   * millions of them.
   */
  private static List<Instant> lastOnes(Timing timing, Instant from, Instant latest) {
    for (var window = GRACE; ; window = window.multipliedBy(2)) {
      var begin = latest.minus(window);
      boolean all = begin.isBefore(from);
      var last = new ArrayDeque<Instant>();
      var time = timing.next(all ? from.minusMillis(1) : begin);
      while (time.isPresent() && !time.get().isAfter(latest)) {
        if (last.size() > CATCH_UP_MAX) {
          last.removeFirst();
        }
        last.add(time.get());
        time = timing.next(time.get());
      }
      if (all || last.size() > CATCH_UP_MAX) {
        return List.copyOf(last);
      }
    }
  }
}
