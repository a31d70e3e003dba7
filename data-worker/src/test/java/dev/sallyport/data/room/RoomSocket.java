package dev.sallyport.data.room;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.Json;
import dev.sallyport.data.UserWorker;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A client in a room: what it is told waits here until it is asked for. */
final class RoomSocket implements WebSocket.Listener, AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final Duration SOON = Duration.ofSeconds(20);

  private final LinkedBlockingQueue<Map<String, Object>> frames = new LinkedBlockingQueue<>();
  private final CompletableFuture<Integer> closed = new CompletableFuture<>();
  private final StringBuilder partial = new StringBuilder();
  private final boolean reads;
  private @Nullable WebSocket socket;

  private RoomSocket(boolean reads) {
    this.reads = reads;
  }

  static RoomSocket open(UserWorker caller, String room) {
    return open(caller, room, "");
  }

  static RoomSocket open(UserWorker caller, String room, String query) {
    return open(caller, room, query, true);
  }

  /** One that takes what it has asked for with {@link #read} alone. */
  static RoomSocket openUnread(UserWorker caller, String room) {
    return open(caller, room, "", false);
  }

  private static RoomSocket open(UserWorker caller, String room, String query, boolean reads) {
    var target = "/api/internal/rooms/" + room + "/socket" + query;
    var client = new RoomSocket(reads);
    var builder = HTTP.newWebSocketBuilder().subprotocols("sallyport.room.v1").connectTimeout(SOON);
    caller.headers("GET", target, null).forEach(builder::header);
    client.socket =
        builder
            .buildAsync(URI.create("ws://localhost:" + caller.port() + target), client)
            .orTimeout(SOON.toSeconds(), TimeUnit.SECONDS)
            .join();
    assertThat(client.socket().getSubprotocol()).isEqualTo("sallyport.room.v1");
    return client;
  }

  private WebSocket socket() {
    var open = socket;
    assertThat(open).isNotNull();
    return java.util.Objects.requireNonNull(open);
  }

  @Override
  public void onOpen(WebSocket open) {
    if (reads) {
      open.request(1);
    }
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket open, CharSequence data, boolean last) {
    partial.append(data);
    if (last) {
      frames.add(Json.object(partial.toString()));
      partial.setLength(0);
    }
    open.request(1);
    return null;
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket open, int code, String reason) {
    closed.complete(code);
    return null;
  }

  @Override
  public void onError(WebSocket open, Throwable error) {
    closed.completeExceptionally(error);
  }

  /** Begins to read. */
  void read() {
    socket().request(1);
  }

  void send(String json) {
    socket().sendText(json, true).orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
  }

  WebSocket raw() {
    return socket();
  }

  void publish(String id, String data) {
    send("{\"type\":\"publish\",\"id\":\"" + id + "\",\"data\":" + data + "}");
  }

  /** The next frame of this type; those of others before it are passed over. */
  Map<String, Object> next(String type) {
    return next(frame -> type.equals(frame.get("type")), type);
  }

  Map<String, Object> next(Predicate<Map<String, Object>> wanted, String what) {
    var passed = new ArrayList<Map<String, Object>>();
    try {
      while (true) {
        var frame = frames.poll(SOON.toSeconds(), TimeUnit.SECONDS);
        if (frame == null) {
          throw new AssertionError("no " + what + ", but " + passed + ", closed: " + closed);
        }
        if (wanted.test(frame)) {
          return frame;
        }
        passed.add(frame);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** The very next frame. */
  Map<String, Object> next() {
    return next(frame -> true, "frame");
  }

  /** So many messages; what else comes is passed over. */
  List<Map<String, Object>> messages(int count) {
    var messages = new ArrayList<Map<String, Object>>();
    for (int i = 0; i < count; i++) {
      messages.add(next("message"));
    }
    return messages;
  }

  /** Waits for the end; gives the close code. */
  int closeCode() {
    return closed.orTimeout(SOON.toSeconds(), TimeUnit.SECONDS).join();
  }

  boolean isClosed() {
    return closed.isDone();
  }

  /** What was not asked for. */
  List<Map<String, Object>> rest() {
    return List.copyOf(frames);
  }

  @Override
  public void close() {
    socket().abort();
  }
}
