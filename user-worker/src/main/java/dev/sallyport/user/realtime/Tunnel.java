package dev.sallyport.user.realtime;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.user.binding.Binding;
import dev.sallyport.user.binding.Binding.Outcome;
import dev.sallyport.user.binding.BindingCall;
import dev.sallyport.user.binding.BindingFailure;
import dev.sallyport.user.platform.Problems;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.net.NetSocket;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Locale;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One client's way through, from its admission to its end. Confined to the event loop of the
 * client's connection, but for {@link #endSoon}.
 */
final class Tunnel {
  private static final Logger LOG = Logger.getLogger(Tunnel.class);

  /** The service that was called is not the one to answer this. */
  private static final int MISDIRECTED = 421;

  private final RoutingContext context;
  private final Context loop;
  private final Consumer<Tunnel> gone;
  private @Nullable HttpClientRequest request;
  private @Nullable JoinedSockets joined;
  private @Nullable Farewell farewell;
  private boolean upgrading;
  private boolean late;
  private long deadline = -1;
  private @Nullable Binding binding;
  private @Nullable BindingCall call;
  private long began;
  private boolean over;

  /**
   * @param gone told once, when nothing is left of it
   */
  Tunnel(RoutingContext context, Consumer<Tunnel> gone) {
    this.context = context;
    this.loop = context.vertx().getOrCreateContext();
    this.gone = gone;
  }

  void open(Binding binding, BindingCall call) {
    this.binding = binding;
    this.call = call;
    began = System.nanoTime();
    context.response().closeHandler(left -> over());
    deadline = context.vertx().setTimer(binding.timeout().toMillis(), due -> tooLate());
    binding
        .sendTunnel(call, this::ask)
        .onSuccess(this::answered)
        .onFailure(failure -> failed(BindingFailure.of(failure)));
  }

  private void tooLate() {
    late = true;
    failed(BindingFailure.TIMED_OUT);
  }

  private void failed(BindingFailure failure) {
    var problem = failure.problem(true);
    if (!over) {
      count(failure.outcome(), problem.type().status());
    }
    fail(problem);
  }

  /** Once: what comes after is nobody's news. */
  private void count(Outcome outcome, int status) {
    if (binding != null && call != null) {
      binding.ended(call, outcome, status, Duration.ofNanos(System.nanoTime() - began));
    }
    // A socket may live for days, and needs neither.
    binding = null;
    call = null;
  }

  private Future<HttpClientResponse> ask(HttpClientRequest opened) {
    // The future tells of it as well; without a handler it would be logged as a defect.
    opened.exceptionHandler(broken -> LOG.debugf("a tunnel broke: %s", broken));
    if (over) {
      opened.reset();
      return Future.failedFuture("the client has left");
    }
    request = opened;
    return opened
        .connect()
        .onSuccess(response -> {
          if (response.statusCode() == MISDIRECTED) {
            // The next may be on its way. An upgrade that was not made leaves a useless connection.
            request = null;
            opened.connection().close();
          }
        });
  }

  private void answered(HttpClientResponse response) {
    if (over) {
      response.netSocket().close();
      return;
    }
    count(Outcome.SUCCEEDED, response.statusCode());
    if (response.statusCode() == 101) {
      upgraded(response);
    } else if (response.statusCode() < 400 || response.statusCode() == MISDIRECTED) {
      fail(Problem.of(ProblemType.BAD_ANSWER, "The upgrade was not answered as one."));
    } else {
      response
          .body()
          .onSuccess(body -> refused(response, body))
          .onFailure(broken -> fail(BindingFailure.BROKEN.problem(true)));
    }
  }

  /** The private side's refusal, which is an ordinary answer. */
  private void refused(HttpClientResponse response, Buffer body) {
    if (over()) {
      var answer = context.response().setStatusCode(response.statusCode());
      var type = response.getHeader(HttpHeaders.CONTENT_TYPE);
      if (type != null) {
        answer.putHeader(HttpHeaders.CONTENT_TYPE, type);
      }
      answer.end(body);
    }
  }

  private void upgraded(HttpClientResponse response) {
    context.vertx().cancelTimer(deadline);
    response.netSocket().pause();
    var answer = context.response().setStatusCode(101);
    answer.putHeader(HttpHeaders.UPGRADE, "websocket");
    answer.putHeader(HttpHeaders.CONNECTION, "Upgrade");
    response
        .headers()
        .forEach((name, value) -> {
          if (name.toLowerCase(Locale.ROOT).startsWith("sec-websocket-")) {
            answer.headers().add(name, value);
          }
        });
    upgrading = true;
    context
        .request()
        .toNetSocket()
        .onSuccess(socket -> join(socket, response))
        .onFailure(left -> over());
  }

  private void join(NetSocket socket, HttpClientResponse response) {
    var sockets =
        new JoinedSockets(
            context.vertx(), socket, response.request(), response.netSocket(), this::over);
    if (over) {
      sockets.dropService();
      socket.close();
      return;
    }
    joined = sockets;
    sockets.start();
    if (farewell != null) {
      sockets.end(farewell);
    }
  }

  /** Ends it for this reason. From any thread. */
  void endSoon(Farewell why) {
    loop.runOnContext(now -> end(why));
  }

  void end(Farewell why) {
    if (joined != null) {
      joined.end(why);
    } else if (upgrading) {
      farewell = why;
    } else {
      fail(why.problem());
    }
  }

  private void fail(Problem problem) {
    if (over()) {
      Problems.answer(context, problem);
    }
  }

  /**
   * Lets go of the connection to the private side, unless it has become a socket of its own.
   *
   * @return whether it was not over before
   */
  private boolean over() {
    if (over) {
      return false;
    }
    over = true;
    context.vertx().cancelTimer(deadline);
    count(Outcome.ABANDONED, 0);
    if (request != null && joined == null) {
      // First, so that it does not look as if the service had broken off.
      if (late) {
        Binding.giveUp(request);
      } else {
        request.reset();
      }
      request.connection().close();
    }
    gone.accept(this);
    return true;
  }
}
