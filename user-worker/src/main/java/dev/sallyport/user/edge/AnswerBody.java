package dev.sallyport.user.edge;

import dev.sallyport.user.platform.Problems;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * The body of a private answer on its way to the client: a small one in one piece, others as they
 * come and as fast as the client reads. Its head has been prepared. Confined to the event loop of
 * the client's connection.
 */
final class AnswerBody {
  /** Up to this length a body is collected rather than streamed. */
  private static final int COLLECTED_BYTES_MAX = 16 * 1024;

  private final RoutingContext context;
  private final HttpServerResponse answer;
  private final HttpClientResponse from;
  private final Patience patience;

  AnswerBody(RoutingContext context, HttpClientResponse from, Patience patience) {
    this.context = context;
    this.answer = context.response();
    this.from = from;
    this.patience = patience;
  }

  /**
   * Begins to pass it on.
   *
   * @param ends told that all of it is there; whether the call had not ended before
   * @param failed told why no more of it comes
   */
  void pass(BooleanSupplier ends, Consumer<Throwable> failed) {
    if (isSmall()) {
      from.body()
          .onSuccess(body -> {
            if (ends.getAsBoolean()) {
              finish(body);
            }
          })
          .onFailure(failed::accept);
    } else {
      stream(ends);
    }
  }

  private boolean isSmall() {
    var length = from.getHeader(HttpHeaders.CONTENT_LENGTH);
    return length != null
        && length.length() <= 5
        && Integer.parseInt(length) <= COLLECTED_BYTES_MAX;
  }

  private void finish(Buffer body) {
    if (AnswerHead.isHead(context.request()) || body.length() == 0) {
      answer.end();
    } else {
      answer.end(body);
    }
    forgetRest();
  }

  private void stream(BooleanSupplier ends) {
    from.handler(piece -> {
      patience.moved();
      answer.write(piece);
      if (answer.writeQueueFull()) {
        from.pause();
        answer.drainHandler(drained -> {
          patience.moved();
          from.resume();
        });
      }
    });
    from.endHandler(last -> {
      if (ends.getAsBoolean()) {
        answer.end();
        forgetRest();
      }
    });
  }

  /**
   * Where the answer came before the end of the request's body, the rest of that belongs to nobody:
   * neither connection can be used again.
   */
  private void forgetRest() {
    if (Problems.isBodyLeft(context.request())) {
      from.request().connection().close();
      Problems.closeAfterLinger(context);
    }
  }
}
