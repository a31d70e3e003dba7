package dev.sallyport.data.room;

import dev.sallyport.data.binding.Refusal;
import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.ProblemType;
import java.time.Duration;
import java.util.List;

/** What a call about a room is answered instead. */
final class RoomError {
  private static final Duration SOON = Duration.ofSeconds(1);

  private RoomError() {}

  static Refusal badName() {
    return Refusal.of(ProblemType.NOT_FOUND, "No room can have this name.");
  }

  static Refusal forbidden() {
    return Refusal.of(ProblemType.FORBIDDEN, "This room is not open to you.");
  }

  static Refusal overloaded() {
    return retryable("Too much waits to be done for rooms.");
  }

  /** Before anything was done. */
  static Refusal moving() {
    return retryable("The room moves to another worker.");
  }

  /** Nobody knows whether it was done. */
  static Refusal moved() {
    return retryable("The room moved to another worker; this may have been done.");
  }

  static Refusal tooMany() {
    return retryable("You send too much to this room.");
  }

  static Refusal invalid(String field, String message) {
    return Refusal.of(Problem.invalid(List.of(new FieldError(field, message))));
  }

  static Refusal clash() {
    return invalid("id", "was used with other data before");
  }

  static Refusal tooLarge() {
    return Refusal.of(
        ProblemType.TOO_LARGE, "At most " + Publishing.DATA_BYTES_MAX + " bytes of data.");
  }

  static Refusal badJson() {
    return Refusal.of(ProblemType.BAD_JSON, "Send one JSON object in UTF-8.");
  }

  private static Refusal retryable(String detail) {
    return Refusal.of(Problem.retryable(ProblemType.OVERLOADED, detail, SOON));
  }
}
