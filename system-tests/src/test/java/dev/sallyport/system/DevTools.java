package dev.sallyport.system;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a browser by its own debugging protocol: calls with answers, and events of the
 * pages. Thread-safe.
 */
final class DevTools implements AutoCloseable {
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(20);

  private final HttpClient http = HttpClient.newHttpClient();
  private final Map<Integer, CompletableFuture<JsonNode>> asked = new ConcurrentHashMap<>();
  private final Map<String, Consumer<JsonNode>> followed = new ConcurrentHashMap<>();
  private final WebSocket socket;
  private int asks;

  private DevTools(URI address) {
    this.socket = http.newWebSocketBuilder().buildAsync(address, new Reader()).join();
  }

  /**
   * @param address as the browser has said it when it started
   */
  static DevTools connect(URI address) {
    return new DevTools(address);
  }

  /** Calls the browser itself. */
  JsonNode call(String method, Map<String, ?> parameters) {
    return call(null, method, parameters);
  }

  /**
   * Calls one page.
   *
   * @throws IllegalStateException where the browser refuses, or has not answered in time
   */
  JsonNode call(@Nullable String session, String method, Map<String, ?> parameters) {
    var answer = send(session, method, parameters);
    try {
      return answer.orTimeout(ANSWER_WITHIN.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      throw new IllegalStateException(method + " " + parameters, e);
    }
  }

  private synchronized CompletableFuture<JsonNode> send(
      @Nullable String session, String method, Map<String, ?> parameters) {
    asks++;
    var call = new HashMap<String, Object>();
    call.put("id", asks);
    call.put("method", method);
    call.put("params", parameters);
    if (session != null) {
      call.put("sessionId", session);
    }
    var answer = new CompletableFuture<JsonNode>();
    asked.put(asks, answer);
    // One after the other: the socket takes no second text while the first is on its way.
    socket.sendText(Json.write(call), true).join();
    return answer;
  }

  /** Tells {@code listener} what happens in a page, on the reading thread. */
  void follow(String session, Consumer<JsonNode> listener) {
    followed.put(session, listener);
  }

  @Override
  public void close() {
    socket.abort();
    http.shutdownNow();
  }

  private final class Reader implements WebSocket.Listener {
    private final StringBuilder message = new StringBuilder();

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      message.append(part);
      if (last) {
        var whole = Json.parse(message.toString());
        message.setLength(0);
        received(whole);
      }
      from.request(1);
      return null;
    }

    private void received(JsonNode message) {
      if (message.has("id")) {
        var answer = asked.remove(message.required("id").asInt());
        if (answer == null) {
          return; // nobody waits for it any more
        }
        if (message.has("error")) {
          answer.completeExceptionally(
              new IllegalStateException(message.required("error").toString()));
        } else {
          answer.complete(message.required("result"));
        }
      } else {
        var listener = followed.get(message.path("sessionId").asText());
        if (listener != null) {
          listener.accept(message);
        }
      }
    }
  }
}
