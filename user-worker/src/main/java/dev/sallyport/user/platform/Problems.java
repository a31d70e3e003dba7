package dev.sallyport.user.platform;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.WorkerHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Answers problems, the same way everywhere. On the request's event loop; does not block. */
public final class Problems {
  private static final Logger LOG = Logger.getLogger(Problems.class);
  private static final String REQUEST_ID = "sallyport.request-id";

  /**
   * How much time a client has to stop sending a body that nobody reads. Closing at once could make
   * its system throw the answer away unread (RFC 9112, 9.6).
   */
  private static final Duration LINGER = Duration.ofMillis(500);

  private Problems() {}

  /** Gives the request its id; called once, before anything can fail. */
  public static void begin(RoutingContext context, String requestId) {
    context.put(REQUEST_ID, requestId);
    context.response().putHeader(WorkerHeaders.REQUEST_ID, requestId);
  }

  /** Whether the request has its id. */
  public static boolean hasBegun(RoutingContext context) {
    return context.get(REQUEST_ID) != null;
  }

  /** The id that the edge gave this request. */
  public static String requestId(RoutingContext context) {
    String id = context.get(REQUEST_ID);
    return id == null ? "none" : id;
  }

  /**
   * Ends the request with this problem. Where an answer has begun already, the connection is cut
   * instead, so that no half answer looks whole.
   */
  public static void answer(RoutingContext context, Problem problem) {
    var request = context.request();
    var response = context.response();
    if (response.ended() || response.closed()) {
      return;
    }
    if (response.headWritten()) {
      request.connection().close();
      return;
    }
    // Of another answer that was being made nothing may stay.
    response.headers().clear().add(WorkerHeaders.REQUEST_ID, requestId(context));
    response.setStatusCode(problem.type().status());
    response.putHeader(HttpHeaders.CONTENT_TYPE, Problem.MEDIA_TYPE);
    if (problem.type().status() == 401) {
      response.putHeader(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
    }
    var retryAfter = problem.retryAfterSeconds();
    if (retryAfter != null) {
      response.putHeader(HttpHeaders.RETRY_AFTER, retryAfter);
    }
    end(context, Buffer.buffer(problem.toJson(requestId(context))));
  }

  /** Ends the request with 204 and the headers that were set, whatever is left of its body. */
  public static void answerNothing(RoutingContext context) {
    context.response().setStatusCode(204);
    end(context, null);
  }

  private static void end(RoutingContext context, @Nullable Buffer body) {
    var response = context.response();
    boolean bodyLeft = isBodyLeft(context.request());
    if (bodyLeft) {
      response.putHeader(HttpHeaders.CONNECTION, "close");
    }
    if (body == null) {
      response.end();
    } else {
      response.end(body);
    }
    if (bodyLeft) {
      closeAfterLinger(context);
    }
  }

  /** Ends the request with what this failure means to a client; logs it if it is a defect. */
  public static void answer(RoutingContext context, Throwable failure) {
    if (failure instanceof ProblemException known) {
      answer(context, known.problem());
    } else {
      answer(context, unexpected(requestId(context), failure));
    }
  }

  /** What a bare status from the framework means. */
  public static Problem ofStatus(int status) {
    return switch (status) {
      case 401 -> Problem.of(ProblemType.UNAUTHENTICATED, "Sign in and send the access token.");
      case 403 -> Problem.of(ProblemType.FORBIDDEN, "This is not for you.");
      case 404 -> Problem.of(ProblemType.NOT_FOUND, "No such path.");
      case 405 -> Problem.of(ProblemType.METHOD_NOT_ALLOWED, "This path takes other methods.");
      case 406 -> Problem.of(ProblemType.NOT_ACCEPTABLE, "Accept application/json.");
      case 408 -> Problem.of(ProblemType.REQUEST_TIMEOUT, "The request took too long to arrive.");
      case 413 -> Problem.of(ProblemType.TOO_LARGE, "The body is larger than this path takes.");
      case 415 -> Problem.of(ProblemType.UNSUPPORTED_MEDIA_TYPE, "Send application/json.");
      case 503 ->
          Problem.retryable(ProblemType.OVERLOADED, "Try again soon.", Duration.ofSeconds(1));
      default ->
          status >= 400 && status < 500
              ? Problem.of(ProblemType.BAD_REQUEST, "The request cannot be read.")
              : Problem.of(ProblemType.INTERNAL, "This failed inside.");
    };
  }

  /** Logs a defect under the request's id and gives the problem that tells nothing about it. */
  static Problem unexpected(String requestId, Throwable failure) {
    LOG.errorf(failure, "request %s failed", requestId);
    return Problem.of(
        ProblemType.INTERNAL, "This failed inside; the request id finds it in the logs.");
  }

  /**
   * Whether some of the request's body is still to come. One without a body may not have ended
   * either when a fast answer is there: its end is an event like others, and comes a moment later.
   */
  public static boolean isBodyLeft(HttpServerRequest request) {
    return !request.isEnded() && announcesBody(request);
  }

  private static boolean announcesBody(HttpServerRequest request) {
    return request.headers().contains(HttpHeaders.TRANSFER_ENCODING)
        || (request.headers().contains(HttpHeaders.CONTENT_LENGTH)
            && !"0".equals(request.getHeader(HttpHeaders.CONTENT_LENGTH)));
  }

  /** Throws away what still comes of the request, for a short while, then hangs up. */
  public static void closeAfterLinger(RoutingContext context) {
    var request = context.request();
    var connection = request.connection();
    request.handler(discarded -> {});
    request.exceptionHandler(gone -> {});
    request.resume();
    context.vertx().setTimer(LINGER.toMillis(), timer -> connection.close());
  }
}
