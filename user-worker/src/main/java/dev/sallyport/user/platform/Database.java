package dev.sallyport.user.platform;

import dev.sallyport.model.News;
import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.StoreTrouble;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.hibernate.reactive.panache.Panache;
import io.quarkus.vertx.core.runtime.context.VertxContextSafetyToggle;
import io.smallrye.common.vertx.VertxContext;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxException;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.hibernate.reactive.mutiny.Mutiny;
import org.jboss.logging.Logger;

/**
 * Transactions for code on virtual threads. Hibernate Reactive insists on an event loop, so the
 * work runs on one in a context of its own while the caller's virtual thread is parked.
 */
@ApplicationScoped
public class Database {
  private static final Logger LOG = Logger.getLogger(Database.class);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(2);

  /** Callers that may wait for Postgres; when it hangs, more are refused at once. */
  private static final int WAITING_MAX = 256;

  /** No connection, no entry, no database, no room, going down: the beginnings of SQLSTATEs. */
  private static final List<String> UNUSABLE = List.of("08", "28", "3D", "53", "57P");

  private final Vertx vertx;
  private final Mutiny.SessionFactory sessions;
  private final Semaphore waiting = new Semaphore(WAITING_MAX);
  private final News news;
  private final Counter failures;

  @Inject
  Database(
      Vertx vertx,
      Mutiny.SessionFactory sessions,
      Ticker ticker,
      Pool pool,
      MeterRegistry metrics) {
    this.vertx = vertx;
    this.sessions = sessions;
    this.news = new News(ticker::nanos);
    this.failures =
        Counter.builder("sallyport_platform_postgres_failures")
            .description("Requests that could not be answered because Postgres could not be used")
            .register(metrics);
    Gauge.builder("sallyport_platform_postgres_connections", pool, Pool::size)
        .description("Connections to Postgres that are open")
        .register(metrics);
    Gauge.builder("sallyport_platform_postgres_callers", waiting, Database::callers)
        .description("Requests that wait for Postgres")
        .register(metrics);
  }

  private static double callers(Semaphore waiting) {
    return WAITING_MAX - waiting.availablePermits();
  }

  /**
   * Makes Hibernate start if it has not yet: a matter of milliseconds in a binary, of tenths of a
   * second in a JVM. On the caller's thread, which an event loop must not be.
   */
  public void wake() {
    if (!sessions.isOpen()) {
      throw new IllegalStateException("the session factory was closed");
    }
  }

  /**
   * Runs {@code work} in one transaction and waits for its commit, five seconds at the most.
   *
   * @throws ProblemException {@code STORE_DOWN} where Postgres cannot be reached; the transaction
   *     may have been committed if the connection broke just then; {@code OVERLOADED} where too
   *     many wait already
   */
  public <T> T inTransaction(Supplier<Uni<T>> work) {
    wake();
    if (!waiting.tryAcquire()) {
      throw overloaded();
    }
    var result = new CompletableFuture<T>();
    var context =
        Objects.requireNonNull(VertxContext.createNewDuplicatedContext(vertx.getOrCreateContext()));
    VertxContextSafetyToggle.setContextSafe(context, true);
    context.runOnContext(now ->
        Panache.withTransaction(work)
            .subscribe()
            .with(result::complete, result::completeExceptionally));
    try {
      return await(result);
    } finally {
      waiting.release();
    }
  }

  /**
   * Parks the caller's virtual thread until a result is there, five seconds at the most.
   *
   * @throws ProblemException what the work failed with, or {@code STORE_DOWN}
   */
  public <T> T await(CompletionStage<T> work) {
    try {
      return work.toCompletableFuture().get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw storeDown(e);
    } catch (TimeoutException e) {
      throw storeDown(e);
    } catch (ExecutionException e) {
      throw failure(e.getCause() == null ? e : e.getCause());
    }
  }

  /**
   * The same for code on event loops: asks Postgres, and gives up after two seconds.
   *
   * @return a future that fails with {@code STORE_DOWN} or {@code OVERLOADED} where it has no
   *     answer
   */
  public <T> Future<T> ask(Supplier<Future<T>> question) {
    if (!waiting.tryAcquire()) {
      return Future.failedFuture(overloaded());
    }
    return question
        .get()
        .timeout(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
        .onComplete(answered -> waiting.release())
        .recover(failure -> Future.failedFuture(storeDown(failure)));
  }

  private static ProblemException overloaded() {
    return new ProblemException(
        Problem.retryable(
            ProblemType.OVERLOADED, "Too many wait for the accounts.", Duration.ofSeconds(1)));
  }

  private RuntimeException failure(Throwable cause) {
    for (var inner = cause; inner != null; inner = inner.getCause()) {
      if (inner instanceof ProblemException known) {
        return known;
      }
      if (isStoreDown(inner)) {
        return storeDown(inner);
      }
    }
    return cause instanceof RuntimeException unchecked ? unchecked : new CompletionException(cause);
  }

  /**
   * Whether this failure says that Postgres cannot be used now, rather than that we asked wrongly.
   */
  private static boolean isStoreDown(Throwable failure) {
    if (failure instanceof IOException
        || failure instanceof TimeoutException
        || failure instanceof VertxException) {
      return true;
    }
    return failure instanceof PgException postgres
        && UNUSABLE.stream().anyMatch(postgres.getSqlState()::startsWith);
  }

  /** The answer where Postgres cannot be used. The log says why, not once for each request. */
  private ProblemException storeDown(Throwable cause) {
    failures.increment();
    var why = trouble(cause);
    if (news.is(why)) {
      LOG.warn(why);
    }
    return new ProblemException(
        Problem.retryable(
            ProblemType.STORE_DOWN, "The accounts cannot be reached now.", Duration.ofSeconds(1)));
  }

  /** What to tell an operator about a failure to use Postgres. */
  public static String trouble(Throwable failure) {
    for (var cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof PgException refused) {
        return StoreTrouble.sentence(refused, refused.getSqlState());
      }
    }
    return StoreTrouble.sentence(failure, null);
  }
}
