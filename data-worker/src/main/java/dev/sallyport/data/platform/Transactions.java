package dev.sallyport.data.platform;

import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Transactions for code on virtual threads, which are parked while Postgres works. Thread-safe.
 * Getting a connection and each statement may take {@link Postgres#ANSWER_WITHIN}; Postgres itself
 * ends a transaction that takes longer than the settings of its connections allow.
 */
@Singleton
public class Transactions {
  /** A transaction that met another one is tried so often, the first time included. */
  static final int TRIES = 5;

  private static final Duration PAUSE = Duration.ofMillis(5);

  /**
   * What is done in one transaction. It may be run several times, so it acts on {@code tx} alone.
   */
  @FunctionalInterface
  public interface Body<T extends @Nullable Object> {
    T run(Tx tx) throws Exception;
  }

  private final Postgres postgres;

  @Inject
  Transactions(Postgres postgres) {
    this.postgres = postgres;
  }

  /**
   * Runs {@code body} between BEGIN and COMMIT.
   *
   * @throws Exception the body's own, as it is, once all is rolled back
   * @throws StoreFailure where Postgres could not be used; only one from COMMIT may have committed
   * @throws StatementRefused where Postgres refused; a serialization failure or a deadlock only
   *     after {@value #TRIES} tries
   * @throws IllegalStateException on an event loop
   */
  public <T extends @Nullable Object> T call(Body<T> body) throws Exception {
    Blocking.refuseEventLoops();
    for (int attempt = 1; ; attempt++) {
      var tx = Tx.begin(postgres);
      try {
        var result = run(body, tx);
        tx.commit();
        return result;
      } catch (Exception e) {
        if (attempt == TRIES || !tx.isWorthAnotherTry()) {
          throw e;
        }
      }
      Thread.sleep(pause(attempt));
    }
  }

  private static <T extends @Nullable Object> T run(Body<T> body, Tx tx) throws Exception {
    try {
      return body.run(tx);
    } catch (Throwable e) {
      tx.rollback();
      throw e;
    }
  }

  /** Anything up to a bound that doubles, so that two that met do not meet again. */
  private static Duration pause(int attempt) {
    long bound = PAUSE.multipliedBy(1L << attempt).toNanos();
    return Duration.ofNanos(ThreadLocalRandom.current().nextLong(bound));
  }

  /**
   * Runs one prepared statement as its own transaction and waits for its rows.
   *
   * @param values for {@code $1}, {@code $2} and so on
   * @throws StoreFailure where Postgres could not be used
   * @throws StatementRefused where it refused
   * @throws IllegalStateException on an event loop
   */
  public RowSet<Row> execute(String sql, @Nullable Object... values) {
    Blocking.refuseEventLoops();
    // Bounded by itself, but for the time to get a connection: both at once are enough to wait.
    return Blocking.await(postgres.execute(sql, Tuple.wrap(values)), true);
  }
}
