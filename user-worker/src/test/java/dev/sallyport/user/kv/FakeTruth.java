package dev.sallyport.user.kv;

import dev.sallyport.model.SharedEntry;
import dev.sallyport.user.Json;
import dev.sallyport.user.Visitor;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A data-worker that only knows shared values, and behaves as their spaces say: {@code values} has
 * a value for each key, {@code slow} too, after {@value #SLOW_MILLIS} ms. The path {@code /asked}
 * tells how often it was asked for a key. It fills no Redis.
 */
public final class FakeTruth implements QuarkusTestResourceLifecycleManager {
  static final String URL = "sallyport.bindings.BACKEND_SERVICE.url";
  static final int SLOW_MILLIS = 300;

  private final ConcurrentHashMap<String, AtomicInteger> asked = new ConcurrentHashMap<>();
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
      return Map.of(URL, "http://127.0.0.1:" + server.actualPort());
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  private void serve(HttpServerRequest request) {
    var path = Objects.requireNonNull(request.path());
    var key = request.getParam("key", "");
    var response = request.response();
    var times = asked.computeIfAbsent(key, first -> new AtomicInteger());
    if (path.equals("/asked")) {
      response.end(times.toString());
      return;
    }
    times.incrementAndGet();
    if (!SharedEntry.CALLER.equals(request.getHeader("X-User-Id"))) {
      response.setStatusCode(404).end();
      return;
    }
    var value = Json.text(Map.of("version", 7, "value", "of " + key));
    switch (path.substring(SharedEntry.PATH.length())) {
      case "values" -> response.end(value);
      case "slow" ->
          Objects.requireNonNull(vertx).setTimer(SLOW_MILLIS, later -> response.end(value));
      case "nothing" -> response.end("{\"version\":0}");
      case "garbage" -> response.end("<html>");
      case "other-json" -> response.end("{\"version\":\"seven\",\"value\":{}}");
      case "failing" -> response.setStatusCode(500).end();
      case "dying" -> request.connection().close();
      case "hanging" -> {}
      default -> response.setStatusCode(404).end();
    }
  }

  /** How often the one at this address was asked for a key. */
  static int asked(URI truth, String key) {
    var target = "/asked?key=" + URLEncoder.encode(key, StandardCharsets.UTF_8);
    return Integer.parseInt(new Visitor(truth).get(target).body());
  }

  @Override
  public void stop() {
    if (vertx != null) {
      vertx.close();
    }
  }
}
