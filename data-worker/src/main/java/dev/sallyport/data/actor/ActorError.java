package dev.sallyport.data.actor;

import dev.sallyport.data.binding.Refusal;
import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.ProblemType;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** What a call is answered that an actor does not serve. */
final class ActorError {
  private static final Duration SOON = Duration.ofSeconds(1);

  // In words of their own, so that they can be told from what methods answer.
  private static final Problem OVERLOADED = overloaded("Too many calls wait for actors.");
  private static final Problem MAILBOX_FULL = overloaded("Too many calls wait for this actor.");
  private static final Problem LATE =
      overloaded("Its turn did not come in time; nothing was done.");
  private static final Problem MOVED =
      overloaded("The actor moved to another worker; the call may have worked.");
  private static final Problem MOVING = overloaded("The actor moves to another worker.");

  private ActorError() {}

  /** 404, for what is not there and for what this caller may not reach. */
  static Refusal notFound() {
    return Refusal.of(ProblemType.NOT_FOUND, "There is no such actor or method.");
  }

  static Refusal overloaded() {
    return Refusal.of(OVERLOADED);
  }

  static Refusal mailboxFull() {
    return Refusal.of(MAILBOX_FULL);
  }

  static Refusal late() {
    return Refusal.of(LATE);
  }

  /** Nothing was done, or nobody knows: the worker lost the actor while it served the call. */
  static Refusal moved() {
    return Refusal.of(MOVED);
  }

  /** Before anything was done. */
  static Refusal moving() {
    return Refusal.of(MOVING);
  }

  /** Whether this is no answer of a method, but says that none was asked. */
  static boolean isUntouched(Refusal refusal) {
    return Set.of(OVERLOADED, MAILBOX_FULL, LATE, MOVING).contains(refusal.problem());
  }

  static boolean isTooMuch(Refusal refusal) {
    return Set.of(OVERLOADED, MAILBOX_FULL).contains(refusal.problem());
  }

  static boolean isMoving(Refusal refusal) {
    return refusal.problem().equals(MOVING);
  }

  static boolean isMoved(Refusal refusal) {
    return refusal.problem().equals(MOVED);
  }

  /** A key that was used with something else. */
  static Refusal otherContent() {
    return Refusal.of(
        Problem.invalid(
            List.of(
                new FieldError("Idempotency-Key", "was used with another method or body before"))));
  }

  static Refusal badKey() {
    return Refusal.of(
        Problem.invalid(
            List.of(new FieldError("Idempotency-Key", "is 1 to 255 printable characters"))));
  }

  static Refusal badJson() {
    return Refusal.of(ProblemType.BAD_JSON, "Send one JSON value in UTF-8.");
  }

  static Refusal misfit(String field, String message) {
    return Refusal.of(Problem.invalid(List.of(new FieldError(field, message))));
  }

  static Refusal tooLarge() {
    return Refusal.of(
        ProblemType.TOO_LARGE, "At most " + ActorJson.BYTES_MAX + " bytes are kept or answered.");
  }

  private static Problem overloaded(String detail) {
    return Problem.retryable(ProblemType.OVERLOADED, detail, SOON);
  }
}
