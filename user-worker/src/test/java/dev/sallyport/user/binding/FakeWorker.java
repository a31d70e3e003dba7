package dev.sallyport.user.binding;

import dev.sallyport.model.SignedCall;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A data-worker that owns whatever it is asked for, and answers with its name; {@code ?then=…}
 * makes it answer otherwise. Keeps what it was asked.
 */
final class FakeWorker implements AutoCloseable {
  private final Vertx vertx = Vertx.vertx();
  private final String name;
  private final String host;
  private final HttpServer server;
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private volatile @Nullable String newOwner;

  /** One request. */
  record Asked(String method, String target, MultiMap headers, Buffer body) {
    SignedCall signed() {
      return new SignedCall(
          "BACKEND_SERVICE",
          method,
          target,
          headers.get("X-User-Id"),
          headers.get("X-User-Roles"),
          headers.get("X-Request-Id"),
          headers.get("X-Client-Address"),
          headers.get("X-Internal-Request"),
          headers.get("X-Deadline"),
          headers.get("Content-Type"),
          headers.get("Idempotency-Key"));
    }
  }

  FakeWorker(String name) {
    this(name, "127.0.0.1");
  }

  /**
   * @param host an address of the loopback interface
   */
  FakeWorker(String name, String host) {
    this.name = name;
    this.host = host.contains(":") ? "[" + host + "]" : host;
    var options = new HttpServerOptions().setHost(host).setPort(0).addWebSocketSubProtocol("echo");
    var made = vertx.createHttpServer(options).requestHandler(this::serve);
    try {
      server = made.listen().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  String address() {
    return "http://" + host + ":" + server.actualPort();
  }

  /** From now on it answers 421 with this address. */
  void lostAllTo(String owner) {
    newOwner = owner;
  }

  List<Asked> asked() {
    return asked;
  }

  private void serve(HttpServerRequest request) {
    var lost = newOwner;
    var then = lost == null ? request.getParam("then") : lost;
    if (then == null && request.headers().contains("Upgrade")) {
      asked.add(asked(request, Buffer.buffer()));
      request.toWebSocket().onSuccess(FakeWorker::echo);
      return;
    }
    request
        .body()
        .onSuccess(body -> {
          asked.add(asked(request, body));
          answer(request, then == null ? "" : then);
        });
  }

  private void answer(HttpServerRequest request, String then) {
    var response = request.response().putHeader("X-Sallyport-Owner", address());
    switch (then) {
      case "" -> response.end(name);
      case "hang" -> response.setStatusCode(200);
      case "die" -> request.connection().close();
      default -> response.putHeader("X-Sallyport-Owner", then).setStatusCode(421).end();
    }
  }

  private static Asked asked(HttpServerRequest request, Buffer body) {
    return new Asked(
        request.method().name(),
        request.uri(),
        MultiMap.caseInsensitiveMultiMap().addAll(request.headers()),
        body);
  }

  private static void echo(ServerWebSocket socket) {
    socket.frameHandler(frame -> {
      if (frame.isText()) {
        socket.writeFrame(frame);
      }
    });
  }

  @Override
  public void close() {
    try {
      vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }
}
