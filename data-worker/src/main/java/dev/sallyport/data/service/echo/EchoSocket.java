package dev.sallyport.data.service.echo;

import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Problems;
import dev.sallyport.data.binding.Sockets;
import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocketFrame;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/**
 * Sends back each frame as it came: text and binary, whole or in parts. Uses Vert.x's own socket
 * because quarkus-websockets-next cannot stop reading: with it, a client that sends and never reads
 * fills the heap. Here its socket is paused while more than 64 KiB wait to be written; Vert.x then
 * holds at most 16 frames that it had read before.
 *
 * <p>A frame of more than 64 KiB closes the socket with 1009. Vert.x answers pings and closes.
 */
@Singleton
class EchoSocket {
  static final String PATH = "/api/internal/echo/socket";

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
    var request = rc.request();
    if (!request.headers().contains(HttpHeaders.UPGRADE, HttpHeaders.WEBSOCKET, true)) {
      rc.response().putHeader(HttpHeaders.UPGRADE, HttpHeaders.WEBSOCKET);
      Problems.send(rc, Problem.of(ProblemType.UPGRADE_REQUIRED, "Open a WebSocket here."));
      return;
    }
    request.toWebSocket().onSuccess(this::echo).onFailure(rc::fail);
  }

  private void echo(ServerWebSocket socket) {
    sockets.opened(socket);
    socket.frameHandler(frame -> back(socket, frame)).drainHandler(drained -> socket.resume());
  }

  private static void back(ServerWebSocket socket, WebSocketFrame frame) {
    if (frame.isText() || frame.isBinary() || frame.isContinuation()) {
      socket.writeFrame(frame);
    }
    // Pongs count too: a client that only pings and never reads must be stopped as well.
    if (socket.writeQueueFull()) {
      socket.pause();
    }
  }
}
