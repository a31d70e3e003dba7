package dev.sallyport.user.queue;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.QueuedMessage;
import dev.sallyport.user.auth.Principal;
import dev.sallyport.user.platform.EventLoop;
import dev.sallyport.user.platform.MediaTypes;
import dev.sallyport.user.platform.ProblemException;
import dev.sallyport.user.platform.Problems;
import dev.sallyport.user.platform.Ticker;
import dev.sallyport.user.queue.SendMetrics.Outcome;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The two paths that messages come in by. The edge has found out who is calling and has collected
 * the body. On the event loop.
 */
@ApplicationScoped
public class SendRoutes {
  /** Before Quarkus's own handlers, after the edge. */
  private static final int EARLY = -1;

  private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");
  private static final int ACCEPTED = 202;

  private final OpenQueues queues;
  private final SendBody bodies;
  private final Sends sends;
  private final SendMetrics metrics;
  private final Ticker ticker;

  @Inject
  SendRoutes(OpenQueues queues, SendBody bodies, Sends sends, SendMetrics metrics, Ticker ticker) {
    this.queues = queues;
    this.bodies = bodies;
    this.sends = sends;
    this.metrics = metrics;
    this.ticker = ticker;
  }

  void install(@Observes Router router) {
    router
        .route("/api/queues/:queue/messages")
        .order(EARLY)
        .handler(context -> serve(context, this::message));
    router
        .route("/api/queues/:queue/batches")
        .order(EARLY)
        .handler(context -> serve(context, this::batch));
  }

  /** Answers with the JSON of what was sent. */
  private interface Send {
    Future<String> of(String queue, String sender, byte[] body);
  }

  private Future<String> message(String queue, String sender, byte[] body) {
    return sends
        .one(queue, sender, bodies.message(body))
        .map(id -> "{\"id\":" + JsonText.quoted(id) + "}");
  }

  private Future<String> batch(String queue, String sender, byte[] body) {
    return sends.all(queue, sender, bodies.batch(body)).map(SendRoutes::listed);
  }

  private static String listed(List<String> ids) {
    var json = new StringBuilder(16 + 40 * ids.size()).append("{\"ids\":[");
    for (int i = 0; i < ids.size(); i++) {
      json.append(i == 0 ? "" : ",").append(JsonText.quoted(ids.get(i)));
    }
    return json.append("]}").toString();
  }

  private void serve(RoutingContext context, Send send) {
    long began = ticker.nanos();
    accept(context, send)
        .onComplete(sent -> {
          if (sent.succeeded()) {
            context
                .response()
                .setStatusCode(ACCEPTED)
                .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
                .end(sent.result());
          } else {
            Problems.answer(context, sent.cause());
          }
          metrics.ended(
              sent.succeeded() ? Outcome.ACCEPTED : outcome(sent.cause()),
              Duration.ofNanos(ticker.nanos() - began));
        });
  }

  private static Outcome outcome(Throwable failure) {
    if (!(failure instanceof ProblemException known)) {
      return Outcome.FAILED;
    }
    return switch (known.problem().type()) {
      case OVERLOADED -> Outcome.OVERLOADED;
      case STORE_DOWN -> Outcome.UNAVAILABLE;
      default -> Outcome.REFUSED;
    };
  }

  private Future<String> accept(RoutingContext context, Send send) {
    var queue = Objects.requireNonNull(context.pathParam("queue"), "the path has it");
    var caller =
        Objects.requireNonNull(Principal.of(context), "the edge admits no anonymous caller");
    if (!QueuedMessage.isQueueName(queue)) {
      return Future.failedFuture(SendError.noSuchQueue());
    }
    var found = EventLoop.here(queues.find(queue));
    return found.succeeded()
        ? accept(context, send, queue, caller, found.result())
        : found.compose(senders -> accept(context, send, queue, caller, senders));
  }

  private static Future<String> accept(
      RoutingContext context, Send send, String queue, Principal caller, Optional<Senders> found) {
    if (found.isEmpty() || !found.get().include(caller)) {
      return Future.failedFuture(SendError.noSuchQueue());
    }
    if (!MediaTypes.isJson(context.request().headers())) {
      return refused(ProblemType.UNSUPPORTED_MEDIA_TYPE, "Send application/json.");
    }
    Buffer body = context.body().buffer();
    try {
      return send.of(queue, caller.userId(), body == null ? new byte[0] : body.getBytes());
    } catch (ProblemException refused) {
      return Future.failedFuture(refused);
    }
  }

  private static Future<String> refused(ProblemType type, String detail) {
    return Future.failedFuture(new ProblemException(Problem.of(type, detail)));
  }
}
