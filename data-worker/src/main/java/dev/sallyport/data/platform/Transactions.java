package dev.sallyport.data.platform;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.microprofile.config.inject.ConfigProperty;
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

  /** For the connection and for the answer, and then some. */
  private static final Duration BOTH = Postgres.ANSWER_WITHIN.multipliedBy(3);

  private static final Duration PAUSE = Duration.ofMillis(5);

  /**
   * What is done in one transaction. It may be run several times, so it acts on {@code tx} alone.
   *
   * @param <E> what it throws; for a lambda without checked exceptions nothing that is checked
   */
  @FunctionalInterface
  public interface Body<T extends @Nullable Object, E extends Exception> {
    T run(Tx tx) throws E;
  }

  private final Postgres postgres;
  private final Semaphore connections;

  @Inject
  Transactions(
      Postgres postgres,
      @ConfigProperty(name = "quarkus.datasource.reactive.max-size") int connectionsMax,
      MeterRegistry metrics) {
    this.postgres = postgres;
    this.connections = new Semaphore(atOnce(connectionsMax), true);
    Gauge.builder("sallyport_platform_postgres_waiting", connections, Semaphore::getQueueLength)
        .description("Threads that wait until a transaction before theirs is done")
        .register(metrics);
  }

  /**
   * How many of these a pool carries at once. A quarter of it, two to four connections, is kept
   * from them: whatever they wait for, the lease is renewed, a probe is answered, notifications
   * arrive, and single statements are done.
   */
  static int atOnce(int connectionsMax) {
    return Math.max(1, connectionsMax - Math.clamp(connectionsMax / 4, 2, 4));
  }

  /**
   * Runs {@code body} between BEGIN and COMMIT. It must not ask for another transaction: where all
   * connections are in such hands, each waits for the others.
   *
   * @throws E the body's own, as it is, once all is rolled back
   * @throws StoreFailure where Postgres could not be used; only one from COMMIT may have committed
   * @throws StatementRefused where Postgres refused; a serialization failure or a deadlock only
   *     after {@value #TRIES} tries
   * @throws IllegalStateException on an event loop
   */
  public <T extends @Nullable Object, E extends Exception> T call(Body<T, E> body) throws E {
    Blocking.refuseEventLoops();
    for (int attempt = 1; ; attempt++) {
      takeTurn();
      try {
        var tx = Tx.begin(postgres);
        try {
          return run(body, tx);
        } catch (Exception e) {
          if (attempt == TRIES || !tx.isWorthAnotherTry()) {
            throw e;
          }
        }
      } finally {
        connections.release();
      }
      // An interrupt ends it, and with it the next attempt.
      LockSupport.parkNanos(this, pause(attempt).toNanos());
    }
  }

  private void takeTurn() {
    try {
      if (connections.tryAcquire(Postgres.ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreFailure("interrupted while others used Postgres", e, false);
    }
    throw new StoreFailure("too many transactions at once", null, false);
  }

  private static <T extends @Nullable Object, E extends Exception> T run(Body<T, E> body, Tx tx)
      throws E {
    T result;
    try {
      result = body.run(tx);
    } catch (Throwable e) {
      tx.rollback();
      throw e;
    }
    tx.commit();
    return result;
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
    takeTurn();
    try {
      // It ends by itself, and knows then whether it had a connection.
      return Blocking.await(postgres.execute(sql, Tuple.wrap(values)), BOTH, true);
    } finally {
      connections.release();
    }
  }
}
