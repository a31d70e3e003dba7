package dev.sallyport.system;

import dev.sallyport.model.rpc.JsonRpc;
import java.net.URI;
import java.time.InstantSource;
import java.util.UUID;

/** What a worker can be asked while none of its stores is there. Confined to one thread. */
final class Exercise {
  /** Enough for the JVM to see which code matters; more takes longer and changes nothing. */
  private static final int TIMES = 50;

  private static final String PING = "/api/internal/ping";
  private static final String ECHO = "/api/internal/echo";
  private static final String SOCKET = "/api/internal/echo/socket";
  private static final String DISCOVER =
      "{\"jsonrpc\":\"2.0\",\"method\":\"" + JsonRpc.DISCOVER + "\",\"id\":1}";
  private static final String NOBODY =
      "{\"email\":\"nobody@example.test\",\"password\":\"none at all\"}";
  private static final String BODY = "{\"text\":\"once more\"}";

  private final WorkerKind kind;
  private final int port;
  private final Http worker;
  private final Http management;
  private final InnerCalls calls;

  /**
   * The exercise of one running worker.
   *
   * @param keys its {@code SALLYPORT_SIGNING_KEYS}
   */
  Exercise(WorkerKind kind, Worker.Ports ports, String keys) {
    this.kind = kind;
    this.port = ports.http();
    this.worker = Http.to(URI.create("http://127.0.0.1:" + ports.http()));
    this.management = Http.to(URI.create("http://127.0.0.1:" + ports.management()));
    this.calls = new InnerCalls(keys, InstantSource.system(), UUID.randomUUID().toString());
  }

  /** The first request that the worker is there for. */
  void once() {
    switch (kind) {
      case USER_WORKER -> expect(200, worker.get("/health").status());
      case DATA_WORKER -> expect(200, raw(calls.request("GET", PING, null, "")));
    }
  }

  /** Every kind of request, again and again. */
  void all() {
    for (int i = 0; i < TIMES; i++) {
      once();
      switch (kind) {
        case USER_WORKER -> visit();
        case DATA_WORKER -> call();
      }
    }
    management.get("/q/health/started");
    management.get("/q/health/ready");
    expect(200, management.get("/q/health/live").status());
    expect(200, management.get("/q/metrics").status());
  }

  /** As strangers do. Signing in needs Postgres: the answer is 503. */
  private void visit() {
    expect(401, worker.get(PING).status());
    expect(503, worker.post("/auth/login", NOBODY).status());
  }

  /** As the user-worker does. */
  private void call() {
    expect(200, raw(calls.request("POST", ECHO, "application/json", BODY)));
    expect(200, raw(calls.request("POST", JsonRpc.PRIVATE_PATH, "application/json", DISCOVER)));
    var headers =
        calls.headers("GET", SOCKET, null).stream()
            .map(field -> field.name() + ": " + field.value())
            .toArray(String[]::new);
    try (var socket = WsClient.open(port, SOCKET, headers)) {
      expect(101, socket.answer().status());
      socket.text(BODY).nextFrame();
    }
  }

  private int raw(String request) {
    try (var socket = RawSocket.connect(port)) {
      return socket.send(request).answer().status();
    }
  }

  private void expect(int status, int found) {
    if (found != status) {
      throw new IllegalStateException(
          kind.module() + " answered " + found + " where it should answer " + status);
    }
  }
}
