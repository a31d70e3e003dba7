package dev.sallyport.data.binding;

import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.net.impl.ConnectionBase;
import java.util.function.Consumer;

/**
 * One WebSocket whose client cannot fill this worker's memory: while more than 64 KiB wait to be
 * written, nothing is read from it. Pings and closes are answered by Vert.x.
 *
 * <p>Reading stops at the connection rather than by {@link ServerWebSocket#pause}, which holds up
 * to 16 frames and lets pings through, so that a client that pings and never reads could pile up
 * pongs without end. Thread-safe but for {@link #onFrame}, which is set once, on the socket's event
 * loop.
 */
public final class OpenSocket {
  private final ServerWebSocket socket;
  private final ConnectionBase connection;

  OpenSocket(ServerWebSocket socket, ConnectionBase connection) {
    this.socket = socket;
    this.connection = connection;
    connection.exceptionHandler(this::failed);
  }

  /** Hands over each text, binary and continuation frame, on the socket's event loop. */
  public void onFrame(Consumer<WebSocketFrame> handler) {
    socket
        .drainHandler(drained -> connection.doResume())
        .frameHandler(frame -> {
          if (frame.isText() || frame.isBinary() || frame.isContinuation()) {
            handler.accept(frame);
          }
          if (!socket.isClosed() && socket.writeQueueFull()) {
            connection.doPause();
          }
        });
  }

  /** Writes a frame, or drops it when the socket has closed. */
  public void write(WebSocketFrame frame) {
    socket.writeFrame(frame);
  }

  /** Closes with a code of RFC 6455 or of design.md, section 9. */
  public void close(short code, String reason) {
    socket.close(code, reason);
  }

  void onClose(Runnable handler) {
    socket.closeHandler(closed -> handler.run());
    if (socket.isClosed()) {
      handler.run();
    }
  }

  /** Skipped for a client that does not read: it has not had its last pings yet. */
  void ping() {
    if (!socket.isClosed() && !socket.writeQueueFull()) {
      // Made anew: a buffer in a static field cannot be part of a native image.
      socket.writePing(Buffer.buffer());
    }
  }

  /** What is no frame, or too large a one, ends the socket; Vert.x would not say why. */
  private void failed(Throwable failure) {
    if (failure instanceof CorruptedWebSocketFrameException corrupted) {
      // Flushed at once: Vert.x closes the connection as soon as this returns.
      var _ =
          connection
              .channelHandlerContext()
              .writeAndFlush(new CloseWebSocketFrame(corrupted.closeStatus()));
    }
  }
}
