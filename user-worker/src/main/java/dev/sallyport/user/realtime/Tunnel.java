package dev.sallyport.user.realtime;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.user.binding.Binding;
import dev.sallyport.user.binding.BindingCall;
import dev.sallyport.user.binding.BindingFailure;
import dev.sallyport.user.platform.Problems;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.net.NetSocket;
import io.vertx.ext.web.RoutingContext;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client's way through, from its admission to its end. Confined to the event loop of the
 * client's connection, but for {@link #endSoon()}.
 */
final class Tunnel {
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
        .compose(opened -> {
          request = opened;
          return opened.connect();
        })
        .onSuccess(this::answered)
        .onFailure(failure -> fail(BindingFailure.of(failure).problem(true)));
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
          inner.close();
          over();
        });
  }

  private void join(NetSocket socket, NetSocket inner) {
    outer = socket;
    pass(socket, inner);
    pass(inner, socket);
    inner.closeHandler(closed -> socket.close());
    socket.closeHandler(closed -> {
      inner.close();
      over();
    });
    if (over) {
      socket.close();
    }
    inner.resume();
  }

  /** One direction: what is read is written; a full writer stops the reader. */
  private static void pass(NetSocket from, NetSocket to) {
    from.handler(bytes -> {
      to.write(bytes);
      if (to.writeQueueFull()) {
        from.pause();
        to.drainHandler(drained -> from.resume());
      }
    });
    from.exceptionHandler(broken -> from.close());
  }

  /** Ends it as its session has ended. From any thread. */
  void endSoon() {
    loop.runOnContext(now -> end());
  }

  void end() {
    if (outer == null) {
      fail(Problem.of(ProblemType.UNAUTHENTICATED, "The session has ended."));
    } else {
      outer.close();
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
