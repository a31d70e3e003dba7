package dev.sallyport.user.edge;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ServerChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.vertx.core.http.HttpServerOptions;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Puts {@link StrictRequestDecoder} in the place of the server's own decoder on each connection.
 * Netty finds this class as a service; Quarkus and Vert.x have no door of their own to a
 * connection's pipeline (docs/adr/0006).
 *
 * <p>The pipeline is complete when the first bytes arrive, or, under TLS, when the handshake is
 * done: only then is there a decoder to replace.
 */
@RegisterForReflection(fields = false, methods = false) // ServiceLoader makes it, in a binary too
public final class StrictFraming extends ChannelInitializerExtension {
  private static final String DECODER = "httpDecoder";
  private static final String ENCODER = "httpEncoder";

  private static volatile @Nullable HttpServerOptions options;
  private static volatile Duration headWithin = HeadDeadline.WITHIN;
  private static volatile boolean found;

  /**
   * Asks Netty to find this class. Netty decides once, at the first connection that anything in the
   * process opens or takes, whether it looks: so this comes before all else.
   */
  public static void announce() {
    System.setProperty(EXTENSIONS_SYSTEM_PROPERTY, "serviceload");
  }

  /**
   * Says how the server reads. To be called before it listens.
   *
   * @param within how long a head may take
   */
  static void install(HttpServerOptions serverOptions, Duration within) {
    options = serverOptions;
    headWithin = within;
  }

  /** Whether Netty has found this class: if not, nobody judges heads, and none may be served. */
  static boolean isInPlace() {
    return found;
  }

  @Override
  public void postInitializeServerListenerChannel(ServerChannel channel) {
    found = true;
  }

  @Override
  public void postInitializeServerChildChannel(Channel channel) {
    if (options != null) {
      channel.pipeline().addFirst(new WhenReady());
    }
  }

  private static @Nullable StrictRequestDecoder replaceDecoder(ChannelPipeline pipeline) {
    var current = options;
    if (current == null || pipeline.get(DECODER) == null) {
      return null;
    }
    var strict = new StrictRequestDecoder(current, pipeline, headWithin);
    pipeline.replace(DECODER, DECODER, strict);
    pipeline.addAfter(ENCODER, "refusalAnswer", new RefusalAnswer(strict));
    return strict;
  }

  /** Also ends a connection on which nobody says a word for as long as a head may take. */
  private static final class WhenReady extends ChannelInboundHandlerAdapter {
    private @Nullable Future<?> silence;

    @Override
    public void channelActive(ChannelHandlerContext context) {
      silence =
          context
              .executor()
              .schedule(
                  () -> {
                    var _ = context.close();
                  },
                  headWithin.toNanos(),
                  TimeUnit.NANOSECONDS);
      context.fireChannelActive();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
      if (silence != null) {
        silence.cancel(false);
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      var pipeline = context.pipeline();
      var tls = pipeline.context(SslHandler.class);
      if (tls == null) {
        replaceDecoder(pipeline);
      } else {
        pipeline.addAfter(tls.name(), "whenSecure", new WhenSecure());
      }
      // Before passing it on: an upgrade to HTTP/2, which only the management port knows, empties
      // the pipeline itself.
      pipeline.remove(this);
      context.fireChannelRead(message);
    }
  }

  private static final class WhenSecure extends ChannelInboundHandlerAdapter {
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      context.fireUserEventTriggered(event);
      if (event instanceof SslHandshakeCompletionEvent) {
        var strict = replaceDecoder(context.pipeline());
        if (strict != null) {
          strict.awaitHead();
        }
        context.pipeline().remove(this);
      }
    }
  }
}
