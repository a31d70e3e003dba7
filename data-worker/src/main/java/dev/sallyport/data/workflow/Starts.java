package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.GroupCommit;
import dev.sallyport.data.workflow.Ledger.Inbox;
import dev.sallyport.data.workflow.Ledger.NewRun;
import dev.sallyport.data.workflow.StartSql.Made;
import dev.sallyport.data.workflow.StartSql.Start;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Vertx;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Makes runs, many in one commit. A run that this worker has room for is its own from the
 * beginning, and begins as soon as it is durable; others are queued. Thread-safe, does not block.
 */
@Singleton
class Starts {
  private static final int BATCH_MAX = 256;
  private static final int QUEUE_MAX = 5_000;

  /** What came of a request. */
  sealed interface Result {
    record Started(long run, RunStatus status, Instant createdAt) implements Result {}

    /** The same request made this run before. */
    record Repeated(long run) implements Result {}

    record IdTaken() implements Result {}

    /** The key was used for another request. */
    record KeyReused() implements Result {}
  }

  private final StartSql sql;
  private final Registry registry;
  private final Engine engine;
  private final GroupCommit<Start, Optional<Made>> commits;

  @Inject
  Starts(Vertx vertx, StartSql sql, Registry registry, Engine engine, MeterRegistry metrics) {
    this.sql = sql;
    this.registry = registry;
    this.engine = engine;
    this.commits =
        new GroupCommit<>(
            GroupCommit.on(vertx),
            starts ->
                sql.insert(starts).map(made -> made.stream().map(Optional::ofNullable).toList()),
            WriteSql::isRefusal,
            start -> start,
            DistributionSummary.builder("sallyport.workflow.flush.starts")
                .description("New runs in one commit")
                .register(metrics),
            BATCH_MAX,
            QUEUE_MAX,
            start -> new Overloaded());
  }

  /** More starts wait than may. */
  static final class Overloaded extends RuntimeException {
    Overloaded() {
      super("too many starts wait to be written", null, false, false);
    }
  }

  /**
   * Makes a run.
   *
   * @return fails with {@link dev.sallyport.data.platform.StoreFailure}'s causes, or {@link
   *     Overloaded}
   */
  CompletionStage<Result> start(NewRun run, @Nullable Idempotency idempotency) {
    var place =
        registry
            .find(run.type(), run.version())
            .filter(definition -> !definition.isLimited())
            .flatMap(unlimited -> engine.takeSparePlace())
            .orElse(null);
    var start = new Start(run, place == null ? null : place.owner(), idempotency);
    var written = commits.write(start).toCompletableFuture();
    var _ =
        written.whenComplete((made, failure) -> {
          if (place != null) {
            if (failure == null && made.isPresent()) {
              engine.begin(claim(run, made.get(), place.owner()), place);
            } else {
              place.free();
            }
          } else if (failure == null && made.isPresent()) {
            engine.kick();
          }
        });
    return written.thenCompose(made -> result(start, made));
  }

  private CompletionStage<Result> result(Start start, Optional<Made> made) {
    if (made.isPresent()) {
      return CompletableFuture.completedFuture(
          new Result.Started(
              made.get().run(),
              start.owner() == null ? RunStatus.QUEUED : RunStatus.RUNNING,
              made.get().createdAt()));
    }
    if (start.idempotency() == null) {
      return CompletableFuture.completedFuture(new Result.IdTaken());
    }
    return sql.earlier(start.run(), start.idempotency())
        .<Result>map(earlier -> {
          if (earlier == null) {
            return new Result.IdTaken();
          }
          return earlier.sameRequest()
              ? new Result.Repeated(earlier.run())
              : new Result.KeyReused();
        })
        .toCompletionStage();
  }

  private static Claim claim(NewRun run, Made made, long owner) {
    return new Claim(
        made.run(),
        run.type(),
        run.id(),
        run.version(),
        1,
        run.principal(),
        run.params(),
        run.parent(),
        owner,
        1,
        0,
        made.createdAt(),
        List.of(),
        new Inbox(0, List.of()));
  }
}
