package dev.sallyport.data.workflow;

import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import io.vertx.core.Future;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.regex.Pattern;

/** Takes events for runs from clients. Thread-safe, does not block. */
@Singleton
class Events {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._:~-]{1,128}");

  private final RunReader reader;
  private final RunSql runs;
  private final EventSql sql;
  private final Registry registry;
  private final Payloads payloads;
  private final Engine engine;
  private final Followers followers;

  @Inject
  Events(
      RunReader reader,
      RunSql runs,
      EventSql sql,
      Registry registry,
      Payloads payloads,
      Engine engine,
      Followers followers) {
    this.reader = reader;
    this.runs = runs;
    this.sql = sql;
    this.registry = registry;
    this.payloads = payloads;
    this.engine = engine;
    this.followers = followers;
  }

  /**
   * Sends an event.
   *
   * @param payload JSON
   * @return completes once it is durable; fails with 404, 409, 422, 503
   */
  Future<Void> send(Caller.User caller, String type, String id, String event, String payload) {
    return reader.visible(caller, type, id).compose(run -> send(run, event, payload));
  }

  private Future<Void> send(RunRow run, String event, String payload) {
    if (!NAME.matcher(event).matches()) {
      return Future.failedFuture(
          StartBody.invalid("event", "is 1 to 128 letters, digits and . _ : ~ -"));
    }
    if (run.status().isFinished()) {
      return Future.failedFuture(over());
    }
    payloads.checkFromClient("body", payload);
    registry
        .find(run.type(), run.version())
        .map(definition -> definition.options().events().get(event))
        .ifPresent(declared -> payloads.fromClient("body", payload, payloads.type(declared)));
    return sql.send(run.pk(), event, payload)
        .compose(taken -> {
          if (taken.isEmpty()) {
            return runs.find(run.pk()).compose(now -> Future.failedFuture(refusal(now)));
          }
          if (taken.get() == RunStatus.QUEUED) {
            engine.kick();
          }
          followers.changed(run.pk());
          return Future.succeededFuture();
        });
  }

  private static Refusal refusal(java.util.Optional<RunRow> run) {
    if (run.isEmpty()) {
      return Reach.noRun();
    }
    return run.get().status().isFinished()
        ? over()
        : Refusal.of(
            Problem.retryable(
                ProblemType.OVERLOADED,
                EventSql.WAITING_MAX + " events wait for this run to take them.",
                Duration.ofSeconds(5)));
  }

  private static Refusal over() {
    return Controls.conflict("The run is over and takes no more events.");
  }
}
