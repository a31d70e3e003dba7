package dev.sallyport.user.route;

import dev.sallyport.user.Json;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Two bindings that tell what they were asked, and a file of routes to them. */
public final class TwoServices implements QuarkusTestResourceLifecycleManager {
  static final String FILE = "sallyport.routes.file";

  private @Nullable Vertx vertx;

  @Override
  public Map<String, String> start() {
    var running = Vertx.vertx();
    vertx = running;
    try {
      Path file = Files.createTempDirectory("routes-").resolve("routes.json");
      return Map.of(
          "sallyport.bindings.shop.url",
          url(running, "shop"),
          "sallyport.bindings.site.url",
          url(running, "site"),
          "sallyport.bindings.site.entrypoint",
          "/pages",
          FILE,
          file.toString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String url(Vertx vertx, String name) {
    try {
      var server =
          vertx
              .createHttpServer()
              .requestHandler(request -> serve(name, request))
              .listen(0, "127.0.0.1")
              .toCompletionStage()
              .toCompletableFuture()
              .get(20, TimeUnit.SECONDS);
      return "http://127.0.0.1:" + server.actualPort();
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void serve(String name, HttpServerRequest request) {
    var headers = new LinkedHashMap<String, String>();
    request.headers().forEach((key, value) -> headers.put(key.toLowerCase(Locale.ROOT), value));
    request.response().putHeader("Access-Control-Allow-Origin", "*");
    request
        .response()
        .putHeader("Vary", "Accept")
        .end(
            Json.text(
                Map.of(
                    "service",
                    name,
                    "method",
                    request.method().name(),
                    "target",
                    request.uri(),
                    "headers",
                    headers)));
  }

  @Override
  public void stop() {
    if (vertx != null) {
      vertx.close();
    }
  }
}
