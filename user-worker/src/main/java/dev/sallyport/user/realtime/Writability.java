package dev.sallyport.user.realtime;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Whether the private side reads what we write. An upgraded connection of the Vert.x client never
 * says that its queue is full (4.5), so this asks the connection's channel: a client that sends
 * what the private side does not read would fill our memory. On the channel's event loop.
 */
final class Writability extends ChannelInboundHandlerAdapter {
  private final ConnectionBase connection;
  private final Runnable drained;

  private Writability(ConnectionBase connection, Runnable drained) {
    this.connection = connection;
    this.drained = drained;
  }

  /**
   * Watches a connection that has been upgraded.
   *
   * @param drained runs whenever it can be written to again
   */
  static Writability of(ConnectionBase connection, Runnable drained) {
    var writability = new Writability(connection, drained);
    connection.channel().pipeline().addFirst(writability);
    return writability;
  }

  boolean isFull() {
    return !connection.channel().isWritable();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (context.channel().isWritable()) {
      drained.run();
    }
    context.fireChannelWritabilityChanged();
  }
}
