package dev.sallyport.user.edge;

import dev.sallyport.user.Json;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A private service that behaves as its paths say. The binding has short deadlines with it. */
public final class FakeService implements QuarkusTestResourceLifecycleManager {
  public static final String BASE = "/api/internal/";

  private final AtomicInteger hanging = new AtomicInteger();
  private @Nullable Vertx vertx;

  @Override
  public Map<String, String> start() {
    var running = Vertx.vertx();
    vertx = running;
    var options =
        new HttpServerOptions()
            .setHost("127.0.0.1")
            .setPort(0)
            .addWebSocketSubProtocol("echo")
            .setRegisterWebSocketWriteHandlers(false);
    var server = await(running.createHttpServer(options).requestHandler(this::serve));
    var binding = "sallyport.bindings.BACKEND_SERVICE.";
    return Map.of(
        binding + "url", "http://127.0.0.1:" + server.actualPort(),
        binding + "timeout", "PT1S",
        binding + "silence", "PT2S",
        // What fails in one test says nothing about the next.
        binding + "breaker.failures", "100000",
        binding + "breaker.failure-percent", "100",
        binding + "connections-max", "4",
        binding + "tunnels-max", "4");
  }

  private static HttpServer await(HttpServer server) {
    try {
      return server.listen().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  private void serve(HttpServerRequest request) {
    var response = request.response();
    switch (Objects.requireNonNull(request.path()).substring(BASE.length())) {
      case "ping" -> response.end("{}");
      // A refusal, since an upgrade that is answered as an ordinary request is a bad answer.
      case "seen-upgrade" -> response.setStatusCode(403).end(seen(request, Buffer.buffer()));
      case "seen", "rpc" -> request.body().onSuccess(body -> response.end(seen(request, body)));
      case "echo" -> {
        response.setChunked(true);
        request.pipeTo(response);
      }
      case "sized" -> {
        int size = Integer.parseInt(request.getParam("size"));
        response.putHeader("Content-Length", Integer.toString(size));
        response.end(Buffer.buffer(new byte[size]));
      }
      case "headers" -> {
        response.headers().add("X-Passed", "a").add("X-Passed", "b");
        response
            .putHeader("Connection", "X-Hop")
            .putHeader("X-Hop", "1")
            .putHeader("X-Request-Id", "theirs")
            .putHeader("X-Sallyport-Secret", "1")
            .putHeader("ETag", "\"1\"")
            .end("body");
      }
      case "cors" ->
          response
              .putHeader("Access-Control-Allow-Origin", "https://evil.example")
              .putHeader("Access-Control-Allow-Credentials", "true")
              .putHeader("access-control-expose-headers", "X-Secret")
              .putHeader("Vary", "Accept")
              .end("{}");
      case "status" -> response.setStatusCode(Integer.parseInt(request.getParam("code"))).end();
      case "misdirected" -> response.setStatusCode(421).putHeader("X-Owner", "10.0.0.1").end("x");
      case "hang" -> hanging.incrementAndGet();
      case "hanging" -> response.end(Integer.toString(hanging.get()));
      case "die-at-once" -> request.connection().close();
      case "die-in-small-body" -> {
        response.putHeader("Content-Length", "100").putHeader("Content-Encoding", "gzip");
        response.putHeader("Set-Cookie", "a=b").write("half");
        request.connection().close();
      }
      case "die-in-stream" -> {
        response.setChunked(true).write("half");
        requireVertx().setTimer(100, later -> request.connection().close());
      }
      case "fall-silent" -> response.setChunked(true).write("half");
      case "events" -> {
        response.putHeader("Content-Type", "text/event-stream").setChunked(true);
        response.write("data: 1\n\n");
        request.connection().closeHandler(closed -> hanging.decrementAndGet());
      }
      case "early" -> response.setStatusCode(413).end("no more");
      case "socket" -> request.toWebSocket().onSuccess(FakeService::echo);
      case "talkative-socket" -> {
        response.putHeader("X-Request-Id", "theirs").putHeader("X-Sallyport-Secret", "1");
        request.toWebSocket().onSuccess(FakeService::echo);
      }
      case "slow-socket" ->
          requireVertx()
              .setTimer(
                  500,
                  later -> {
                    if (!response.closed()) {
                      response.setStatusCode(101).putHeader("Connection", "Upgrade");
                      response.putHeader("Upgrade", "websocket");
                      request.toNetSocket();
                    }
                  });
      case "frames" -> {
        response.setStatusCode(101).putHeader("Connection", "Upgrade");
        response.putHeader("Upgrade", "websocket");
        request.toNetSocket().onSuccess(socket -> new FrameByFrame(requireVertx(), socket));
      }
      case "no-socket" ->
          response.setStatusCode(403).putHeader("Content-Type", "text/plain").end("not you");
      default -> response.setStatusCode(404).end();
    }
  }

  private static void echo(ServerWebSocket socket) {
    socket.frameHandler(frame -> {
      if (frame.isText() || frame.isBinary() || frame.isContinuation()) {
        socket.writeFrame(frame);
      }
    });
  }

  private Vertx requireVertx() {
    return Objects.requireNonNull(vertx);
  }

  /** What arrived: method, target, headers by name in lower case, and the body's length. */
  private static String seen(HttpServerRequest request, Buffer body) {
    var headers = new LinkedHashMap<String, List<String>>();
    request
        .headers()
        .forEach((name, value) ->
            headers
                .computeIfAbsent(name.toLowerCase(Locale.ROOT), first -> new ArrayList<>())
                .add(value));
    return Json.text(
        Map.of(
            "method", request.method().name(),
            "target", request.uri(),
            "headers", headers,
            "bodyBytes", body.length()));
  }

  @Override
  public void stop() {
    if (vertx != null) {
      vertx.close();
    }
  }
}
