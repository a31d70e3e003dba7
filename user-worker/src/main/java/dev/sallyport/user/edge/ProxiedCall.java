package dev.sallyport.user.edge;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.WorkerHeaders;
import dev.sallyport.user.binding.Binding;
import dev.sallyport.user.binding.Binding.Outcome;
import dev.sallyport.user.binding.BindingCall;
import dev.sallyport.user.binding.BindingFailure;
import dev.sallyport.user.platform.Problems;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way through to a private service and its answer on the way back. Confined to
 * the event loop of the client's connection.
 *
 * <p>Bodies stream both ways under back-pressure; a small body with a known length is collected
 * first, so that a client that sends a byte a second holds no connection to the private side, and
 * goes out in one write. An answer that breaks off cuts the client's connection: what is left of it
 * can never look whole.
 */
final class ProxiedCall {
  /** Up to this length a body is collected rather than streamed. */
  private static final int COLLECTED_BYTES_MAX = 16 * 1024;

  /** A path that takes bodies larger than this answers with such too. */
  private static final int STREAM_ABOVE_BYTES = 1024 * 1024;

  private static final Set<HttpMethod> IDEMPOTENT =
      Set.of(
          HttpMethod.GET,
          HttpMethod.HEAD,
          HttpMethod.OPTIONS,
          HttpMethod.PUT,
          HttpMethod.DELETE,
          HttpMethod.TRACE);

  private static final CharSequence BINDING_TIME =
      HttpHeaders.createOptimized(WorkerHeaders.BINDING_TIME);
  private static final CharSequence SERVER_TIMING = HttpHeaders.createOptimized("Server-Timing");

  private final RoutingContext context;
  private final HttpServerRequest client;
  private final HttpServerResponse answer;
  private final Binding binding;
  private final BindingCall call;
  private final long bodyBytesMax;
  private final boolean streams;
  private final Patience patience;
  private final long began = System.nanoTime();

  private @Nullable HttpClientRequest request;
  private long bodyBytes;
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
  }

  void start() {
    answer.exceptionHandler(gone -> abandon());
    answer.closeHandler(closed -> abandon());
    client.exceptionHandler(gone -> abandon());
    var length = client.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length == null && !client.headers().contains(HttpHeaders.TRANSFER_ENCODING)) {
      client.resume();
      open(null);
      return;
    }
    long announced = length == null ? -1 : Long.parseLong(length);
    if (announced > bodyBytesMax) {
      fail(Outcome.ABANDONED, tooLarge());
      return;
    }
    if ("100-continue".equalsIgnoreCase(client.getHeader(HttpHeaders.EXPECT))) {
      answer.writeContinue();
    }
    if (announced >= 0 && announced <= COLLECTED_BYTES_MAX) {
      watchSilence();
      client.body().onSuccess(this::open).onFailure(gone -> abandon());
      client.resume();
    } else {
      openAndStream(length);
    }
  }

  /** Sends a call whose body, if any, is in hand. */
  private void open(@Nullable Buffer body) {
    if (ended) {
      return;
    }
    // The wait for a connection counts.
    watchDeadline();
    (streams ? binding.openStream(call) : binding.open(call))
        .onFailure(this::failed)
        .onSuccess(opened -> {
          if (adopt(opened)) {
            (body == null ? opened.send() : opened.send(body))
                .onSuccess(this::headArrived)
                .onFailure(this::failed);
          }
        });
  }

  private void openAndStream(@Nullable String length) {
    watchDeadline();
    binding
        .openStream(call)
        .onFailure(this::failed)
        .onSuccess(opened -> {
          if (!adopt(opened)) {
            return;
          }
          if (length == null) {
            opened.setChunked(true);
          } else {
            opened.putHeader(HttpHeaders.CONTENT_LENGTH, length);
          }
          opened.response().onSuccess(this::headArrived).onFailure(this::failed);
          streamBody(opened);
        });
  }

  /** Takes a connection over, unless the client has gone while it opened. */
  private boolean adopt(HttpClientRequest opened) {
    opened.exceptionHandler(this::failed);
    if (ended) {
      opened.reset();
      return false;
    }
    request = opened;
    return true;
  }

  private void streamBody(HttpClientRequest out) {
    client.handler(piece -> {
      patience.moved();
      bodyBytes += piece.length();
      if (bodyBytes > bodyBytesMax) {
        fail(Outcome.ABANDONED, tooLarge());
      } else if (!ended) {
        out.write(piece);
        if (out.writeQueueFull()) {
          client.pause();
          out.drainHandler(drained -> {
            patience.moved();
            client.resume();
          });
        }
      }
    });
    client.endHandler(last -> {
      if (!ended) {
        out.end();
        if (!headArrived) {
          watchDeadline();
        }
      }
    });
    watchSilence();
    client.resume();
  }

  private void headArrived(HttpClientResponse response) {
    if (ended) {
      return;
    }
    headArrived = true;
    response.exceptionHandler(this::failed);
    patience.stop();
    if (response.statusCode() == 421) {
      fail(Outcome.BROKEN, BindingFailure.REFUSED.problem(true));
      return;
    }
    answer.setStatusCode(response.statusCode());
    HeaderRules.towardsClient(response.headers(), answer.headers());
    long micros = (System.nanoTime() - began) / 1000;
    answer.putHeader(BINDING_TIME, Long.toString(micros / 1000));
    answer.putHeader(SERVER_TIMING, "binding;dur=" + micros / 1000 + "." + micros / 100 % 10);
    var length = response.getHeader(HttpHeaders.CONTENT_LENGTH);
    if (length == null && !isBodiless(response.statusCode()) && canChunk()) {
      answer.setChunked(true);
    }
    if (length != null && isSmall(length)) {
      response.body().onSuccess(this::finish).onFailure(this::failed);
      watchSilence();
    } else {
      streamAnswer(response);
    }
  }

  private boolean isBodiless(int status) {
    return status == 204 || status == 304 || isHead();
  }

  private boolean isHead() {
    return client.method().equals(HttpMethod.HEAD);
  }

  private boolean canChunk() {
    return client.version() != HttpVersion.HTTP_1_0;
  }

  private static boolean isSmall(String length) {
    return length.length() <= 5 && Integer.parseInt(length) <= COLLECTED_BYTES_MAX;
  }

  private void finish(Buffer body) {
    if (!ended) {
      succeed();
      if (isHead() || body.length() == 0) {
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
    if (!client.isEnded()) {
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

  private Problem tooLarge() {
    return Problem.of(
        ProblemType.TOO_LARGE, "The body may have at most " + bodyBytesMax + " bytes here.");
  }

  /** From now on the head of the answer has the binding's timeout to arrive. */
  private void watchDeadline() {
    patience.until(
        binding.timeout(),
        () -> fail(Outcome.TIMED_OUT, BindingFailure.TIMED_OUT.problem(isIdempotent())));
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

  private boolean isIdempotent() {
    return IDEMPOTENT.contains(client.method());
  }

  private void failed(Throwable cause) {
    var failure = BindingFailure.of(cause);
    fail(failure.outcome(), failure.problem(isIdempotent()));
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
    patience.stop();
    binding.count(outcome, Duration.ofNanos(System.nanoTime() - began));
    return true;
  }
}
