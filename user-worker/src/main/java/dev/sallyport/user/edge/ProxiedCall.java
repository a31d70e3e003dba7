package dev.sallyport.user.edge;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.user.binding.Binding;
import dev.sallyport.user.binding.Binding.Outcome;
import dev.sallyport.user.binding.BindingCall;
import dev.sallyport.user.binding.BindingFailure;
import dev.sallyport.user.platform.Problems;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through to a private service and its answer on the way back. Confined to
 * the event loop of the client's connection.
 *
 * <p>Bodies stream both ways under back-pressure; a small body with a known length is collected
 * first, so that a client that sends a byte a second holds no connection to the private side, and
 * goes out in one write. So is every body for something that one worker owns, since it may have to
 * go out again. An answer that breaks off cuts the client's connection: what is left of it can
 * never look whole.
 */
final class ProxiedCall {
  /** Up to this length a body is collected rather than streamed. */
  private static final int COLLECTED_BYTES_MAX = 16 * 1024;

  /** A path that takes bodies larger than this answers with such too. */
  private static final int STREAM_ABOVE_BYTES = 1024 * 1024;

  /** The service that was called is not the one to answer this. */
  private static final int MISDIRECTED = 421;

  private final RoutingContext context;
  private final HttpServerRequest client;
  private final HttpServerResponse answer;
  private final Binding binding;
  private final BindingCall call;
  private final long bodyBytesMax;
  private final boolean streams;
  private final Patience patience;
  private final ClientBody body;
  private final long began = System.nanoTime();

  private @Nullable HttpClientRequest request;
  private boolean headArrived;
  private boolean ended;

  ProxiedCall(RoutingContext context, Binding binding, BindingCall call, long bodyBytesMax) {
    this.context = context;
    this.client = context.request();
    this.answer = context.response();
    this.binding = binding;
    this.call = call;
    this.bodyBytesMax = bodyBytesMax;
    this.streams = bodyBytesMax > STREAM_ABOVE_BYTES;
    this.patience = new Patience(context.vertx());
    this.body = new ClientBody(client, bodyBytesMax, patience);
  }

  void start() {
    answer.exceptionHandler(gone -> abandon());
    answer.closeHandler(closed -> abandon());
    client.exceptionHandler(gone -> abandon());
    if (!body.isThere()) {
      client.resume();
      open(null);
      return;
    }
    long announced = body.announced();
    if (announced > bodyBytesMax) {
      tooLarge();
      return;
    }
    if (body.isAwaited()) {
      answer.writeContinue();
    }
    if ((announced >= 0 && announced <= COLLECTED_BYTES_MAX) || binding.isOwned(call)) {
      watchSilence();
      body.collect(this::open, this::tooLarge);
    } else {
      openAndStream();
    }
  }

  /** Sends a call whose body, if any, is in hand. */
  private void open(@Nullable Buffer content) {
    if (ended) {
      return;
    }
    // The wait for a connection counts.
    watchDeadline();
    (streams
            ? binding.openStream(call).compose(opened -> ask(opened, content))
            : binding.send(call, opened -> ask(opened, content)))
        .onSuccess(this::headArrived)
        .onFailure(this::failed);
  }

  private Future<HttpClientResponse> ask(HttpClientRequest opened, @Nullable Buffer content) {
    if (!adopt(opened)) {
      return Future.failedFuture("the client has left");
    }
    return (content == null ? opened.send() : opened.send(content))
        .onSuccess(response -> {
          if (response.statusCode() == MISDIRECTED) {
            // The next may be on its way. This one's connection is for others once it has ended.
            request = null;
          }
        });
  }

  private void openAndStream() {
    watchDeadline();
    binding
        .openStream(call)
        .onFailure(this::failed)
        .onSuccess(opened -> {
          if (!adopt(opened)) {
            return;
          }
          body.announceTo(opened);
          opened.response().onSuccess(this::headArrived).onFailure(this::failed);
          watchSilence();
          body.stream(opened, this::sent, this::tooLarge);
        });
  }

  private void sent() {
    if (!headArrived) {
      watchDeadline();
    }
  }

  /** Takes a connection over, unless the client has gone while it opened. */
  private boolean adopt(HttpClientRequest opened) {
    opened.exceptionHandler(broken -> {
      if (opened.equals(request)) {
        failed(broken);
      }
    });
    if (ended) {
      opened.reset();
      return false;
    }
    request = opened;
    return true;
  }

  private void headArrived(HttpClientResponse response) {
    if (ended) {
      return;
    }
    headArrived = true;
    response.exceptionHandler(this::failed);
    patience.stop();
    if (response.statusCode() == MISDIRECTED) {
      fail(Outcome.BROKEN, BindingFailure.REFUSED.problem(true));
      return;
    }
    AnswerHead.copy(response, client, System.nanoTime() - began);
    var length = response.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length != null && isSmall(length)) {
      response.body().onSuccess(this::finish).onFailure(this::failed);
      watchSilence();
    } else {
      streamAnswer(response);
    }
  }

  private static boolean isSmall(String length) {
    return length.length() <= 5 && Integer.parseInt(length) <= COLLECTED_BYTES_MAX;
  }

  private void finish(Buffer body) {
    if (!ended) {
      succeed();
      if (AnswerHead.isHead(client) || body.length() == 0) {
        answer.end();
      } else {
        answer.end(body);
      }
      forgetRest();
    }
  }

  /**
   * Where the answer came before the end of the body, the rest of that belongs to nobody: neither
   * connection can be used again.
   */
  private void forgetRest() {
    if (Problems.isBodyLeft(client)) {
      if (request != null) {
        request.connection().close();
      }
      Problems.closeAfterLinger(context);
    }
  }

  private void streamAnswer(HttpClientResponse response) {
    response.handler(piece -> {
      patience.moved();
      answer.write(piece);
      if (answer.writeQueueFull()) {
        response.pause();
        answer.drainHandler(drained -> {
          patience.moved();
          response.resume();
        });
      }
    });
    response.endHandler(last -> {
      if (!ended) {
        succeed();
        answer.end();
        forgetRest();
      }
    });
    watchSilence();
  }

  private void tooLarge() {
    fail(
        Outcome.ABANDONED,
        Problem.of(
            ProblemType.TOO_LARGE, "The body may have at most " + bodyBytesMax + " bytes here."));
  }

  /** From now on the head of the answer has the binding's timeout to arrive. */
  private void watchDeadline() {
    patience.until(
        binding.timeout(),
        () -> fail(Outcome.TIMED_OUT, BindingFailure.TIMED_OUT.problem(call.isIdempotent())));
  }

  /** From now on the call ends once nothing has moved, in either direction, for a while. */
  private void watchSilence() {
    patience.whileMoving(
        binding.silence(),
        () ->
            fail(
                headArrived ? Outcome.TIMED_OUT : Outcome.ABANDONED,
                Problem.of(ProblemType.REQUEST_TIMEOUT, "The body stopped arriving.")));
  }

  private void failed(Throwable cause) {
    var failure = BindingFailure.of(cause);
    fail(failure.outcome(), failure.problem(call.isIdempotent()));
  }

  private void fail(Outcome outcome, Problem problem) {
    if (end(outcome)) {
      if (request != null) {
        request.reset();
      }
      Problems.answer(context, problem);
    }
  }

  private void abandon() {
    if (end(Outcome.ABANDONED) && request != null) {
      request.reset();
    }
  }

  private void succeed() {
    end(Outcome.SUCCEEDED);
  }

  private boolean end(Outcome outcome) {
    if (ended) {
      return false;
    }
    ended = true;
    body.stop();
    patience.stop();
    binding.count(outcome, Duration.ofNanos(System.nanoTime() - began));
    return true;
  }
}
