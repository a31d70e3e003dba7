package dev.sallyport.data.platform;

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

  private record Probe(Instant at, Future<?> answer) {}

  private final Postgres postgres;
  private final Schema schema;
  private final Clock clock;
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
                .map(answer -> response(true))
                .otherwise(failure -> response(false))
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

  private HealthCheckResponse response(boolean reachable) {
    var state = schema.state();
    return HealthCheckResponse.named("postgres")
        .status(reachable && state instanceof Schema.State.Usable)
        .withData("reachable", reachable)
        .withData("schema", name(state))
        .build();
  }

  private static String name(Schema.State state) {
    return switch (state) {
      case Schema.State.Unknown() -> "not migrated yet";
      case Schema.State.Usable() -> "usable";
      case Schema.State.TooNew() -> "too new for this release";
    };
  }
}
