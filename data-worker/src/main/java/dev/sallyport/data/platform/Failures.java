package dev.sallyport.data.platform;

import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.TransactionRollbackException;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** Tells a Postgres that could not be used from one that refused. Pure. */
final class Failures {
  /**
   * The beginnings of the SQLSTATEs with which a connection ends: broken; ended for a transaction
   * that took too long (25P03, 25P04); Postgres going down, or not up yet.
   */
  private static final List<String> CONNECTION_ENDS = List.of("08", "25P03", "25P04", "57P");

  /** {@code read_only_sql_transaction}: this connection leads to what is no longer the primary. */
  private static final String READ_ONLY = "25006";

  private static final String IN_FAILED_TRANSACTION = "25P02";
  private static final String FEATURE_NOT_SUPPORTED = "0A000";

  private Failures() {}

  /**
   * What a failure of the client means: a {@link StoreFailure}, a {@link StatementRefused}, or an
   * {@link IllegalArgumentException} for values that do not fit the statement.
   *
   * @param mayHaveCommitted what to say of an answer that did not come
   */
  static RuntimeException of(Throwable failure, boolean mayHaveCommitted) {
    var cause = inner(failure);
    return switch (cause) {
      case StoreFailure known -> known;
      case StatementRefused known -> known;
      case PgException said when said.getSqlState() != null && !endsConnection(said) ->
          new StatementRefused(
              String.valueOf(said.getMessage()), said, said.getSqlState(), said.getConstraint());
      case PgException said when READ_ONLY.equals(said.getSqlState()) ->
          new StoreFailure(Postgres.trouble(said), said, false);
      case TransactionRollbackException rolledBack ->
          new StatementRefused(
              "rolled back: a statement before was refused",
              rolledBack,
              IN_FAILED_TRANSACTION,
              null);
      default ->
          isWrongValues(cause.getMessage())
              ? new IllegalArgumentException(cause.getMessage(), cause)
              : new StoreFailure(Postgres.trouble(cause), cause, mayHaveCommitted);
    };
  }

  /** A failure to get a connection: whatever it is, nothing was asked. */
  static StoreFailure notAsked(Throwable failure) {
    var cause = inner(failure);
    return new StoreFailure(Postgres.trouble(cause), cause, false);
  }

  static Throwable inner(Throwable failure) {
    boolean wraps = failure instanceof CompletionException || failure instanceof ExecutionException;
    return wraps && failure.getCause() != null ? failure.getCause() : failure;
  }

  private static boolean endsConnection(PgException said) {
    var state = said.getSqlState();
    return READ_ONLY.equals(state) || CONNECTION_ENDS.stream().anyMatch(state::startsWith);
  }

  /** The client's own words, by which alone they can be told from a lost connection. */
  private static boolean isWrongValues(@Nullable String message) {
    return message != null
        && (message.startsWith("Parameter at position")
            || message.startsWith("The number of parameters"));
  }

  /**
   * Whether a table was changed under a statement that this connection had prepared before. The
   * client forgets it with the refusal, so that it is prepared anew the next time.
   */
  static boolean isStalePlan(@Nullable Throwable failure) {
    return failure instanceof StatementRefused refused
        && refused.sqlState().equals(FEATURE_NOT_SUPPORTED)
        && refused.getCause() instanceof PgException said
        && "RevalidateCachedQuery".equals(said.getRoutine());
  }
}
