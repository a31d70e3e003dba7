package dev.sallyport.data.service.echo;

import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.OpenSocket;
import dev.sallyport.data.binding.Problems;
import dev.sallyport.data.binding.Sockets;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * A WebSocket that sends back each frame as it came: text and binary, whole or in parts, up to 64
 * KiB; a larger one closes it with 1009. Like any echo it is only as fast as its client reads.
 */
@Singleton
class EchoSocket {
  private static final String PATH = "/api/internal/echo/socket";

  private final Sockets sockets;

  @Inject
  EchoSocket(Sockets sockets) {
    this.sockets = sockets;
  }

  void route(@Observes Router router) {
    router.route(HttpMethod.GET, PATH).handler(this::open);
    router.route(PATH).handler(rc -> Problems.methodNotAllowed(rc, "GET"));
  }

  private void open(RoutingContext rc) {
    InternalCall.current().caller().user();
    sockets.open(rc, EchoSocket::echo);
  }

  private static void echo(OpenSocket socket) {
    socket.onFrame(socket::write);
  }
}
