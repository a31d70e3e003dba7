package dev.sallyport.data.service.sample;

import io.quarkus.runtime.annotations.RegisterForReflection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One instruction of a {@link Program}, as it came. Immutable.
 *
 * @param op what to do, see {@link ProgramRun}
 * @param name for the journal; may be used again
 * @param place unique within its program
 * @param ms how long, in milliseconds
 * @param fails how many attempts fail first; a negative number for all of them
 * @param undo whether it says how to be taken back
 * @param ops of a child or an attempt
 * @param branches of what is done side by side
 */
@RegisterForReflection
record ProgramOp(
    String op,
    String name,
    String place,
    @Nullable Integer ms,
    @Nullable Integer fails,
    @Nullable Boolean undo,
    @Nullable List<ProgramOp> ops,
    @Nullable List<List<ProgramOp>> branches) {

  int millis() {
    return ms == null ? 0 : ms;
  }

  int failing() {
    return fails == null ? 0 : fails;
  }

  boolean canBeUndone() {
    return Boolean.TRUE.equals(undo);
  }

  List<ProgramOp> inner() {
    return ops == null ? List.of() : ops;
  }

  List<List<ProgramOp>> sides() {
    return branches == null ? List.of() : branches;
  }
}
