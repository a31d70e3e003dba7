package dev.sallyport.user.realtime;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.net.NetSocket;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * A client's connection and the one on the private side that is its own, both upgraded: bytes pass
 * as they are, and a full writer stops the reader. Confined to the event loop of the client's
 * connection.
 *
 * <p>When we end it, the client gets a close frame of ours between two frames, unless one has
 * passed already; the private side is let go, and what the client still sends is thrown away. Then
 * the client has a moment to say its own close, since hanging up on bytes that nobody has read
 * makes its system forget what we said last.
 */
final class JoinedSockets {
  private static final Logger LOG = Logger.getLogger(JoinedSockets.class);
  private static final Duration LINGER = Duration.ofSeconds(2);

  /** How long the rest of a frame may take that was under way. */
  private static final Duration FRAME_WITHIN = Duration.ofMillis(500);

  private enum Phase {
    PASSING,
    /** The private side has gone, and what came of it before is on its way. */
    EMPTYING,
    /** The frame that is under way to the client is the last. */
    LAST_FRAME,
    /** Whatever we had to say has been written. */
    LINGERING
  }

  private final Vertx vertx;
  private final NetSocket client;
  private final NetSocket service;
  private final ConnectionBase serviceConnection;
  private final Writability towardsService;
  private final Runnable gone;
  private final FrameBounds fromClient = new FrameBounds();
  private final FrameBounds towardsClient = new FrameBounds();
  private Phase phase = Phase.PASSING;
  private Farewell farewell = Farewell.COME_BACK;
  private long timer = -1;

  /**
   * @param request the upgraded one
   * @param service its paused socket
   * @param gone runs once, when the client's connection has ended
   */
  JoinedSockets(
      Vertx vertx, NetSocket client, HttpClientRequest request, NetSocket service, Runnable gone) {
    this.vertx = vertx;
    this.client = client;
    this.service = service;
    this.serviceConnection = (ConnectionBase) request.connection();
    this.towardsService = Writability.of(serviceConnection, client::resume);
    this.gone = gone;
  }

  void start() {
    client.handler(this::fromClient);
    client.exceptionHandler(broken -> client.close());
    client.closeHandler(closed -> over());
    service.handler(this::fromService);
    service.exceptionHandler(broken -> dropService());
    service.closeHandler(closed -> serviceGone());
    service.resume();
  }

  private void fromClient(Buffer bytes) {
    fromClient.follow(bytes);
    if (phase == Phase.PASSING) {
      service.write(bytes);
      if (towardsService.isFull()) {
        client.pause();
      }
    } else if (phase == Phase.LINGERING) {
      closeIfAgreed();
    }
  }

  private void fromService(Buffer bytes) {
    switch (phase) {
      case PASSING -> {
        towardsClient.follow(bytes);
        client.write(bytes);
        if (client.writeQueueFull()) {
          service.pause();
          client.drainHandler(drained -> service.resume());
        }
      }
      // Vert.x holds back no more than a few reads: a pause now would lose them.
      case EMPTYING -> {
        towardsClient.follow(bytes);
        client.write(bytes);
      }
      case LAST_FRAME -> {
        int end = towardsClient.followFrame(bytes, 0);
        client.write(end == bytes.length() ? bytes : bytes.slice(0, end));
        sayFarewellBetweenFrames();
      }
      case LINGERING -> {
        // Nobody is left to hear it.
      }
    }
  }

  /** Ends it for this reason, unless it is ending. */
  void end(Farewell why) {
    if (phase != Phase.PASSING) {
      return;
    }
    farewell = why;
    phase = Phase.LAST_FRAME;
    timer = vertx.setTimer(FRAME_WITHIN.toMillis(), late -> cutBoth());
    // Nothing more is done for this client, so nothing it says waits for the private side.
    client.resume();
    sayFarewellBetweenFrames();
  }

  /** What the private side had said before may still be held back for a client that is slow. */
  private void serviceGone() {
    if (phase == Phase.LINGERING || phase == Phase.EMPTYING) {
      return;
    }
    if (phase == Phase.PASSING) {
      phase = Phase.EMPTYING;
    }
    service.resume();
    client.resume();
    vertx.runOnContext(emptied -> {
      sayFarewellBetweenFrames();
      if (phase != Phase.LINGERING) {
        linger();
        client.close();
      }
    });
  }

  private void sayFarewellBetweenFrames() {
    if (phase != Phase.LINGERING && towardsClient.isBetween()) {
      if (!towardsClient.hasClose()) {
        client.write(farewell.closeFrame());
      }
      linger();
      closeIfAgreed();
    }
  }

  private void linger() {
    phase = Phase.LINGERING;
    vertx.cancelTimer(timer);
    timer = vertx.setTimer(LINGER.toMillis(), late -> cutBoth());
    dropService();
  }

  /** Once both have said close, the server hangs up (RFC 6455, 7.1.1). */
  private void closeIfAgreed() {
    if (fromClient.hasClose() && fromClient.isBetween()) {
      client.close();
    }
  }

  /**
   * Ends the private side's connection now. An ordinary close waits until all is written, which a
   * side that has stopped reading makes for ever.
   */
  void dropService() {
    cut(serviceConnection);
  }

  private void cutBoth() {
    dropService();
    cut((ConnectionBase) client);
  }

  /** Closes at the head of the pipeline: from its tail Vert.x would flush first. */
  private static void cut(ConnectionBase connection) {
    var head = connection.channel().pipeline().firstContext();
    if (head != null) {
      head.close().addListener(closed -> LOG.trace("a tunnel's connection was cut"));
    }
  }

  private void over() {
    phase = Phase.LINGERING;
    vertx.cancelTimer(timer);
    dropService();
    gone.run();
  }
}
