package dev.sallyport.data.platform;

import dev.sallyport.model.StoreTrouble;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import io.vertx.sqlclient.impl.SocketConnectionBase;
import io.vertx.sqlclient.impl.SqlConnectionBase;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Single statements, each its own transaction. Thread-safe, does not block. A future fails with a
 * {@link StoreFailure} or with a {@link StatementRefused}.
 */
@Singleton
public class Postgres {
  /** How long a connection may be waited for, and then the answer to a statement. */
  static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);

  private static final Logger LOG = Logger.getLogger(Postgres.class);

  private final Pool pool;

  @Inject
  Postgres(Pool pool) {
    this.pool = pool;
  }

  /** Runs one statement, or several with a semicolon between them; as long as they take. */
  public Future<RowSet<Row>> execute(String sql) {
    return connection()
        .compose(connection -> last(connection, connection.query(sql).execute(), true));
  }

  /**
   * Runs one prepared statement, which each connection remembers. It has {@link #ANSWER_WITHIN};
   * after that nobody knows whether it was done.
   */
  public Future<RowSet<Row>> execute(String sql, Tuple values) {
    return once(sql, values)
        .recover(failure ->
            Failures.isStalePlan(failure) ? once(sql, values) : Future.failedFuture(failure));
  }

  private Future<RowSet<Row>> once(String sql, Tuple values) {
    return connection()
        .compose(connection ->
            last(connection, bounded(connection.preparedQuery(sql).execute(values)), true));
  }

  /**
   * The last answer that a connection is used for: gives it back before anyone sees the answer, or
   * severs it if it is of no more use.
   *
   * @param mayHaveCommitted what to say of an answer that did not come
   */
  static <T> Future<T> last(SqlConnection connection, Future<T> answer, boolean mayHaveCommitted) {
    return answer
        .recover(failure -> Future.failedFuture(Failures.of(failure, mayHaveCommitted)))
        .<T>transform(done ->
            giveBack(connection, done.cause())
                .transform(back ->
                    done.succeeded()
                        ? Future.succeededFuture(done.result())
                        : Future.failedFuture(done.cause())));
  }

  private static Future<Void> giveBack(SqlConnection connection, @Nullable Throwable failure) {
    if (failure instanceof StoreFailure || Failures.isStalePlan(failure)) {
      sever(connection);
      return Future.succeededFuture();
    }
    return connection.close();
  }

  /**
   * A connection that the caller gives back, or severs. One that comes after {@link #ANSWER_WITHIN}
   * is given back unused.
   *
   * <p>Not {@code pool.query}: where no connection can be had, Vert.x 4.5 forgets its timer for
   * one, and half a minute later fails what has failed already, with a stack trace in the log.
   */
  Future<SqlConnection> connection() {
    var asked = pool.getConnection();
    return bounded(asked)
        .recover(failure -> {
          asked.onSuccess(SqlConnection::close);
          return Future.failedFuture(Failures.notAsked(failure));
        })
        // Without a handler Vert.x prints a stack trace when Postgres ends a connection.
        .onSuccess(connection ->
            connection.exceptionHandler(ended -> LOG.debugf("a connection ended: %s", ended)));
  }

  /** Fails where there is no answer within {@link #ANSWER_WITHIN}. */
  static <T> Future<T> bounded(Future<T> answer) {
    return answer.timeout(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * Ends the connection itself. To close it would give it back to the pool, with whatever is still
   * under way on it; Vert.x has no public call for this.
   */
  static void sever(SqlConnection connection) {
    if (connection instanceof SqlConnectionBase<?> base
        && base.unwrap().unwrap() instanceof SocketConnectionBase wire) {
      wire.socket().close();
    } else {
      throw new IllegalStateException("not a connection of the pool: " + connection.getClass());
    }
  }

  /** What to tell an operator about a statement that failed. */
  static String trouble(Throwable failure) {
    var cause = Failures.inner(failure);
    if ((cause instanceof StoreFailure || cause instanceof StatementRefused)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return StoreTrouble.sentence(
        cause, cause instanceof PgException refused ? refused.getSqlState() : null);
  }

  /** Connections to Postgres that are open now. */
  int connections() {
    return pool.size();
  }
}
