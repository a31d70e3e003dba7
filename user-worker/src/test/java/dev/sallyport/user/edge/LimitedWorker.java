package dev.sallyport.user.edge;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Settings of a worker whose budgets are soon used up, routes with limits of their own, and a
 * service behind them. Behind one trusted proxy, so that a test is whatever address it says.
 */
public final class LimitedWorker implements QuarkusTestResourceLifecycleManager {
  static final int ADDRESS = 20;
  static final int PRINCIPAL = 30;

  private static final String ROUTES =
      """
      {"routes": [
        {"path": "/plain", "binding": "shop", "requirement": "anonymous"},
        {"path": "/few", "binding": "shop", "requirement": "anonymous",
         "limits": {"addressPerMinute": 2}},
        {"path": "/mine", "binding": "shop", "requirement": "authenticated",
         "limits": {"addressPerMinute": 3, "principalPerMinute": 2}},
        {"path": "/closed", "binding": "shop", "requirement": "anonymous",
         "limits": {"whenRedisIsAway": "closed"}},
        {"path": "/open", "binding": "shop", "requirement": "anonymous",
         "limits": {"whenRedisIsAway": "open"}}
      ]}
      """;

  private @Nullable Vertx vertx;

  @Override
  public Map<String, String> start() {
    var running = Vertx.vertx();
    vertx = running;
    try {
      var service =
          running
              .createHttpServer()
              .requestHandler(request ->
                  request.response().putHeader("RateLimit", "\"theirs\";r=1;t=1").end("{}"))
              .listen(0, "127.0.0.1")
              .toCompletionStage()
              .toCompletableFuture()
              .get(20, TimeUnit.SECONDS);
      var file = Files.createTempDirectory("limits-").resolve("routes.json");
      Files.writeString(file, ROUTES);
      return Map.of(
          // A busy machine may be slow, and each answer is held to what Redis counts.
          "sallyport.limit.patience",
          "PT2S",
          "sallyport.trusted-hops",
          "1",
          "sallyport.limit.address-per-minute",
          Integer.toString(ADDRESS),
          "sallyport.limit.principal-per-minute",
          Integer.toString(PRINCIPAL),
          "sallyport.origins",
          "https://app.example",
          "sallyport.bindings.shop.url",
          "http://127.0.0.1:" + service.actualPort(),
          "sallyport.routes.file",
          file.toString());
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void stop() {
    if (vertx != null) {
      vertx.close();
    }
  }
}
