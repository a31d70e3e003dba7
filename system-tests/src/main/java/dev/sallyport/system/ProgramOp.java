package dev.sallyport.system;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;

/**
 * One instruction of a random program, as the workflow {@code sample-program} takes it. Places are
 * unique within a program; names need not be.
 */
sealed interface ProgramOp {
  /** What is done, in JSON. */
  @JsonProperty
  default String op() {
    return getClass().getSimpleName().toLowerCase(Locale.ROOT);
  }

  @JsonProperty
  String name();

  @JsonProperty
  String place();

  /**
   * Something that is tried until it succeeds.
   *
   * @param ms how long an attempt takes
   * @param fails how many attempts fail first; negative for all
   */
  record Step(String name, String place, int ms, int fails, boolean undo) implements ProgramOp {}

  /**
   * Adds to a counter.
   *
   * @param fails negative if it throws after having done so
   */
  record Transaction(String name, String place, int fails) implements ProgramOp {}

  record Sleep(String name, String place, int ms) implements ProgramOp {}

  /**
   * Waits for an event whose payload is its own name.
   *
   * @param ms for how long; 0 for a day
   */
  record Event(String name, String place, int ms) implements ProgramOp {
    /** Whether somebody sends it. */
    boolean comes() {
      return ms == 0;
    }
  }

  record Child(String name, String place, List<ProgramOp> ops) implements ProgramOp {}

  record All(String name, String place, List<List<ProgramOp>> branches) implements ProgramOp {}

  /** Goes on when what is inside fails. */
  record Attempt(String name, String place, List<ProgramOp> ops) implements ProgramOp {}

  record Since(String name, String place) implements ProgramOp {}

  record Rollback(String name, String place) implements ProgramOp {}

  record Throw(String name, String place) implements ProgramOp {}
}
