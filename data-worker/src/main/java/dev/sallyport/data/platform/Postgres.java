package dev.sallyport.data.platform;

import dev.sallyport.model.StoreTrouble;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletionException;

/** Single statements, each its own transaction. Thread-safe, does not block. */
@Singleton
class Postgres {
  private final Pool pool;

  @Inject
  Postgres(Pool pool) {
    this.pool = pool;
  }

  /**
   * Runs one statement.
   *
   * <p>Not {@code pool.query}: where no connection can be had, Vert.x 4.5 forgets its timer for
   * one, and half a minute later fails what has failed already, with a stack trace in the log.
   */
  Future<RowSet<Row>> execute(String sql) {
    return pool.getConnection()
        .compose(
            connection -> connection.query(sql).execute().eventually(() -> connection.close()));
  }

  /** What to tell an operator about a statement that failed. */
  static String trouble(Throwable failure) {
    var cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    return StoreTrouble.sentence(
        cause, cause instanceof PgException refused ? refused.getSqlState() : null);
  }

  /** Connections to Postgres that are open now. */
  int connections() {
    return pool.size();
  }
}
