package dev.sallyport.user.binding;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The data-worker at the binding's own address. It owns nothing that its callers say another one
 * owns: {@code ?owner=ADDRESS} is answered 421 with that address (none if empty), after {@code
 * delay} ms; anything else {@code any}.
 */
public final class AnyWorker implements QuarkusTestResourceLifecycleManager {
  private @Nullable Vertx vertx;

  @Override
  public Map<String, String> start() {
    var running = Vertx.vertx();
    vertx = running;
    try {
      var server =
          running
              .createHttpServer()
              .requestHandler(this::serve)
              .listen(0, "127.0.0.1")
              .toCompletionStage()
              .toCompletableFuture()
              .get(20, TimeUnit.SECONDS);
      var binding = "sallyport.bindings.BACKEND_SERVICE.";
      return Map.of(
          binding + "url", "http://127.0.0.1:" + server.actualPort(),
          binding + "timeout", "PT2S",
          binding + "connections-max", "4",
          binding + "tunnels-max", "4");
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  private void serve(HttpServerRequest request) {
    var owner = request.getParam("owner");
    if (owner == null) {
      request.response().end("any");
      return;
    }
    var delay = request.getParam("delay");
    if (delay == null) {
      misdirected(request, owner);
    } else {
      Objects.requireNonNull(vertx)
          .setTimer(Long.parseLong(delay), due -> misdirected(request, owner));
    }
  }

  private static void misdirected(HttpServerRequest request, String owner) {
    var response = request.response().setStatusCode(421);
    if (!owner.isEmpty()) {
      response.putHeader("X-Sallyport-Owner", owner);
    }
    response.putHeader("Content-Type", "application/problem+json").end("{\"secret\":true}");
  }

  @Override
  public void stop() {
    if (vertx != null) {
      vertx.close();
    }
  }
}
