package dev.sallyport.data.platform;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Transaction;
import io.vertx.sqlclient.Tuple;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * A transaction that is under way: what {@link Transactions#call} gives to its body. Confined to
 * the thread that runs the body, and over when that returns.
 *
 * <p>A statement that was refused, or that Postgres did not answer, is the end of it: what comes
 * after fails, and it cannot be committed by catching the exception.
 */
public final class Tx {
  private static final Logger LOG = Logger.getLogger(Tx.class);

  private final SqlConnection connection;
  private final Transaction transaction;
  private final Thread owner = Thread.currentThread();
  private @Nullable RuntimeException trouble;
  private boolean over;

  private Tx(SqlConnection connection, Transaction transaction) {
    this.connection = connection;
    this.transaction = transaction;
  }

  /** Takes a connection and begins. */
  static Tx begin(Postgres postgres) {
    var asked = postgres.connection();
    SqlConnection connection;
    try {
      connection = Blocking.await(asked, false);
    } catch (StoreFailure e) {
      // Interrupted: the connection may come yet.
      asked.onSuccess(SqlConnection::close);
      throw e;
    }
    try {
      return new Tx(connection, Blocking.await(connection.begin(), false));
    } catch (StoreFailure | StatementRefused e) {
      Postgres.sever(connection);
      throw e;
    }
  }

  /**
   * Runs one prepared statement and waits for its rows, five seconds at the most.
   *
   * @param values for {@code $1}, {@code $2} and so on
   * @throws StoreFailure where Postgres did not answer; nothing of the transaction is committed
   * @throws StatementRefused where it refused
   */
  public RowSet<Row> execute(String sql, @Nullable Object... values) {
    return execute(sql, Tuple.wrap(values));
  }

  /** The same with its values in a tuple. */
  public RowSet<Row> execute(String sql, Tuple values) {
    check();
    try {
      return Blocking.await(connection.preparedQuery(sql).execute(values), false);
    } catch (RuntimeException e) {
      trouble = e;
      throw e;
    }
  }

  private void check() {
    if (!owner.equals(Thread.currentThread())) {
      throw new IllegalStateException("a transaction stays on the thread that runs it");
    }
    if (over) {
      throw new IllegalStateException("this transaction is over");
    }
    if (trouble != null) {
      throw new IllegalStateException("this transaction cannot go on after what failed", trouble);
    }
  }

  /** Whether the same transaction from its beginning may succeed where this one failed. */
  boolean isWorthAnotherTry() {
    return trouble instanceof StatementRefused refused && refused.isWorthAnotherTry();
  }

  /**
   * Commits and gives the connection back.
   *
   * @throws RuntimeException what failed before, although the body went on; nothing is committed
   * @throws StoreFailure where the answer did not come: it may be committed
   * @throws StatementRefused where it was refused
   */
  void commit() {
    if (trouble != null) {
      rollback();
      throw trouble;
    }
    over = true;
    try {
      var committed = Postgres.bounded(transaction.commit());
      Blocking.await(Postgres.last(connection, committed, true), true);
    } catch (StoreFailure | StatementRefused e) {
      trouble = e;
      throw e;
    }
  }

  /**
   * Undoes what was done, and waits for that so that no lock outlives it. Fails silently: where
   * Postgres does not answer, the end of the connection is the end of the transaction.
   */
  void rollback() {
    over = true;
    var undone =
        Postgres.bounded(transaction.rollback())
            .recover(failure -> Future.failedFuture(StoreFailure.of(failure)));
    var back = Postgres.last(connection, undone, false);
    if (isSilent()) {
      return;
    }
    try {
      Blocking.await(back, false);
    } catch (StoreFailure | StatementRefused e) {
      LOG.debugf("not rolled back but severed: %s", e.getMessage());
    }
  }

  /** Nothing to wait for: no answer came before, or the thread was told to stop waiting. */
  private boolean isSilent() {
    return trouble instanceof StoreFailure || Thread.currentThread().isInterrupted();
  }
}
