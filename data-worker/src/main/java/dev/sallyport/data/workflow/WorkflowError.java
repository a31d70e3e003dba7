package dev.sallyport.data.workflow;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Why a call of {@link Run} failed. The same when the run is replayed, so code may catch it and go
 * another way. Has no cause for that reason: the log has it.
 */
public final class WorkflowError extends RuntimeException {
  /** What kind of failure; {@link #wire} is its name in JSON. */
  public enum Code {
    /** The last attempt of a step failed. */
    STEP_FAILED,
    /** The event did not come in time. */
    EVENT_TIMEOUT,
    /** An event came that does not fit the class it was waited for as. */
    EVENT_MISFIT,
    /** A child run failed or was terminated. */
    CHILD_FAILED,
    /** A result that cannot be kept as JSON. */
    UNSERIALIZABLE,
    /** A result of more than 1 MiB. */
    TOO_LARGE,
    /** More entries than a journal may have. */
    TOO_MANY_STEPS,
    /** The code asked for something else than the journal has at that place. */
    DIVERGED,
    /** The workflow's own code threw. */
    FAILED,
    /** Whoever executed it died, again and again. */
    CRASHED;

    @JsonValue
    public String wire() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @JsonCreator
    static Code ofWire(String wire) {
      return valueOf(wire.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
  }

  private final Code code;
  private final @Nullable String step;
  private final boolean retryable;

  private WorkflowError(Code code, @Nullable String step, String message, boolean retryable) {
    super(message);
    this.code = code;
    this.step = step;
    this.retryable = retryable;
  }

  static WorkflowError of(ErrorNote note) {
    return new WorkflowError(note.code(), note.step(), note.message(), note.retryable());
  }

  static WorkflowError diverged(Position at, String recorded, String asked) {
    return diverged(at, recorded + " but the code now asks for " + asked);
  }

  /** The code ended before its journal. */
  static WorkflowError divergedAtTheEnd(Position at, String recorded) {
    return diverged(at, recorded + ", which the code does not ask for any more");
  }

  private static WorkflowError diverged(Position at, String difference) {
    return of(
        new ErrorNote(
            Code.DIVERGED,
            "at "
                + at
                + " the journal has "
                + difference
                + "; deploy the change as a new workflow version",
            null,
            false));
  }

  public Code code() {
    return code;
  }

  /** The step it is about, if it is about one. */
  public @Nullable String step() {
    return step;
  }

  /** What is kept of it. */
  ErrorNote note() {
    return new ErrorNote(code, String.valueOf(getMessage()), step, retryable);
  }
}
