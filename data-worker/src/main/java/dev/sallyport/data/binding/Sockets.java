package dev.sallyport.data.binding;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.UnderWay;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * All WebSockets of this worker. Each is sent a ping every {@link #PING_EVERY}, so that nothing on
 * the way takes it for dead, and is told to come back elsewhere when this worker stops.
 *
 * <p>One timer for all, which ticks every second and pings that second's share: an idle socket
 * costs one set entry here, and thousands are not pinged in one burst. Uses Vert.x's own sockets
 * because quarkus-websockets-next cannot stop reading from a client that does not read.
 * Thread-safe.
 */
@Singleton
public class Sockets {
  /** design.md, section 5. */
  static final Duration PING_EVERY = Duration.ofSeconds(15);

  /** Service restart, as the IANA registry of close codes has it: connect again. */
  static final short CLOSE_RESTART = 1012;

  private final Vertx vertx;
  private final UnderWay underWay;
  private final List<Set<OpenSocket>> shares =
      IntStream.range(0, (int) PING_EVERY.toSeconds())
          .<Set<OpenSocket>>mapToObj(second -> ConcurrentHashMap.newKeySet())
          .toList();
  private final AtomicInteger opened = new AtomicInteger();
  private int tick;

  @Inject
  Sockets(Vertx vertx, UnderWay underWay) {
    this.vertx = vertx;
    this.underWay = underWay;
  }

  /**
   * Upgrades the request, or answers 426 when it does not ask for that.
   *
   * @param ready given the socket on its event loop, before its first frame
   */
  public void open(RoutingContext rc, Consumer<OpenSocket> ready) {
    var request = rc.request();
    if (!request.headers().contains(HttpHeaders.UPGRADE, HttpHeaders.WEBSOCKET, true)) {
      rc.response().putHeader(HttpHeaders.UPGRADE, HttpHeaders.WEBSOCKET);
      Problems.send(rc, Problem.of(ProblemType.UPGRADE_REQUIRED, "Open a WebSocket here."));
      return;
    }
    var connection = (ConnectionBase) request.connection();
    request
        .toWebSocket()
        .map(socket -> new OpenSocket(socket, connection))
        .onSuccess(this::keep)
        .onSuccess(ready::accept)
        .onFailure(rc::fail);
  }

  private void keep(OpenSocket socket) {
    var share = shares.get(Math.floorMod(opened.getAndIncrement(), shares.size()));
    share.add(socket);
    underWay.begin();
    socket.onClose(() -> {
      if (share.remove(socket)) {
        underWay.end();
      }
    });
  }

  void start(@Observes StartupEvent start) {
    vertx.setPeriodic(Duration.ofSeconds(1).toMillis(), timer -> ping());
  }

  /** Confined to the timer's event loop. */
  private void ping() {
    tick = (tick + 1) % shares.size();
    shares.get(tick).forEach(OpenSocket::ping);
  }

  /** Tells each client to connect again; those that do not answer are cut off a little later. */
  void closeAll() {
    for (var share : shares) {
      share.forEach(socket -> socket.close(CLOSE_RESTART, "this worker stops"));
    }
  }
}
