package dev.sallyport.data.binding;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;

/**
 * Answers a request with a {@link Problem}, for code that is a Vert.x route rather than a JAX-RS
 * resource; that one throws a {@link Refusal}. Call it on the request's event loop.
 */
public final class Problems {
  /** How long a client that is still sending may take to notice that it was answered. */
  private static final Duration LINGER = Duration.ofSeconds(1);

  /** What becomes of the rest of a body that nobody wants. */
  enum Body {
    /** Not read: the connection ends with the answer, and a client in mid-body may miss it. */
    UNREAD,
    /** Read and forgotten for {@link #LINGER}, so that the client sees the answer. */
    DISCARDED
  }

  private Problems() {}

  /** Answers, and discards what is still coming. Does nothing once the answer has begun. */
  public static void send(RoutingContext rc, Problem problem) {
    send(rc, problem, InternalCall.current().requestId(), Body.DISCARDED);
  }

  /**
   * Answers 405.
   *
   * @param allow the methods that are allowed, as the header lists them
   */
  public static void methodNotAllowed(RoutingContext rc, String allow) {
    rc.response().putHeader(HttpHeaders.ALLOW, allow);
    send(rc, Problem.of(ProblemType.METHOD_NOT_ALLOWED, "Allowed here: " + allow + "."));
  }

  static void send(RoutingContext rc, Problem problem, String requestId, Body rest) {
    var request = rc.request();
    var response = rc.response();
    if (response.headWritten()) {
      // Too late to say anything: what has been sent must not look whole.
      request.connection().close();
      return;
    }
    response
        .setStatusCode(problem.type().status())
        .putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE);
    var retryAfter = problem.retryAfterSeconds();
    if (retryAfter != null) {
      response.putHeader(HttpHeaders.RETRY_AFTER, retryAfter);
    }
    boolean more =
        !request.isEnded()
            && Bodies.isAnnounced(request, request.getHeader(HttpHeaders.CONTENT_LENGTH));
    if (more) {
      response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }
    var sent = response.end(problem.toJson(requestId));
    if (more) {
      switch (rest) {
        case UNREAD -> sent.onComplete(done -> request.connection().close());
        case DISCARDED -> linger(rc);
      }
    }
  }

  private static void linger(RoutingContext rc) {
    var request = rc.request();
    long timer = rc.vertx().setTimer(LINGER.toMillis(), late -> request.connection().close());
    request
        .handler(forgotten -> {})
        .exceptionHandler(gone -> rc.vertx().cancelTimer(timer))
        .endHandler(end -> {
          rc.vertx().cancelTimer(timer);
          request.connection().close();
        })
        .resume();
  }
}
