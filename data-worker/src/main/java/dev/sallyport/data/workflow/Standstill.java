package dev.sallyport.data.workflow;

import io.vertx.core.Future;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Says why a run that is ready is not executed: nobody serves its version, or a limit of its type
 * is reached. Thread-safe, does not block.
 */
@Singleton
class Standstill {
  private final Registry registry;
  private final StandstillSql sql;

  @Inject
  Standstill(Registry registry, StandstillSql sql) {
    this.registry = registry;
    this.sql = sql;
  }

  /**
   * The reason, as JSON; null when there is none but the run's turn.
   *
   * @param run a queued one
   */
  Future<@Nullable String> why(RunRow run) {
    var options =
        registry
            .find(run.type(), run.version())
            .or(() -> registry.find(run.type()))
            .map(Definition::options);
    int concurrency =
        options.map(WorkflowOptions::concurrency).filter(of -> of.isPresent()).isPresent()
            ? options.orElseThrow().concurrency().getAsInt()
            : 0;
    return sql.look(run.type(), run.version(), concurrency)
        .map(look -> why(run, concurrency, options.flatMap(WorkflowOptions::startRate), look));
  }

  private static @Nullable String why(
      RunRow run, int concurrency, Optional<WorkflowOptions.Rate> rate, StandstillSql.Look look) {
    if (!look.served()) {
      return "{\"kind\":\"version\",\"version\":" + run.version() + "}";
    }
    if (concurrency > 0 && look.running() >= concurrency) {
      return "{\"kind\":\"limit\",\"limit\":\"concurrency\",\"of\":" + concurrency + "}";
    }
    var next = look.nextStart();
    if (rate.isPresent() && next != null) {
      var of = rate.get();
      var until = next.minus(of.per()).plus(of.per().dividedBy(of.count()));
      if (until.isAfter(look.now())) {
        return "{\"kind\":\"limit\",\"limit\":\"start-rate\",\"of\":"
            + of.count()
            + ",\"per\":\""
            + of.per()
            + "\",\"until\":\""
            + until
            + "\"}";
      }
    }
    return null;
  }
}
