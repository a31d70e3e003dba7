package dev.sallyport.model;

import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Why Postgres cannot be used, in a sentence for whoever runs a worker: what is wrong and what to
 * set or look at. Pure. The words depend on the kind of failure only, so that the same trouble is
 * recognised as the same, and no password is ever in them.
 */
public final class StoreTrouble {
  private static final String ADDRESS = "QUARKUS_DATASOURCE_REACTIVE_URL";

  private StoreTrouble() {}

  /**
   * The sentence for a failure.
   *
   * @param sqlState what Postgres answered with, or null where it did not answer
   */
  public static String sentence(Throwable failure, @Nullable String sqlState) {
    return sqlState == null ? silent(failure) : refused(sqlState, failure.getMessage());
  }

  private static String refused(String sqlState, @Nullable String message) {
    var said = " (Postgres says: " + message + ")";
    if (message != null && message.contains("transaction_timeout") && sqlState.equals("42704")) {
      return "Postgres is too old: this worker needs version 17 or a newer one" + said;
    }
    return switch (sqlState) {
      case "28P01", "28000" ->
          "Postgres does not let this worker in: set QUARKUS_DATASOURCE_USERNAME and"
              + " QUARKUS_DATASOURCE_PASSWORD to a role that it knows"
              + said;
      case "3D000" ->
          "Postgres has no such database: correct the name in " + ADDRESS + ", or make it" + said;
      case "42501" ->
          "the role in QUARKUS_DATASOURCE_USERNAME lacks rights: provision the database again"
              + said;
      case "53300" ->
          "Postgres has no connection left: lower QUARKUS_DATASOURCE_REACTIVE_MAX_SIZE or the"
              + " number of workers, or raise its max_connections"
              + said;
      case "57P01", "57P02", "57P03" -> "Postgres is starting or stopping; nothing to set" + said;
      default -> "Postgres refuses" + said;
    };
  }

  private static String silent(Throwable failure) {
    var cause = inner(failure);
    var message =
        cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    if (cause instanceof UnknownHostException) {
      return "the host of Postgres is not known: correct its name in " + ADDRESS;
    }
    if (cause instanceof TimeoutException || isTimeout(message)) {
      return "Postgres does not answer: look whether it runs and whether the network lets this"
          + " worker reach the address in "
          + ADDRESS;
    }
    return cause instanceof ConnectException
        ? "nothing listens where Postgres should be: start it, or correct " + ADDRESS
        : "Postgres cannot be reached: look whether it runs, and at "
            + ADDRESS
            + " ("
            + message
            + ")";
  }

  /** A connection that times out is a {@link ConnectException}, as one that is refused. */
  private static boolean isTimeout(String message) {
    return message.toLowerCase(Locale.ROOT).contains("timed out");
  }

  /** Whether this only says that the worker is stopping, which is no trouble. */
  public static boolean isOurStop(Throwable failure) {
    var cause = inner(failure);
    return "Pool closed".equals(cause.getMessage());
  }

  private static Throwable inner(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }
}
