package dev.sallyport.user.binding;

import io.vertx.ext.web.RoutingContext;
import java.time.Duration;

/**
 * Where a WebSocket upgrade goes once it has been admitted. The edge, which admits, and realtime,
 * which carries, meet here and do not know each other. On the event loop of the client's
 * connection.
 */
public interface SocketDoor {
  /**
   * Upgrades the client's connection if the private side agrees; else the client gets the private
   * side's own answer, or a problem.
   *
   * @param session whose end closes the socket
   */
  void open(RoutingContext context, Binding binding, BindingCall call, String session);

  /** Ends every socket, since this worker stops; clients come back to another. */
  void closeAll();

  /**
   * Blocks until all have ended, once {@link #closeAll} was called. A client has 2.5 s at the most.
   *
   * @return false when {@code patience} ran out first
   */
  boolean awaitClosed(Duration patience) throws InterruptedException;
}
