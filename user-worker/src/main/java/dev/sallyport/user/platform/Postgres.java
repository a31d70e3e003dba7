package dev.sallyport.user.platform;

import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;

/**
 * Single statements, each its own transaction. Does not block.
 *
 * <p>Not {@code pool.query}: where no connection can be had, Vert.x 4.5 forgets its timer for one,
 * and half a minute later fails what has failed already, with a stack trace in the log.
 */
public final class Postgres {
  private Postgres() {}

  /** Runs one statement. */
  public static Future<RowSet<Row>> execute(Pool pool, String sql) {
    return pool.getConnection()
        .compose(
            connection -> connection.query(sql).execute().eventually(() -> connection.close()));
  }

  /** Runs one prepared statement. */
  public static Future<RowSet<Row>> execute(Pool pool, String sql, Tuple values) {
    return pool.getConnection()
        .compose(connection ->
            connection.preparedQuery(sql).execute(values).eventually(() -> connection.close()));
  }
}
