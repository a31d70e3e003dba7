package dev.sallyport.user.edge;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.user.platform.Problems;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import java.time.Duration;

/**
 * Reads the body for a handler of our own before that runs, so that no thread waits for a slow
 * client and no answer but ours says that there was too much of it. Confined to the event loop of
 * the client's connection.
 */
final class CollectedBody {
  private final RoutingContext context;
  private final HttpServerRequest request;
  private final int bytesMax;
  private final Buffer body = Buffer.buffer();
  private final long timer;
  private boolean ended;

  private CollectedBody(RoutingContext context, int bytesMax, Duration within) {
    this.context = context;
    this.request = context.request();
    this.bytesMax = bytesMax;
    this.timer = context.vertx().setTimer(within.toMillis(), late -> end(tooSlow()));
  }

  /**
   * Passes the request on with its body, or answers 413 or 408. A client that leaves gets nothing.
   */
  static void collect(RoutingContext context, int bytesMax, Duration within) {
    var request = context.request();
    var length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length == null && !request.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
      context.next();
    } else if (length != null && Long.parseLong(length) > bytesMax) {
      Problems.answer(context, tooLarge(bytesMax));
    } else {
      new CollectedBody(context, bytesMax, within).read();
    }
  }

  private void read() {
    if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
      request.headers().remove(HttpHeaders.EXPECT);
      request.response().writeContinue();
    }
    request.handler(this::more).endHandler(last -> pass()).exceptionHandler(gone -> stop());
    request.resume();
  }

  private void more(Buffer piece) {
    if (body.length() + piece.length() <= bytesMax) {
      body.appendBuffer(piece);
    } else {
      end(tooLarge(bytesMax));
    }
  }

  private void pass() {
    if (stop()) {
      ((RoutingContextInternal) context).setBody(body);
      context.next();
    }
  }

  private void end(Problem problem) {
    if (stop()) {
      Problems.answer(context, problem);
    }
  }

  private boolean stop() {
    boolean first = !ended;
    ended = true;
    context.vertx().cancelTimer(timer);
    return first;
  }

  private static Problem tooLarge(int bytesMax) {
    return Problem.of(ProblemType.TOO_LARGE, "The body may have at most " + bytesMax + " bytes.");
  }

  private static Problem tooSlow() {
    return Problem.of(ProblemType.REQUEST_TIMEOUT, "The body did not arrive in time.");
  }
}
