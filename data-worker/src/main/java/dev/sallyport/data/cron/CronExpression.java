package dev.sallyport.data.cron;

import dev.sallyport.data.cron.CronField.Kind;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Optional;

/**
 * A cron expression of five fields, or of six with the seconds first. Knows local times alone: what
 * they are in a zone is {@link Timing}'s. Pure and immutable.
 *
 * <p>When both days are restricted, that is written without {@code *} first, a day fits when either
 * does; else both must. As in every crond.
 */
record CronExpression(
    CronField seconds,
    CronField minutes,
    CronField hours,
    CronField days,
    CronField months,
    CronField weekdays) {
  static final int LENGTH_MAX = 200;

  /**
   * February 29 on a given weekday comes within 28 years, or 40 where a century has no leap day.
   */
  private static final int YEARS_AHEAD = 41;

  private static final Map<String, String> SHORT =
      Map.of(
          "@yearly", "0 0 1 1 *",
          "@annually", "0 0 1 1 *",
          "@monthly", "0 0 1 * *",
          "@weekly", "0 0 * * 0",
          "@daily", "0 0 * * *",
          "@midnight", "0 0 * * *",
          "@hourly", "0 * * * *");

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException saying what is wrong, for a client
   */
  static CronExpression parse(String text) {
    if (text.length() > LENGTH_MAX) {
      throw new IllegalArgumentException("has at most " + LENGTH_MAX + " characters");
    }
    var fields = SHORT.getOrDefault(text, text).strip().split("[ \t]+", -1);
    if (fields.length != 5 && fields.length != 6) {
      throw new IllegalArgumentException(
          "has five fields (minute, hour, day, month, weekday), or six with the seconds first, not "
              + fields.length);
    }
    int at = fields.length - 5;
    return new CronExpression(
        CronField.parse(Kind.SECOND, at == 0 ? "0" : fields[0]),
        CronField.parse(Kind.MINUTE, fields[at]),
        CronField.parse(Kind.HOUR, fields[at + 1]),
        CronField.parse(Kind.DAY, fields[at + 2]),
        CronField.parse(Kind.MONTH, fields[at + 3]),
        CronField.parse(Kind.WEEKDAY, fields[at + 4]));
  }

  /**
   * Whether it names certain times of the day. Otherwise, where minutes or hours begin with {@code
   * *}, it means every so often.
   */
  boolean isFixed() {
    return !minutes.star() && !hours.star();
  }

  /** The first local time after this one; empty when none comes within four decades. */
  Optional<LocalDateTime> next(LocalDateTime after) {
    var from = after.truncatedTo(ChronoUnit.SECONDS).plusSeconds(1);
    if (fits(from.toLocalDate())) {
      var time = nextTime(from.toLocalTime());
      if (time.isPresent()) {
        return time.map(from.toLocalDate()::atTime);
      }
    }
    return nextDay(from.toLocalDate()).map(day -> day.atTime(firstTime()));
  }

  private Optional<LocalDate> nextDay(LocalDate after) {
    int lastYear = after.getYear() + YEARS_AHEAD;
    var day = after.plusDays(1);
    while (day.getYear() <= lastYear) {
      if (!months.admits(day.getMonthValue())) {
        int month = months.from(day.getMonthValue() + 1);
        day =
            month < 0
                ? LocalDate.of(day.getYear() + 1, months.first(), 1)
                : LocalDate.of(day.getYear(), month, 1);
      } else if (fits(day)) {
        return Optional.of(day);
      } else {
        day = day.plusDays(1);
      }
    }
    return Optional.empty();
  }

  private boolean fits(LocalDate day) {
    if (!months.admits(day.getMonthValue())) {
      return false;
    }
    boolean ofMonth = days.admits(day.getDayOfMonth());
    boolean ofWeek = weekdays.admits(day.getDayOfWeek().getValue() % 7);
    return (days.star() || weekdays.star()) ? ofMonth && ofWeek : ofMonth || ofWeek;
  }

  private LocalTime firstTime() {
    return LocalTime.of(hours.first(), minutes.first(), seconds.first());
  }

  /** The first time of a day from this one on. */
  private Optional<LocalTime> nextTime(LocalTime from) {
    int hour = from.getHour();
    int minute = from.getMinute();
    int second = from.getSecond();
    if (hours.admits(hour)) {
      if (minutes.admits(minute)) {
        int same = seconds.from(second);
        if (same >= 0) {
          return Optional.of(LocalTime.of(hour, minute, same));
        }
      }
      int later = minutes.from(minute + 1);
      if (later >= 0) {
        return Optional.of(LocalTime.of(hour, later, seconds.first()));
      }
    }
    int later = hours.from(hour + 1);
    return later < 0
        ? Optional.empty()
        : Optional.of(LocalTime.of(later, minutes.first(), seconds.first()));
  }
}
