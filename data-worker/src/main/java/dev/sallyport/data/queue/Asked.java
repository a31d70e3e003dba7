package dev.sallyport.data.queue;

import dev.sallyport.data.binding.Refusal;
import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads what operators ask for; what does not fit is 422 and names its field. Pure. */
final class Asked {

  private Asked() {}

  /** A count from 1 on. */
  static int between(String field, int number, int max) {
    if (number < 1 || number > max) {
      throw invalid(field, "is a number from 1 to " + max);
    }
    return number;
  }

  /** What Postgres can hold, or nothing. */
  static @Nullable String text(String field, @Nullable String text) {
    if (text != null && (text.isEmpty() || text.indexOf('\0') >= 0)) {
      throw invalid(field, "is text of at least one character, none of them U+0000");
    }
    return text;
  }

  /** A duration from {@code min} to {@code max}. */
  static Duration duration(
      String field, @Nullable String text, Duration absent, Duration min, Duration max) {
    if (text == null) {
      return absent;
    }
    try {
      var asked = Duration.parse(text);
      if (asked.compareTo(min) >= 0 && asked.compareTo(max) <= 0) {
        return asked;
      }
    } catch (DateTimeParseException | ArithmeticException e) {
      throw misfit(field, min, max);
    }
    throw misfit(field, min, max);
  }

  private static Refusal misfit(String field, Duration min, Duration max) {
    return invalid(field, "is a duration from " + min + " to " + max);
  }

  /** A moment that Postgres can hold, or nothing. */
  static @Nullable Instant moment(String field, @Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      var moment = Instant.parse(text);
      if (moment.isAfter(Instant.EPOCH) && moment.isBefore(Position.END.at())) {
        return moment;
      }
    } catch (DateTimeParseException e) {
      throw invalid(field, "is a moment such as 2026-01-31T12:00:00Z");
    }
    throw invalid(field, "is a moment such as 2026-01-31T12:00:00Z");
  }

  static Refusal invalid(String field, String message) {
    return Refusal.of(Problem.invalid(List.of(new FieldError(field, message))));
  }
}
