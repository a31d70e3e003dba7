package dev.sallyport.data.workflow;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What the journal has at one position. Immutable.
 *
 * @param key name and occurrence, such as {@code add#2}
 * @param attempts how many were begun; 0 for what has none
 * @param result JSON, once done; of a child that is under way its id
 * @param shape how to read the result back, see {@link Payloads}
 * @param error once failed; of a step to be tried again its last failure
 * @param dueAt when it goes on by itself, by the database's clock
 * @param endedAt null while it is not done or failed
 */
record Entry(
    Position at,
    Kind kind,
    String key,
    Status status,
    int attempts,
    @Nullable String result,
    @Nullable String shape,
    @Nullable ErrorNote error,
    @Nullable Instant dueAt,
    Instant startedAt,
    @Nullable Instant endedAt) {
  /** What the code asked for. */
  enum Kind {
    STEP,
    TRANSACTION,
    SLEEP,
    EVENT,
    CHILD,
    CHANGE,
    UNDO;

    String wire() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Kind ofWire(String wire) {
      return valueOf(wire.toUpperCase(Locale.ROOT));
    }
  }

  /** How far it got. */
  enum Status {
    /** Failed, and will be tried again. */
    RETRYING,
    /** For its time, event or child. */
    WAITING,
    DONE,
    FAILED;

    String wire() {
      return name().toLowerCase(Locale.ROOT);
    }

    static Status ofWire(String wire) {
      return valueOf(wire.toUpperCase(Locale.ROOT));
    }
  }
}
