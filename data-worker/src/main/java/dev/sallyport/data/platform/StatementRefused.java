package dev.sallyport.data.platform;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Postgres answered, and the answer was no: the statement changed nothing, and asked again it would
 * meet the same. The message is what Postgres said; it is for the log, not for a caller. Immutable.
 */
public final class StatementRefused extends RuntimeException {
  private static final String SERIALIZATION_FAILURE = "40001";
  private static final String DEADLOCK = "40P01";

  private final String sqlState;
  private final @Nullable String constraint;

  StatementRefused(String message, Throwable cause, String sqlState, @Nullable String constraint) {
    super(message, cause);
    this.sqlState = sqlState;
    this.constraint = constraint;
  }

  /** Five characters, as in the appendix of Postgres's manual. */
  public String sqlState() {
    return sqlState;
  }

  /** The name of the constraint that was violated, where it was one. */
  public Optional<String> constraint() {
    return Optional.ofNullable(constraint);
  }

  /** Whether the same transaction from its beginning may succeed. */
  boolean isWorthAnotherTry() {
    return sqlState.equals(SERIALIZATION_FAILURE)
        || sqlState.equals(DEADLOCK)
        || Failures.isStalePlan(this);
  }
}
