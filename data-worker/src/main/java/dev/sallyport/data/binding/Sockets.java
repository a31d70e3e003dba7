package dev.sallyport.data.binding;

import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/**
 * All open WebSockets of this worker: each is sent a ping every {@link #PING_EVERY}, so that
 * nothing on the way takes it for dead, and is told to come back elsewhere when this worker stops.
 *
 * <p>One timer for all, which ticks every second and pings that second's share: an idle socket
 * costs one set entry here, and thousands are not pinged in one burst. Thread-safe.
 */
@Singleton
public class Sockets {
  /** design.md, section 5. */
  static final Duration PING_EVERY = Duration.ofSeconds(15);

  /** Service restart, as the IANA registry of close codes has it: connect again. */
  static final short CLOSE_RESTART = 1012;

  private static final Buffer NOTHING = Buffer.buffer();

  private final Vertx vertx;
  private final List<Set<ServerWebSocket>> shares =
      IntStream.range(0, (int) PING_EVERY.toSeconds())
          .<Set<ServerWebSocket>>mapToObj(second -> ConcurrentHashMap.newKeySet())
          .toList();
  private final AtomicInteger opened = new AtomicInteger();
  private int tick;

  @Inject
  Sockets(Vertx vertx) {
    this.vertx = vertx;
  }

  /** Takes care of a socket until it closes. Sets its close handler. */
  public void opened(ServerWebSocket socket) {
    var share = shares.get(Math.floorMod(opened.getAndIncrement(), shares.size()));
    share.add(socket);
    socket.closeHandler(closed -> share.remove(socket));
    if (socket.isClosed()) {
      share.remove(socket);
    }
  }

  void start(@Observes StartupEvent start) {
    vertx.setPeriodic(Duration.ofSeconds(1).toMillis(), timer -> ping());
  }

  /** Confined to the timer's event loop. */
  private void ping() {
    tick = (tick + 1) % shares.size();
    for (var socket : shares.get(tick)) {
      // One that does not read has not had its last pings yet.
      if (!socket.writeQueueFull()) {
        socket.writePing(NOTHING);
      }
    }
  }

  void stop(@Observes ShutdownDelayInitiatedEvent stop) {
    closeAll();
  }

  void stop(@Observes ShutdownEvent stop) {
    closeAll();
  }

  private void closeAll() {
    for (var share : shares) {
      for (var socket : share) {
        socket.close(CLOSE_RESTART, "this worker stops");
      }
    }
  }
}
