package dev.sallyport.user.binding;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A private service that can be begun and ended, and behaves as it is told. Thread-safe. */
final class UnsteadyService implements AutoCloseable {
  private static final String BUSY =
      "{\"type\":\"urn:sallyport:problem:overloaded\",\"status\":503,\"retryable\":";

  private final Vertx vertx = Vertx.vertx();
  private final int port;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final AtomicInteger busyFor = new AtomicInteger();
  private volatile boolean deaf;
  private @Nullable HttpServer server;

  UnsteadyService(int port) {
    this.port = port;
  }

  /** Takes connections from now on. */
  void begin() {
    server = await(vertx.createHttpServer().requestHandler(this::serve).listen(port, "127.0.0.1"));
  }

  /** Refuses connections from now on, and drops those that there are. */
  void end() {
    if (server != null) {
      await(server.close());
      server = null;
    }
  }

  /** Answers nothing, not even probes. */
  void turnDeaf(boolean to) {
    deaf = to;
  }

  /** Answers so many requests with 503. */
  void beBusyFor(int requests) {
    busyFor.set(requests);
  }

  /** What it was asked, but for probes. */
  List<String> asked() {
    return asked;
  }

  private void serve(HttpServerRequest request) {
    var path = Objects.requireNonNull(request.path());
    boolean probe = path.equals("/api/internal/ping");
    if (!probe) {
      asked.add(request.method() + " " + path);
    }
    if (deaf || path.endsWith("/hang")) {
      return;
    }
    request
        .body()
        .onSuccess(body -> {
          if (!probe && busyFor.getAndUpdate(left -> Math.max(left - 1, 0)) > 0) {
            request
                .response()
                .setStatusCode(503)
                .putHeader("Content-Type", "application/problem+json")
                .end(BUSY + !path.endsWith("/done") + "}");
          } else {
            request.response().end("fine");
          }
        });
  }

  private static <T> T await(io.vertx.core.Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    await(vertx.close());
  }
}
