package dev.sallyport.data.binding;

import io.netty.buffer.Unpooled;
import io.vertx.ext.web.Router;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Says more than any kernel holds, then ends the socket behind it. */
@Singleton
class FloodingSocket {
  static final String PATH = "/api/internal/test/flooding-socket";
  static final short CODE = 4008;
  private static final int PAYLOAD_BYTES = 32 * 1024 * 1024;

  private final Sockets sockets;

  @Inject
  FloodingSocket(Sockets sockets) {
    this.sockets = sockets;
  }

  void route(@Observes Router router) {
    router.get(PATH).handler(rc -> sockets.open(rc, FloodingSocket::flood));
  }

  private static void flood(OpenSocket socket) {
    var frame = ByteBuffer.allocate(10 + PAYLOAD_BYTES);
    frame.put((byte) 0x82).put((byte) 127).putLong(PAYLOAD_BYTES);
    socket.writeEncoded(Unpooled.wrappedBuffer(frame.array()));
    socket.closeBehind(CODE, "too slow", Duration.ofSeconds(1));
  }
}
