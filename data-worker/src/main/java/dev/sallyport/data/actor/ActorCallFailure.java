package dev.sallyport.data.actor;

import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A call of an actor that gave no reply. A service that lets it through answers its {@link
 * #problem}. Immutable.
 */
public final class ActorCallFailure extends RuntimeException {
  private static final Duration SOON = Duration.ofSeconds(1);

  /** How it ended. */
  public enum Kind {
    /** The method answered with a problem of its own; nothing that it did is kept. */
    REFUSED,
    /** The method failed; nothing that it did is kept. */
    FAILED,
    /** It was not begun, and never will be: asking again does no harm. */
    NOT_SERVED,
    /** No answer came: it may have worked, or may yet. The same idempotency key makes that safe. */
    UNKNOWN
  }

  private final Kind kind;
  private final transient Problem problem;
  private final boolean isMoving;

  private ActorCallFailure(
      Kind kind, Problem problem, boolean isMoving, @Nullable Throwable cause) {
    super(problem.detail(), cause);
    this.kind = kind;
    this.problem = problem;
    this.isMoving = isMoving;
  }

  static ActorCallFailure refused(Problem problem) {
    return new ActorCallFailure(Kind.REFUSED, problem, false, null);
  }

  static ActorCallFailure failed(@Nullable Throwable cause) {
    var problem = Problem.of(ProblemType.INTERNAL, "An actor failed; nothing of that is kept.");
    return new ActorCallFailure(Kind.FAILED, problem, false, cause);
  }

  /**
   * Nothing was done.
   *
   * @param isMoving whether that may be over at any moment
   */
  static ActorCallFailure notServed(Refusal why, boolean isMoving) {
    return new ActorCallFailure(Kind.NOT_SERVED, why.problem(), isMoving, null);
  }

  /** The row that asks could not be written. */
  static ActorCallFailure notPut(@Nullable Throwable cause) {
    if (cause instanceof Refusal full) {
      return notServed(full, false);
    }
    var problem =
        cause instanceof StoreFailure
            ? Problem.retryable(ProblemType.STORE_DOWN, "Nothing was done: try again.", SOON)
            : Problem.of(ProblemType.INTERNAL, "The call cannot be written; nothing was done.");
    return new ActorCallFailure(Kind.NOT_SERVED, problem, cause instanceof StoreFailure, cause);
  }

  static ActorCallFailure unknown(@Nullable Throwable cause) {
    var problem =
        Problem.of(
            ProblemType.OVERLOADED, "No answer of the actor came in time: it may have worked.");
    return new ActorCallFailure(Kind.UNKNOWN, problem, false, cause);
  }

  public Kind kind() {
    return kind;
  }

  /** What went wrong, as a client may see it. */
  public Problem problem() {
    return problem;
  }

  /** Whether it may have been done all the same, or may yet be. */
  public boolean mayHaveWorked() {
    return kind == Kind.UNKNOWN;
  }

  /** Whether nothing was done and the next moment may be better. */
  boolean isMoving() {
    return isMoving;
  }
}
