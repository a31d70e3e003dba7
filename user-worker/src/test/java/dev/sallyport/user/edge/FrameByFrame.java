package dev.sallyport.user.edge;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.NetSocket;

/**
 * The private end of a tunnel that says what it is told to, byte for byte. An order is the only
 * character of a masked frame.
 */
final class FrameByFrame {
  private static final int ORDER_AT = 6;
  private static final int LARGE = 200_000;

  private final Vertx vertx;
  private final NetSocket socket;

  FrameByFrame(Vertx vertx, NetSocket socket) {
    this.vertx = vertx;
    this.socket = socket;
    socket.handler(bytes -> {
      if (bytes.length() > ORDER_AT) {
        obey(bytes.getByte(ORDER_AT));
      }
    });
  }

  private void obey(int order) {
    switch (order) {
      // A whole frame; half a one; half a one, and in a while the rest and half of the next.
      case 'w' -> socket.write(text("whole"));
      case 'h' -> socket.write(text("whole").slice(0, 4));
      case 'l' -> {
        socket.write(text("whole").slice(0, 4));
        vertx.setTimer(200, later -> socket.write(rest()));
      }
      // Goes without a word; in the middle of one; after a close; says close and stays.
      case 'd' -> socket.close();
      case 'x' -> socket.write(text("whole").slice(0, 4)).onSuccess(sent -> socket.close());
      case 'c' -> socket.write(close(4008)).onSuccess(sent -> socket.close());
      case 'k' -> socket.write(close(4008));
      // More than any buffer on the way holds, and then goes; more and more.
      case 'b' -> {
        for (int i = 0; i < 50; i++) {
          socket.write(large());
        }
        socket.close();
      }
      case 'f' -> flood();
      default -> {
        // Something that a client says by itself.
      }
    }
  }

  private void flood() {
    while (!socket.writeQueueFull()) {
      socket.write(large());
    }
    socket.drainHandler(drained -> flood());
  }

  private static Buffer text(String text) {
    return Buffer.buffer(new byte[] {(byte) 0x81, (byte) text.length()}).appendString(text);
  }

  private static Buffer rest() {
    return Buffer.buffer()
        .appendBuffer(text("whole").slice(4, 7))
        .appendBuffer(text("next").slice(0, 3));
  }

  private static Buffer large() {
    return Buffer.buffer(new byte[] {(byte) 0x82, 127})
        .appendLong(LARGE)
        .appendBytes(new byte[LARGE]);
  }

  private static Buffer close(int code) {
    return Buffer.buffer(new byte[] {(byte) 0x88, 2}).appendUnsignedShort(code);
  }
}
