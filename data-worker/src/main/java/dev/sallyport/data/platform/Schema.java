package dev.sallyport.data.platform;

import dev.sallyport.model.MigrationRun;
import dev.sallyport.model.Migrations;
import dev.sallyport.model.Migrations.Comparison;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Whether the tables behind this worker are the ones it was built for. A start brings them up to
 * date in the background, so that a worker answers its liveness probe, and all that needs no store,
 * while Postgres is away; it tries again until it has been there once.
 *
 * <p>Thread-safe. The first try begins with the start, each later one after a pause that doubles
 * from {@link #PAUSE_MIN} to {@link #PAUSE_MAX}.
 */
@Singleton
public class Schema {
  static final Duration PAUSE_MIN = Duration.ofMillis(100);
  static final Duration PAUSE_MAX = Duration.ofSeconds(5);

  /**
   * When a Postgres that does not answer is asked again. A migration that takes longer goes on
   * there; the next attempt waits for its lock and finds it done.
   */
  static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Every version of this worker's tables; a file that is not listed here does not run. */
  static final Migrations MIGRATIONS =
      Migrations.load("data_platform", Schema.class, "/db/data-worker", "V1__platform.sql");

  private static final Logger LOG = Logger.getLogger(Schema.class);

  /** What is known about the tables. */
  public sealed interface State {
    /** Postgres has not answered yet, or refused a migration. */
    record Unknown() implements State {}

    /** The tables can be used. */
    record Usable() implements State {}

    /** A later release changed them so that this one must not run on them. */
    record TooNew() implements State {}
  }

  private final Vertx vertx;
  private final PostgresStatements statements;
  private volatile State state = new State.Unknown();
  private volatile @Nullable String lastFailure;

  @Inject
  Schema(Vertx vertx, Postgres postgres) {
    this.vertx = vertx;
    this.statements = new PostgresStatements(postgres);
  }

  /** What is known right now. */
  public State state() {
    return state;
  }

  void onStart(@Observes StartupEvent start) {
    attempt(PAUSE_MIN);
  }

  private void attempt(Duration pause) {
    Future.fromCompletionStage(MigrationRun.run(MIGRATIONS, statements))
        .timeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .onSuccess(this::settled)
        .onFailure(failure -> {
          report(failure);
          vertx.setTimer(pause.toMillis(), timer -> attempt(longer(pause)));
        });
  }

  private static Duration longer(Duration pause) {
    var doubled = pause.multipliedBy(2);
    return doubled.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : doubled;
  }

  private void settled(Comparison comparison) {
    switch (comparison) {
      case Comparison.Current() -> {
        state = new State.Usable();
        LOG.debugf("schema %s is at version %d", MIGRATIONS.schema(), MIGRATIONS.newest());
      }
      case Comparison.Ahead() -> {
        state = new State.Usable();
        LOG.infof(
            "schema %s is newer than version %d of this worker, which can live with it",
            MIGRATIONS.schema(), MIGRATIONS.newest());
      }
      case Comparison.TooNew() -> {
        state = new State.TooNew();
        LOG.errorf(
            "schema %s has been changed by a later release and no longer serves version %d of this"
                + " worker: deploy the later release again",
            MIGRATIONS.schema(), MIGRATIONS.newest());
      }
      case Comparison.Behind behind ->
          throw new IllegalStateException("migrated, yet behind by " + behind.missing().size());
    }
  }

  /** One line when the reason changes, not one per attempt. */
  private void report(Throwable failure) {
    var cause =
        failure instanceof CompletionException && failure.getCause() != null
            ? failure.getCause()
            : failure;
    var reason = Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getName());
    if (!reason.equals(lastFailure)) {
      lastFailure = reason;
      LOG.warnf("schema %s cannot be migrated yet: %s", MIGRATIONS.schema(), reason);
    }
  }
}
