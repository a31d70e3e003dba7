package dev.sallyport.data.platform;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

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
}
