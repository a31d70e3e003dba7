package dev.sallyport.data.workflow;

import dev.sallyport.data.binding.InternalCall;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** How long a caller waits for the end of a run. Pure. */
final class Patience {
  /** The edge gives a call 10 s; an answer after that is lost. */
  static final Duration MAX = Duration.ofSeconds(8);

  /** What the way back may take. */
  private static final Duration MARGIN = Duration.ofMillis(500);

  private Patience() {}

  /**
   * The time to wait: what was asked for, held below what the edge still gives this call.
   *
   * @param wait ISO-8601, such as {@code PT5S}; null for not at all
   * @return null for not at all
   */
  static @Nullable Duration of(@Nullable String wait, InternalCall call) {
    if (wait == null) {
      return null;
    }
    var asked = parse(wait);
    var left = call.timeLeft();
    var most = left == null ? MAX : shorter(MAX, left.minus(MARGIN));
    var time = shorter(asked, most);
    return time.isPositive() ? time : null;
  }

  private static Duration parse(String wait) {
    try {
      var asked = Duration.parse(wait);
      if (!asked.isNegative()) {
        return asked;
      }
    } catch (DateTimeParseException e) {
      throw misfit();
    }
    throw misfit();
  }

  private static RuntimeException misfit() {
    return StartBody.invalid("wait", "is a duration such as PT5S");
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
