package dev.sallyport.user.edge;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.user.binding.Binding;
import dev.sallyport.user.binding.Binding.Outcome;
import dev.sallyport.user.binding.BindingCall;
import dev.sallyport.user.binding.BindingFailure;
import dev.sallyport.user.binding.Fallback;
import dev.sallyport.user.platform.Problems;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Optional;
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
  private final long bodyBytesMax;
  private final boolean streams;
  private final Patience patience;
  private final ClientBody body;
  private final Repetition repetition;
  private final long began = System.nanoTime();

  /** The same each time it is made, but for the time that is left. */
  private BindingCall call;

  private Runnable attempt = this::openForStream;
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
    this.repetition =
        new Repetition(context.vertx(), binding.retry(call), patience, this::makeAgain);
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
    if (content != null && content.length() > 0) {
      repetition.bodyRead();
    }
    attempt = () -> send(content);
    // The wait for a connection counts.
    watchDeadline();
    send(content);
  }

  private void send(@Nullable Buffer content) {
    (streams
            ? binding.openStream(call).compose(opened -> ask(opened, content))
            : binding.send(call, opened -> ask(opened, content)))
        .onSuccess(this::answered)
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
    openForStream();
  }

  private void openForStream() {
    binding
        .openStream(call)
        .onFailure(this::failed)
        .onSuccess(opened -> {
          if (!adopt(opened)) {
            return;
          }
          repetition.bodyRead();
          body.announceTo(opened);
          opened.response().onSuccess(this::answered).onFailure(this::failed);
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

  private void answered(HttpClientResponse response) {
    if (ended) {
      return;
    }
    response.exceptionHandler(this::failed);
    if (!repetition.isWorthReading(response)) {
      headArrived(response);
      return;
    }
    response
        .body()
        .onSuccess(refusal -> {
          if (!ended && !repetition.begins(refusal)) {
            headArrived(response);
          }
        })
        .onFailure(this::failed);
  }

  private void makeAgain() {
    request = null;
    if (!ended) {
      call = call.within(patience.left());
      attempt.run();
    }
  }

  private void headArrived(HttpClientResponse response) {
    headArrived = true;
    patience.stop();
    if (response.statusCode() == MISDIRECTED) {
      fail(Outcome.BROKEN, BindingFailure.REFUSED.problem(true));
      return;
    }
    AnswerHead.copy(response, client, System.nanoTime() - began);
    new AnswerBody(context, response, patience).pass(this::succeed, this::failed);
    if (!ended) {
      watchSilence();
    }
  }

  private void tooLarge() {
    fail(
        Outcome.ABANDONED,
        Problem.of(
            ProblemType.TOO_LARGE, "The body may have at most " + bodyBytesMax + " bytes here."));
  }

  /** From now on the head of the answer has the binding's timeout to arrive. */
  private void watchDeadline() {
    patience.until(binding.timeout(), this::tooLate);
  }

  private void tooLate() {
    var late = request;
    request = null;
    failed(BindingFailure.TIMED_OUT);
    if (late != null) {
      Binding.giveUp(late);
    }
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
    if (!ended && (headArrived || !repetition.begins(failure))) {
      failed(failure);
    }
  }

  private void failed(BindingFailure failure) {
    var instead =
        headArrived || ended ? Optional.<Fallback.Answer>empty() : binding.insteadOf(call, failure);
    if (instead.isEmpty()) {
      fail(failure.outcome(), failure.problem(call.isIdempotent()));
    } else if (end(failure.outcome(), instead.get().status())) {
      if (request != null) {
        request.reset();
      }
      FallbackAnswer.send(context, instead.get());
    }
  }

  private void fail(Outcome outcome, Problem problem) {
    if (end(outcome, problem.type().status())) {
      if (request != null) {
        request.reset();
      }
      Problems.answer(context, problem);
    }
  }

  private void abandon() {
    // 0: nobody was there to be answered.
    if (end(Outcome.ABANDONED, 0) && request != null) {
      request.reset();
    }
  }

  private boolean succeed() {
    return end(Outcome.SUCCEEDED, answer.getStatusCode());
  }

  private boolean end(Outcome outcome, int status) {
    if (ended) {
      return false;
    }
    ended = true;
    body.stop();
    patience.stop();
    binding.ended(call, outcome, status, Duration.ofNanos(System.nanoTime() - began));
    return true;
  }
}
