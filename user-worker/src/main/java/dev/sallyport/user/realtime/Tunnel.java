package dev.sallyport.user.realtime;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.user.binding.Binding;
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
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One client's way through, from its admission to its end. Confined to the event loop of the
 * client's connection, but for {@link #endSoon()}.
 */
final class Tunnel {
  private static final Logger LOG = Logger.getLogger(Tunnel.class);
  private static final Duration LINGER = Duration.ofSeconds(2);

  private final RoutingContext context;
  private final Context loop;
  private final Consumer<Tunnel> gone;
  private @Nullable HttpClientRequest request;
  private @Nullable NetSocket outer;
  private long deadline = -1;
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
    context.response().closeHandler(left -> over());
    deadline =
        context
            .vertx()
            .setTimer(
                binding.timeout().toMillis(), late -> fail(BindingFailure.TIMED_OUT.problem(true)));
    binding
        .openTunnel(call)
        .compose(this::ask)
        .onSuccess(this::answered)
        .onFailure(failure -> fail(BindingFailure.of(failure).problem(true)));
  }

  private Future<HttpClientResponse> ask(HttpClientRequest opened) {
    // The future tells of it as well; without a handler it would be logged as a defect.
    opened.exceptionHandler(broken -> LOG.debugf("a tunnel broke: %s", broken));
    if (over) {
      opened.reset();
      return Future.failedFuture("the client has left");
    }
    request = opened;
    return opened.connect();
  }

  private void answered(HttpClientResponse response) {
    if (over) {
      response.netSocket().close();
    } else if (response.statusCode() == 101) {
      upgraded(response);
    } else if (response.statusCode() < 400 || response.statusCode() == 421) {
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
    var inner = response.netSocket();
    inner.pause();
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
    context
        .request()
        .toNetSocket()
        .onSuccess(socket -> join(socket, inner))
        .onFailure(left -> {
          dropInner();
          over();
        });
  }

  private void join(NetSocket socket, NetSocket inner) {
    outer = socket;
    passIn(socket, inner);
    passOut(inner, socket);
    inner.closeHandler(closed -> hangUp(socket));
    socket.closeHandler(closed -> {
      dropInner();
      over();
    });
    if (over) {
      dropInner();
    }
    inner.resume();
  }

  /** What the client sends is written to the private side; a full writer stops the reader. */
  private void passIn(NetSocket from, NetSocket to) {
    var writability =
        Writability.of(Objects.requireNonNull(request, "it was upgraded"), from::resume);
    from.handler(bytes -> {
      to.write(bytes);
      if (writability.isFull()) {
        from.pause();
      }
    });
    from.exceptionHandler(broken -> from.close());
  }

  /** The other direction. */
  private static void passOut(NetSocket from, NetSocket to) {
    from.handler(bytes -> {
      to.write(bytes);
      if (to.writeQueueFull()) {
        from.pause();
        to.drainHandler(drained -> from.resume());
      }
    });
    from.exceptionHandler(broken -> from.close());
  }

  /**
   * Ends the private side's connection now. An ordinary close waits until all is written, which a
   * side that has stopped reading makes for ever.
   */
  private void dropInner() {
    if (request != null) {
      cut((ConnectionBase) request.connection());
    }
  }

  /** Closes at the head of the pipeline: from its tail Vert.x would flush first. */
  private static void cut(ConnectionBase connection) {
    var head = connection.channel().pipeline().firstContext();
    if (head != null) {
      head.close().addListener(closed -> LOG.trace("a tunnel's connection was cut"));
    }
  }

  /** Lets the client have what is on its way to it, for a moment, then hangs up. */
  private void hangUp(NetSocket socket) {
    socket.close();
    context.vertx().setTimer(LINGER.toMillis(), due -> cut((ConnectionBase) socket));
  }

  /** Ends it as its session has ended. From any thread. */
  void endSoon() {
    loop.runOnContext(now -> end());
  }

  void end() {
    if (outer == null) {
      fail(Problem.of(ProblemType.UNAUTHENTICATED, "The session has ended."));
    } else {
      dropInner();
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
    if (request != null && outer == null) {
      request.connection().close();
    }
    gone.accept(this);
    return true;
  }
}
