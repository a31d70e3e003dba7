package dev.sallyport.data.binding;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.Utf8FrameValidator;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/**
 * One WebSocket whose client cannot fill this worker's memory: while more than 64 KiB wait to be
 * written, nothing is read from it. Pings and closes are answered by Vert.x.
 *
 * <p>Reading stops at the connection rather than by {@link ServerWebSocket#pause}, which holds up
 * to 16 frames and lets pings through, so that a client that pings and never reads could pile up
 * pongs without end.
 *
 * <p>Thread-safe, but for what says that it belongs on the socket's event loop.
 */
public final class OpenSocket {
  private static final Logger LOG = Logger.getLogger(OpenSocket.class);

  /**
   * A client that was told that it is not understood is cut once it has said nothing for so long:
   * what it sent before it heard us has arrived by then.
   */
  private static final Duration QUIET_FOR = Duration.ofMillis(300);

  /** After so many times of {@link #QUIET_FOR} it is cut, whatever it says. */
  private static final int HEARD_OUT = 7;

  private final ServerWebSocket socket;
  private final ConnectionBase connection;
  private final List<Runnable> onClose = new ArrayList<>(2);

  /** Whether somebody here has had enough for now. */
  private boolean held;

  /** Whether it has ended for what it said, and is heard out. Written on the event loop. */
  private volatile boolean violated;

  OpenSocket(ServerWebSocket socket, ConnectionBase connection) {
    this.socket = socket;
    this.connection = connection;
    connection.exceptionHandler(failure -> LOG.debugf("a socket broke: %s", failure));
    var context = connection.channelHandlerContext();
    context
        .pipeline()
        // RFC 6455, 8.1: Vert.x passes on any bytes as a text.
        .addBefore(context.name(), null, new Utf8FrameValidator(false))
        .addBefore(context.name(), null, new Violations());
    socket.closeHandler(closed -> onClose.forEach(Runnable::run));
  }

  /** The one thread that this socket is read and written on. */
  public EventLoop loop() {
    return connection.channel().eventLoop();
  }

  /**
   * Hands over each text, binary and continuation frame, on the socket's event loop; set once,
   * there.
   */
  public void onFrame(Consumer<WebSocketFrame> handler) {
    socket
        .drainHandler(drained -> resume())
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
    if (!violated) {
      socket.writeFrame(frame);
    }
  }

  /**
   * Writes a whole frame, or several, as a server sends them: encoded once for many sockets. On the
   * socket's event loop.
   *
   * @param frames released once written
   */
  public void writeEncoded(ByteBuf frames) {
    if (violated) {
      frames.release();
      return;
    }
    var context = connection.channelHandlerContext();
    var _ = context.writeAndFlush(frames, context.voidPromise());
  }

  /** Bytes that were written and that the network has not taken. On the socket's event loop. */
  public long unsentBytes() {
    var waiting = connection.channel().unsafe().outboundBuffer();
    return waiting == null ? 0 : waiting.totalPendingWriteBytes();
  }

  /** Reads nothing more until {@link #release}. On the socket's event loop. */
  public void hold() {
    held = true;
    connection.doPause();
  }

  /** Goes on reading. On the socket's event loop. */
  public void release() {
    held = false;
    resume();
  }

  private void resume() {
    if (!held && !socket.isClosed() && !socket.writeQueueFull()) {
      connection.doResume();
    }
  }

  /**
   * Closes behind all that waits to be sent, so that a client that reads again sees the code. On
   * the socket's event loop.
   *
   * @param within after this time the connection is cut
   */
  public void closeBehind(short code, String reason, Duration within) {
    connection.doResume(); // or the end of the connection would not be noticed
    connection
        .channelHandlerContext()
        .writeAndFlush(new CloseWebSocketFrame(code, reason))
        .addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
    cutAfter(within);
  }

  private void cutAfter(Duration time) {
    var cut = loop().schedule(this::cut, time.toMillis(), TimeUnit.MILLISECONDS);
    onClose(() -> cut.cancel(false));
  }

  /**
   * Cuts the connection, at the head of the pipeline: from its tail Vert.x would wait until all is
   * written, which a client that never reads makes for ever.
   */
  private void cut() {
    var _ = connection.channel().pipeline().firstContext().close();
  }

  /** Closes with a code of RFC 6455 or of design.md, section 9. */
  public void close(short code, String reason) {
    socket.close(code, reason);
  }

  /** Told once it has closed, at once if it has. On the socket's event loop. */
  public void onClose(Runnable handler) {
    if (socket.isClosed()) {
      handler.run();
    } else {
      onClose.add(handler);
    }
  }

  /** Skipped for a client that does not read: it has not had its last pings yet. */
  void ping() {
    if (!socket.isClosed() && !socket.writeQueueFull()) {
      // Made anew: a buffer in a static field cannot be part of a native image.
      socket.writePing(Buffer.buffer());
    }
  }

  /**
   * What is no frame, too large a one, or a text that is no UTF-8 ends the socket; Vert.x would cut
   * the connection without a word. The client is told why and may say the rest, which nobody hears:
   * a connection that is closed with bytes unread is reset, and the reset can overtake the close
   * frame.
   */
  private final class Violations extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      if (!(cause instanceof CorruptedWebSocketFrameException corrupted)) {
        context.fireExceptionCaught(cause);
      } else if (!violated) {
        violated = true;
        connection.doResume(); // or the end of the connection would not be noticed
        var unheard = new Unheard();
        context.pipeline().addFirst(unheard);
        var _ = context.writeAndFlush(new CloseWebSocketFrame(corrupted.closeStatus()));
        cutOnceQuiet(unheard, HEARD_OUT);
      }
    }
  }

  private void cutOnceQuiet(Unheard client, int looksLeft) {
    var look =
        loop()
            .schedule(
                () -> {
                  if (client.hasSpoken() && looksLeft > 1) {
                    cutOnceQuiet(client, looksLeft - 1);
                  } else {
                    cut();
                  }
                },
                QUIET_FOR.toMillis(),
                TimeUnit.MILLISECONDS);
    onClose(() -> look.cancel(false));
  }

  /** Takes what comes and throws it away. */
  private static final class Unheard extends ChannelInboundHandlerAdapter {
    private boolean spoken;

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
      spoken = true;
      ReferenceCountUtil.release(bytes);
    }

    /** Whether anything came since this was last asked. */
    boolean hasSpoken() {
      boolean since = spoken;
      spoken = false;
      return since;
    }
  }
}
