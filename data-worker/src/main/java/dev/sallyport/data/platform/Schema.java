package dev.sallyport.data.platform;

import dev.sallyport.model.MigrationRun;
import dev.sallyport.model.Migrations;
import dev.sallyport.model.Migrations.Comparison;
import dev.sallyport.model.News;
import dev.sallyport.model.StoreTrouble;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

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
      Migrations.load(
          "data_platform",
          Schema.class,
          "/db/data-worker",
          "V1__platform.sql",
          "V2__lease.sql",
          "V3__workflow.sql",
          "V4__sample.sql",
          "V5__program.sql",
          "V6__queue.sql",
          "V7__cron.sql",
          "V8__kv.sql",
          "V9__queue_control.sql",
          "V10__actor.sql",
          "V11__room.sql",
          "V12__actor_message.sql",
          "V13__audit.sql");

  private static final Logger LOG = Logger.getLogger(Schema.class);

  /** What is known about the tables. */
  public sealed interface State {
    /**
     * Postgres has not answered yet, or refused.
     *
     * @param why in words for an operator
     */
    record Unknown(String why) implements State {}

    /** The tables can be used. */
    record Usable() implements State {}

    /**
     * A later release changed them so that this one must not run on them.
     *
     * @param why in words for an operator
     */
    record TooNew(String why) implements State {}
  }

  private final Vertx vertx;
  private final PostgresStatements statements;
  private volatile State state = new State.Unknown("Postgres has not answered yet");
  private final Promise<Void> usable = Promise.promise();
  private final News news = new News(System::nanoTime);

  @Inject
  Schema(Vertx vertx, Postgres postgres, MeterRegistry metrics) {
    this.vertx = vertx;
    this.statements = new PostgresStatements(postgres);
    Gauge.builder("sallyport_platform_schema_usable", () -> state instanceof State.Usable ? 1 : 0)
        .description("1 once the tables were found to be of a version that this worker can use")
        .tag("schema", MIGRATIONS.schema())
        .register(metrics);
    Gauge.builder("sallyport_platform_postgres_connections", postgres, Postgres::connections)
        .description("Connections to Postgres that are open")
        .register(metrics);
  }

  /** What is known right now. */
  public State state() {
    return state;
  }

  /** Done once the tables can be used for the first time; never fails. */
  public Future<Void> usable() {
    return usable.future();
  }

  void onStart(@Observes StartupEvent start) {
    attempt(PAUSE_MIN);
  }

  private void attempt(Duration pause) {
    Future.fromCompletionStage(MigrationRun.run(MIGRATIONS, statements))
        .timeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
        .onSuccess(this::settled)
        .onFailure(failure -> {
          if (!StoreTrouble.isOurStop(failure)) {
            report(failure);
            vertx.setTimer(pause.toMillis(), timer -> attempt(longer(pause)));
          }
        });
  }

  private static Duration longer(Duration pause) {
    var doubled = pause.multipliedBy(2);
    return doubled.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : doubled;
  }

  private void settled(Comparison comparison) {
    switch (comparison) {
      case Comparison.Current() -> {
        use();
        if (news.over()) {
          LOG.infof("schema %s is at version %d", MIGRATIONS.schema(), MIGRATIONS.newest());
        }
      }
      case Comparison.Ahead() -> {
        use();
        LOG.infof(
            "schema %s is newer than version %d of this worker, which can live with it",
            MIGRATIONS.schema(), MIGRATIONS.newest());
      }
      case Comparison.TooNew() -> {
        var why = MIGRATIONS.tooNew();
        state = new State.TooNew(why);
        if (news.is(why)) {
          LOG.errorf("not ready: %s", why);
        }
        // It may be put right under us, by a restore.
        vertx.setTimer(PAUSE_MAX.toMillis(), timer -> attempt(PAUSE_MAX));
      }
      case Comparison.Behind behind ->
          throw new IllegalStateException("migrated, yet behind by " + behind.missing().size());
    }
  }

  private void use() {
    state = new State.Usable();
    usable.tryComplete();
  }

  private void report(Throwable failure) {
    var why = Postgres.trouble(failure);
    state = new State.Unknown(why);
    if (news.is(why)) {
      LOG.warnf("not ready, schema %s is out of reach: %s", MIGRATIONS.schema(), why);
    }
  }
}
