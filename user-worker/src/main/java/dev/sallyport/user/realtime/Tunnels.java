package dev.sallyport.user.realtime;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.user.binding.Binding;
import dev.sallyport.user.binding.BindingCall;
import dev.sallyport.user.binding.BindingFailure;
import dev.sallyport.user.binding.SocketDoor;
import dev.sallyport.user.platform.Problems;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.net.NetSocket;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/**
 * The open tunnels, by the session that opened them. Thread-safe; each tunnel on its event loop.
 */
@ApplicationScoped
class Tunnels implements SocketDoor {
  private static final Logger LOG = Logger.getLogger(Tunnels.class);

  private final ConcurrentHashMap<String, Set<NetSocket>> bySession = new ConcurrentHashMap<>();

  @Inject
  Tunnels(MeterRegistry metrics) {
    Gauge.builder("sallyport_realtime_tunnels", this, Tunnels::count)
        .description("WebSockets tunnelled to the private side now")
        .register(metrics);
  }

  /** How many tunnels are open. */
  private double count() {
    return bySession.values().stream().mapToInt(Set::size).sum();
  }

  @Override
  public void open(RoutingContext context, Binding binding, BindingCall call, String session) {
    long deadline =
        context
            .vertx()
            .setTimer(
                binding.timeout().toMillis(),
                late -> Problems.answer(context, BindingFailure.TIMED_OUT.problem(true)));
    binding
        .openTunnel(call)
        .compose(HttpClientRequest::connect)
        .onComplete(upgrade -> {
          boolean waits = context.vertx().cancelTimer(deadline);
          if (upgrade.succeeded()) {
            upgraded(context, upgrade.result(), session, waits);
          } else if (waits) {
            Problems.answer(context, BindingFailure.of(upgrade.cause()).problem(true));
          }
        });
  }

  private void upgraded(
      RoutingContext context, HttpClientResponse response, String session, boolean waits) {
    var inner = response.netSocket();
    if (!waits || context.response().closed()) {
      inner.close();
      return;
    }
    if (response.statusCode() != 101) {
      refused(context, response);
      return;
    }
    inner.pause();
    var answer = context.response().setStatusCode(101);
    answer.headers().addAll(response.headers());
    context
        .request()
        .toNetSocket()
        .onSuccess(outer -> join(session, outer, inner))
        .onFailure(gone -> {
          LOG.debugf("client left during its upgrade: %s", gone.getMessage());
          inner.close();
        });
  }

  /** The private side's refusal, which is an ordinary answer. */
  private static void refused(RoutingContext context, HttpClientResponse response) {
    int status = response.statusCode();
    if (status < 400 || status == 421) {
      response.netSocket().close();
      Problems.answer(
          context, Problem.of(ProblemType.BAD_ANSWER, "The upgrade was not answered as one."));
      return;
    }
    var type = response.getHeader(HttpHeaders.CONTENT_TYPE);
    response
        .body()
        .onSuccess(body -> {
          context.response().setStatusCode(status);
          if (type != null) {
            context.response().putHeader(HttpHeaders.CONTENT_TYPE, type);
          }
          context.response().end(body);
        })
        .onFailure(broken -> Problems.answer(context, BindingFailure.BROKEN.problem(true)));
  }

  private void join(String session, NetSocket outer, NetSocket inner) {
    bySession.compute(
        session,
        (id, before) -> {
          Set<NetSocket> sockets = before == null ? ConcurrentHashMap.newKeySet() : before;
          sockets.add(outer);
          return sockets;
        });
    pass(outer, inner);
    pass(inner, outer);
    outer.closeHandler(closed -> {
      inner.close();
      forget(session, outer);
    });
    inner.closeHandler(closed -> outer.close());
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

  private void forget(String session, NetSocket outer) {
    bySession.computeIfPresent(
        session,
        (id, sockets) -> {
          sockets.remove(outer);
          return sockets.isEmpty() ? null : sockets;
        });
  }

  /** Ends every tunnel that this session opened. */
  void closeSession(String session) {
    bySession.getOrDefault(session, Set.of()).forEach(NetSocket::close);
  }
}
