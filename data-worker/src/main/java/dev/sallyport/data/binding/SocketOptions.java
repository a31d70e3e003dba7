package dev.sallyport.data.binding;

import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.vertx.core.http.HttpServerOptions;
import jakarta.inject.Singleton;
import java.util.List;

/**
 * No compression of WebSocket frames: Vert.x offers it unasked, each socket would keep its own
 * window (hundreds of KiB with 5,000 idle ones in mind), and frames would not pass as they came.
 */
@Singleton
class SocketOptions implements HttpServerOptionsCustomizer {
  /** design.md, section 9: a larger frame closes the socket with 1009. */
  private static final int FRAME_BYTES_MAX = 64 * 1024;

  /** Named in the answer where a client offers it; what else it offers is not. */
  private static final String ROOM_PROTOCOL = "sallyport.room.v1";

  /** How long a client may take to answer a close before it is cut off. */
  private static final int CLOSING_SECONDS = 2;

  @Override
  public void customizeHttpServer(HttpServerOptions options) {
    without(options);
  }

  @Override
  public void customizeHttpsServer(HttpServerOptions options) {
    without(options);
  }

  private static void without(HttpServerOptions options) {
    options
        .setWebSocketSubProtocols(List.of(ROOM_PROTOCOL))
        .setWebSocketClosingTimeout(CLOSING_SECONDS)
        .setPerMessageWebSocketCompressionSupported(false)
        .setPerFrameWebSocketCompressionSupported(false)
        .setMaxWebSocketFrameSize(FRAME_BYTES_MAX);
  }
}
