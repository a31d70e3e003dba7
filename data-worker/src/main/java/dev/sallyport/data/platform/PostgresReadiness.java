package dev.sallyport.data.platform;

import dev.sallyport.model.News;
import io.smallrye.health.api.AsyncHealthCheck;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Future;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Readiness;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Ready when Postgres answers and its tables are ours. A probe waits {@link #PATIENCE} at the most
 * and asks Postgres at most once in that time, however many probes come: an answer, and a question
 * that is still open, are shared.
 *
 * <p>Thread-safe, does not block.
 */
@Readiness
@Singleton
class PostgresReadiness implements AsyncHealthCheck {
  static final Duration PATIENCE = Duration.ofSeconds(1);

  /**
   * How long a question may stay open before another one is asked, on another connection: one that
   * the network has swallowed would else keep a worker out of service until TCP gives up on it.
   */
  static final Duration GIVEN_UP_AFTER = Duration.ofSeconds(5);

  private static final Logger LOG = Logger.getLogger(PostgresReadiness.class);

  private record Probe(Instant at, Future<?> answer) {}

  private final Postgres postgres;
  private final Schema schema;
  private final Clock clock;
  private final News news = new News(System::nanoTime);
  private @Nullable Probe last;

  @Inject
  PostgresReadiness(Postgres postgres, Schema schema, Clock clock) {
    this.postgres = postgres;
    this.schema = schema;
    this.clock = clock;
  }

  @Override
  public Uni<HealthCheckResponse> call() {
    return Uni.createFrom()
        .completionStage(
            probe()
                .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                .map(answer -> reached())
                .otherwise(this::missed)
                .toCompletionStage());
  }

  private synchronized Future<?> probe() {
    var now = clock.instant();
    if (last == null || isOld(last, now)) {
      last = new Probe(now, postgres.execute("SELECT 1"));
    }
    return last.answer();
  }

  private static boolean isOld(Probe probe, Instant now) {
    var age = Duration.between(probe.at(), now);
    var mayBe = probe.answer().isComplete() ? PATIENCE : GIVEN_UP_AFTER;
    return age.isNegative() || age.compareTo(mayBe) >= 0;
  }

  private HealthCheckResponse reached() {
    if (news.over()) {
      LOG.info("Postgres answers again");
    }
    var state = schema.state();
    return response(true, state, why(state));
  }

  private HealthCheckResponse missed(Throwable failure) {
    var why = Postgres.trouble(failure);
    var state = schema.state();
    // Before the tables are known, Schema is the one that tries, and says so itself.
    if (state instanceof Schema.State.Usable && news.is(why)) {
      LOG.warnf("not ready: %s", why);
    }
    return response(false, state, why);
  }

  private static HealthCheckResponse response(boolean reachable, Schema.State state, String why) {
    boolean ready = reachable && state instanceof Schema.State.Usable;
    var response =
        HealthCheckResponse.named("postgres")
            .status(ready)
            .withData("reachable", reachable)
            .withData("schema", name(state));
    return (ready ? response : response.withData("reason", why)).build();
  }

  private static String name(Schema.State state) {
    return switch (state) {
      case Schema.State.Unknown unknown -> "not migrated yet";
      case Schema.State.Usable usable -> "usable";
      case Schema.State.TooNew tooNew -> "too new for this release";
    };
  }

  private static String why(Schema.State state) {
    return switch (state) {
      case Schema.State.Unknown(var why) -> why;
      case Schema.State.Usable usable -> "";
      case Schema.State.TooNew(var why) -> why;
    };
  }
}
