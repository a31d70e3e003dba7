package dev.sallyport.data.cron;

import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When a schedule is due. Pure and immutable; whole seconds, but for {@link At}.
 *
 * <p>What becomes of the local times that a change of the clocks takes away or gives twice:
 *
 * <ul>
 *   <li>An expression that names times of the day, such as {@code 30 2 * * *}, is due once for
 *       each. A time that does not exist is due at the moment of the change, together with others
 *       of the same change; one that comes twice is due the first time.
 *   <li>An expression whose minutes or hours begin with {@code *} is due whenever the clock on the
 *       wall shows such a time: not in an hour that does not exist, and in both of one that comes
 *       twice. So {@code 0 * * * *} is due every hour, whatever the clocks do.
 *   <li>An interval knows no clock on the wall.
 * </ul>
 */
public sealed interface Timing {
  /** The shortest interval. */
  Duration EVERY_MIN = Duration.ofSeconds(1);

  /** The longest interval. */
  Duration EVERY_MAX = Duration.ofDays(3660);

  /** The first moment after this one; empty when none comes any more. */
  Optional<Instant> next(Instant after);

  /**
   * As a cron expression says.
   *
   * @param expression five fields, or six with the seconds first; or {@code @daily} and its like
   * @param zone whose local times are meant
   */
  record Cron(String expression, ZoneId zone) implements Timing {
    /**
     * @throws IllegalArgumentException when it is none, or never due
     */
    public Cron {
      if (CronExpression.parse(expression).next(LocalDateTime.of(2000, 1, 1, 0, 0)).isEmpty()) {
        throw new IllegalArgumentException("is a day that never comes");
      }
    }

    @Override
    public Optional<Instant> next(Instant after) {
      var parsed = CronExpression.parse(expression);
      return parsed.isFixed() ? nextFixed(parsed, after) : nextShown(parsed, after);
    }

    /** Local times as they are written, each turned into one moment. */
    private Optional<Instant> nextFixed(CronExpression parsed, Instant after) {
      var local = LocalDateTime.ofInstant(after, zone);
      while (true) {
        var next = parsed.next(local);
        if (next.isEmpty()) {
          return Optional.empty();
        }
        local = next.get();
        var moment = moment(local);
        if (moment.isAfter(after)) {
          return Optional.of(moment);
        }
      }
    }

    private Instant moment(LocalDateTime local) {
      var rules = zone.getRules();
      var offsets = rules.getValidOffsets(local);
      return offsets.isEmpty()
          ? rules.getTransition(local).getInstant()
          : local.toInstant(offsets.getFirst());
    }

    /** What the clock shows, from one change of the clocks to the next. */
    private Optional<Instant> nextShown(CronExpression parsed, Instant after) {
      var rules = zone.getRules();
      ZoneOffset offset = rules.getOffset(after);
      var local = LocalDateTime.ofInstant(after, offset);
      var change = rules.nextTransition(after);
      while (true) {
        var next = parsed.next(local);
        if (next.isEmpty()) {
          return Optional.empty();
        }
        var moment = next.get().toInstant(offset);
        if (change == null || moment.isBefore(change.getInstant())) {
          return Optional.of(moment);
        }
        offset = change.getOffsetAfter();
        local = change.getDateTimeAfter().minusSeconds(1);
        change = rules.nextTransition(change.getInstant());
      }
    }
  }

  /**
   * Again and again after the same time, whatever the clocks on the wall do.
   *
   * @param interval whole seconds, from {@link #EVERY_MIN} to {@link #EVERY_MAX}
   * @param from the first one is due an interval after this; whole seconds. Null for when the
   *     schedule gets this interval
   */
  record Every(Duration interval, @Nullable Instant from) implements Timing {
    /**
     * @throws IllegalArgumentException when the interval is out of its bounds
     */
    public Every {
      if (interval.compareTo(EVERY_MIN) < 0
          || interval.compareTo(EVERY_MAX) > 0
          || !interval.equals(Duration.ofSeconds(interval.toSeconds()))) {
        throw new IllegalArgumentException(
            "is whole seconds from " + EVERY_MIN + " to " + EVERY_MAX);
      }
      from = from == null ? null : from.truncatedTo(ChronoUnit.SECONDS);
    }

    @Override
    public Optional<Instant> next(Instant after) {
      var begin = from == null ? after.truncatedTo(ChronoUnit.SECONDS) : from;
      long seconds = interval.toSeconds();
      long passed = Math.floorDiv(after.getEpochSecond() - begin.getEpochSecond(), seconds);
      return Optional.of(begin.plusSeconds(Math.max(1, passed + 1) * seconds));
    }
  }

  /**
   * Once.
   *
   * @param moment whole milliseconds
   */
  record At(Instant moment) implements Timing {
    public At {
      moment = moment.truncatedTo(ChronoUnit.MILLIS);
    }

    @Override
    public Optional<Instant> next(Instant after) {
      return moment.isAfter(after) ? Optional.of(moment) : Optional.empty();
    }
  }
}
