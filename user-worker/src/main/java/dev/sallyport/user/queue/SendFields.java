package dev.sallyport.user.queue;

import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.QueuedMessage;
import dev.sallyport.user.platform.ProblemException;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Judges the fields of messages and keeps what is wrong with them. Confined to one thread. */
final class SendFields {
  /** Stands for a message that is no object, until the request is refused. */
  static final NewMessage NOTHING = new NewMessage(null, null, Duration.ZERO, new byte[0]);

  /** A client learns of so many mistakes at once. */
  private static final int SHOWN_MAX = 20;

  private static final int NAME_SHOWN_MAX = 100;

  /** No duration up to a year needs more. */
  private static final int DELAY_CHARS_MAX = 64;

  /** A text or none. */
  record Text(@Nullable String value) {
    static final Text NONE = new Text(null);
  }

  /** A message as far as it was read. */
  static final class Draft {
    byte @Nullable [] body;
    Text id = Text.NONE;
    Text key = Text.NONE;
    Text delay = Text.NONE;
  }

  private final List<FieldError> errors = new ArrayList<>(0);

  /** Something is wrong with a field of the message at this place. */
  void wrong(String at, String field, String message) {
    if (errors.size() < SHOWN_MAX) {
      errors.add(new FieldError(at + field, message));
    }
  }

  void unknown(String at, String name) {
    wrong(
        at,
        name.length() > NAME_SHOWN_MAX ? name.substring(0, NAME_SHOWN_MAX) + "…" : name,
        "is not known here");
  }

  /**
   * @throws ProblemException {@code INVALID} where anything was wrong
   */
  void refuseIfWrong() {
    if (!errors.isEmpty()) {
      throw SendError.invalid(errors);
    }
  }

  /** The message, valid as far as nothing was found wrong. */
  NewMessage valid(Draft draft, String at) {
    var body = draft.body;
    if (body == null) {
      wrong(at, "body", "is missing");
      body = NOTHING.body();
    } else if (JsonText.hasNul(body)) {
      wrong(at, "body", "must not contain U+0000");
    }
    check(draft.id.value(), QueuedMessage.ID_CHARS_MAX, at, "id");
    check(draft.key.value(), QueuedMessage.KEY_CHARS_MAX, at, "key");
    return new NewMessage(
        draft.id.value(), draft.key.value(), delay(draft.delay.value(), at), body);
  }

  private void check(@Nullable String text, int charsMax, String at, String field) {
    if (text == null) {
      return;
    }
    if (text.isEmpty() || text.length() > charsMax) {
      wrong(at, field, "must have 1 to " + charsMax + " characters");
    } else if (!JsonText.isText(text)) {
      wrong(at, field, "must not contain U+0000 or half of a surrogate pair");
    }
  }

  private Duration delay(@Nullable String text, String at) {
    if (text == null) {
      return Duration.ZERO;
    }
    try {
      var delay = text.length() > DELAY_CHARS_MAX ? null : Duration.parse(text);
      if (delay != null && !delay.isNegative() && delay.compareTo(QueuedMessage.DELAY_MAX) <= 0) {
        return Duration.ofMillis(delay.toMillis());
      }
    } catch (DateTimeException notOne) {
      // Answered like one that is out of bounds.
    }
    wrong(
        at,
        "delay",
        "must be an ISO-8601 duration between PT0S and PT"
            + QueuedMessage.DELAY_MAX.toHours()
            + "H");
    return Duration.ZERO;
  }
}
