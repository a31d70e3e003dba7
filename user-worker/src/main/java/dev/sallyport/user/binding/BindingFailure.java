package dev.sallyport.user.binding;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import io.vertx.core.http.ConnectionPoolTooBusyException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.List;

/** How a call to a private service failed before its answer began. */
public enum BindingFailure {
  /** No connection could be made: the call had no effect. */
  REFUSED,
  /** Only one worker may answer, and it was not found: the call had no effect. */
  NO_OWNER,
  /** Too many calls wait already: the call was not sent. */
  OVERLOADED,
  /** Calls before it failed, and it was not tried again yet: the call was not sent. */
  BREAKER_OPEN,
  /** The connection broke after the call was sent: it may have had its effect. */
  BROKEN,
  /** No answer in time: it may have had its effect. */
  TIMED_OUT;

  private static final Duration SOON = Duration.ofSeconds(1);

  /** Not made at all. */
  private static final class NotMade extends Exception {
    private static final long serialVersionUID = 1;

    private final BindingFailure why;

    private NotMade(BindingFailure why, String message) {
      super(message, null, false, false);
      this.why = why;
    }
  }

  /** What a call fails with that is one too many; carries no stack, and is made for each anew. */
  static Throwable tooMany() {
    return new NotMade(OVERLOADED, "too many calls wait for an answer");
  }

  /** What a call fails with that a breaker stopped. */
  static Throwable stopped() {
    return new NotMade(BREAKER_OPEN, "calls to this address are stopped");
  }

  /** What this failure to open a connection or to hear an answer means. */
  public static BindingFailure of(Throwable failure) {
    return switch (failure) {
      case NotMade notMade -> notMade.why;
      case ConnectionPoolTooBusyException busy -> OVERLOADED;
      case OwnedCall.NoOwner noOwner -> NO_OWNER;
      case ConnectException refused -> REFUSED;
      case UnknownHostException unknown -> REFUSED;
      case UnresolvedAddressException unresolved -> REFUSED;
      default -> BROKEN;
    };
  }

  /** How a call that failed so is counted. */
  public Binding.Outcome outcome() {
    return switch (this) {
      case REFUSED, NO_OWNER -> Binding.Outcome.REFUSED;
      case OVERLOADED -> Binding.Outcome.OVERLOADED;
      case BREAKER_OPEN -> Binding.Outcome.BREAKER_OPEN;
      case BROKEN -> Binding.Outcome.BROKEN;
      case TIMED_OUT -> Binding.Outcome.TIMED_OUT;
    };
  }

  /**
   * What the client is told.
   *
   * @param idempotent whether the call may be made twice without harm
   */
  public Problem problem(boolean idempotent) {
    return switch (this) {
      case REFUSED ->
          Problem.retryable(
              ProblemType.BINDING_DOWN, "The private service takes no connections now.", SOON);
      case NO_OWNER ->
          Problem.retryable(
              ProblemType.BINDING_DOWN,
              "The worker that answers for this is changing; nothing was done.",
              SOON);
      case OVERLOADED ->
          Problem.retryable(
              ProblemType.OVERLOADED, "Too many calls wait for the private service.", SOON);
      case BREAKER_OPEN ->
          Problem.retryable(
              ProblemType.BINDING_DOWN,
              "The private service has failed several times and is left alone until it answers.",
              SOON);
      case BROKEN ->
          new Problem(
              ProblemType.BINDING_DOWN,
              idempotent
                  ? "The private service broke off before it answered."
                  : "The private service broke off before it answered; the call may have worked.",
              idempotent,
              SOON,
              List.of());
      case TIMED_OUT ->
          new Problem(
              ProblemType.BINDING_TIMEOUT,
              idempotent
                  ? "The private service did not answer in time."
                  : "The private service did not answer in time; the call may still work.",
              idempotent,
              SOON,
              List.of());
    };
  }
}
