package dev.sallyport.data.workflow;

import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Problems;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The progress of a run as server-sent events, for whoever asks for {@code text/event-stream}. On
 * the router rather than a JAX-RS resource, so that what a client does not read is not read from
 * Postgres either. On the event loop.
 */
@Singleton
class ProgressRoute {
  /** Each may hold a page that its client does not read. */
  static final int STREAMS_MAX = 1000;

  private static final String EVENT_STREAM = "text/event-stream";

  private final Vertx vertx;
  private final RunReader reader;
  private final RunSql runs;
  private final Followers followers;
  private final AtomicInteger open = new AtomicInteger();

  @Inject
  ProgressRoute(Vertx vertx, RunReader reader, RunSql runs, Followers followers) {
    this.vertx = vertx;
    this.reader = reader;
    this.runs = runs;
    this.followers = followers;
  }

  void routes(@Observes Router router) {
    router.get(WorkflowResource.PATH + "/:type/:id").handler(this::meet);
  }

  private void meet(RoutingContext rc) {
    var accept = rc.request().getHeader(HttpHeaders.ACCEPT);
    if (accept == null || !accept.toLowerCase(Locale.ROOT).contains(EVENT_STREAM)) {
      rc.next();
      return;
    }
    var caller = InternalCall.current().caller().user();
    var context = vertx.getOrCreateContext();
    find(rc, caller)
        .onComplete(found ->
            context.runOnContext(here -> {
              if (found.failed()) {
                refuse(rc, found.cause());
              } else {
                open(rc, found.result());
              }
            }));
  }

  private Future<RunRow> find(RoutingContext rc, Caller.User caller) {
    return reader.visible(
        caller,
        Objects.requireNonNull(rc.pathParam("type")),
        Objects.requireNonNull(rc.pathParam("id")));
  }

  private void open(RoutingContext rc, RunRow run) {
    if (rc.response().closed()) {
      return;
    }
    if (open.incrementAndGet() > STREAMS_MAX) {
      open.decrementAndGet();
      refuse(rc, Followers.overloaded());
      return;
    }
    var stream =
        new ProgressStream(
            vertx, rc.request(), reader, runs, followers, run, open::decrementAndGet);
    try {
      stream.begin(rc.request().getHeader("Last-Event-ID"));
    } catch (Refusal full) {
      open.decrementAndGet();
      refuse(rc, full);
    }
  }

  private static void refuse(RoutingContext rc, @Nullable Throwable failure) {
    switch (failure) {
      case Refusal refusal -> Problems.send(rc, refusal.problem());
      case StoreFailure _ ->
          Problems.send(
              rc,
              Problem.retryable(
                  ProblemType.STORE_DOWN, "Nothing was done: try again.", Duration.ofSeconds(1)));
      case null, default -> rc.fail(failure);
    }
  }
}
