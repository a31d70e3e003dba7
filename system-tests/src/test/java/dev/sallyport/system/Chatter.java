package dev.sallyport.system;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A member of a room that publishes all the time, each message under an id of its own, and comes
 * back whenever its connection ends, resuming behind what it has seen; what is not acknowledged by
 * then it says again under the same id. Checks what it is told. Thread-safe.
 */
final class Chatter {
  private static final Duration SILENCE_MAX = Duration.ofSeconds(15);
  private static final Duration PACE = Duration.ofMillis(100);
  private static final Duration AGAIN_AFTER = Duration.ofMillis(100);
  private static final int UNACKNOWLEDGED_MAX = 20;

  /** A message as it stands in a log. */
  record Said(long offset, String from, String id) {
    static Said of(JsonNode message) {
      var data = message.required("data");
      return new Said(
          message.required("offset").asLong(),
          message.required("from").asText(),
          (data.has("id") ? data.required("id") : data.required("text")).asText());
    }
  }

  private final int port;
  private final String room;
  private final String name;
  private final Supplier<Accounts.Session> session;
  private final ChatNotes notes;
  private final RandomGenerator random;
  private final List<Thread> threads = new ArrayList<>();

  // Guarded by this, as is what follows: when each was said first, and when those that were refused
  // are to be said again.
  private final Map<String, Long> unacknowledged = new LinkedHashMap<>();
  private final Map<String, Long> refused = new LinkedHashMap<>();
  private final Map<String, Long> acknowledged = new LinkedHashMap<>();
  private final List<Said> seen = new ArrayList<>();
  private @Nullable WsClient in;
  private @Nullable String epoch;
  private long last;
  private int made;

  private volatile boolean publishes = true;
  private volatile boolean stopped;

  Chatter(
      int port,
      String room,
      String name,
      Supplier<Accounts.Session> session,
      ChatNotes notes,
      RandomGenerator random) {
    this.port = port;
    this.room = room;
    this.name = name;
    this.session = session;
    this.notes = notes;
    this.random = random;
  }

  void start() {
    threads.add(Thread.ofVirtual().name(name + "-follows").start(this::follow));
    threads.add(Thread.ofVirtual().name(name + "-publishes").start(this::publish));
  }

  String room() {
    return room;
  }

  /** Publishes nothing new from now on. */
  void quiet() {
    publishes = false;
  }

  /** How many of its messages are not acknowledged yet. */
  synchronized int open() {
    return unacknowledged.size();
  }

  /** The offset of the last message that it has seen. */
  synchronized long last() {
    return last;
  }

  /** All that it has seen, in the order in which it came. */
  synchronized List<Said> seen() {
    return List.copyOf(seen);
  }

  /** With what offset each of its messages was acknowledged. */
  synchronized Map<String, Long> acknowledged() {
    return Map.copyOf(acknowledged);
  }

  /** Who it publishes as. */
  String user() {
    return session.get().account().id();
  }

  /** Cuts its connection, whatever is on its way. */
  void cut() {
    connection().ifPresent(WsClient::close);
  }

  private synchronized Optional<WsClient> connection() {
    return Optional.ofNullable(in);
  }

  /** Ends it. */
  void stop() throws InterruptedException {
    stopped = true;
    cut();
    for (var thread : threads) {
      thread.join(SILENCE_MAX.plusSeconds(5));
    }
  }

  private void follow() {
    while (!stopped) {
      try (var connection = RawSocket.connect(port).within(SILENCE_MAX)) {
        notes.event(follow(connection));
      } catch (UncheckedIOException e) {
        notes.event("connection failed");
      } catch (RuntimeException e) {
        notes.wrong(name + " " + e);
      } finally {
        synchronized (this) {
          in = null;
        }
      }
      LockSupport.parkNanos(AGAIN_AFTER.toNanos() + random.nextLong(AGAIN_AFTER.toNanos()));
    }
  }

  /** Gives how it ended. */
  private String follow(RawSocket connection) {
    var client = WsClient.open(connection, target(), "Authorization: " + session.get().bearer());
    if (!client.upgraded()) {
      if (client.answer().status() < 500) {
        notes.wrong(name + " was refused: " + client.answer());
      }
      return "answered " + client.answer().status();
    }
    for (var next = client.next(); next.isPresent(); next = client.next()) {
      var frame = next.get();
      switch (frame.opcode()) {
        case WsClient.TEXT -> hear(client, Json.parse(frame.text()));
        case WsClient.PING -> client.send(true, WsClient.PONG, new byte[0]);
        case WsClient.CLOSE -> {
          return closed(frame.closeCode());
        }
        default -> notes.wrong(name + " got a frame of kind " + frame.opcode());
      }
    }
    return "connection ended";
  }

  private String closed(int code) {
    // 1001 and 1011 to 1013 are of whoever stands between; the room itself has the others.
    if (code != 1001 && code != 1011 && code != 1012 && code != 1013 && code != 4008) {
      notes.wrong(name + " was closed with " + code);
    }
    return "closed " + code;
  }

  private synchronized String target() {
    var path = "/api/internal/rooms/" + room + "/socket";
    return epoch == null ? path : path + "?epoch=" + epoch + "&offset=" + last;
  }

  private synchronized void hear(WsClient client, JsonNode frame) {
    switch (frame.required("type").asText()) {
      case "welcome" -> welcome(client, frame);
      case "message" -> message(frame);
      case "ack" -> ack(frame);
      case "error" -> error(frame);
      case "presence", "state", "signal" -> {}
      default -> notes.wrong(name + " cannot read " + frame);
    }
  }

  private void welcome(WsClient client, JsonNode frame) {
    if (epoch == null) {
      epoch = frame.required("epoch").asText();
      last = frame.required("offset").asLong();
    } else if (!frame.required("recovered").asBoolean()
        || !frame.required("epoch").asText().equals(epoch)) {
      notes.wrong(name + " is not where it was after " + last + ": " + frame);
    } else {
      notes.event("resumed");
    }
    in = client;
    refused.clear();
    unacknowledged
        .keySet()
        .forEach(id -> {
          notes.event("said again");
          say(client, id);
        });
  }

  private void message(JsonNode frame) {
    var said = Said.of(frame);
    if (said.offset() != last + 1) {
      notes.wrong(name + " heard " + said + " after " + last);
    }
    last = said.offset();
    seen.add(said);
  }

  private void ack(JsonNode frame) {
    var id = frame.required("id").asText();
    long offset = frame.required("offset").asLong();
    var began = unacknowledged.remove(id);
    refused.remove(id);
    if (began != null) {
      notes.took(System.nanoTime() - began);
    }
    var before = acknowledged.put(id, offset);
    if (before != null && before != offset) {
      notes.wrong(name + " has acks of " + id + " with " + before + " and " + offset);
    }
  }

  private void error(JsonNode frame) {
    var code = frame.required("code").asText();
    notes.event("error " + code);
    if (!code.equals("unavailable") || !frame.has("id")) {
      notes.wrong(name + " was told " + frame);
    } else {
      refused.put(frame.required("id").asText(), System.nanoTime() + AGAIN_AFTER.toNanos());
    }
  }

  private void publish() {
    while (!stopped) {
      one();
      LockSupport.parkNanos(PACE.toNanos());
    }
  }

  private synchronized void one() {
    if (in == null) {
      return;
    }
    var client = in;
    long now = System.nanoTime();
    var due =
        refused.entrySet().stream()
            .filter(one -> one.getValue() < now)
            .map(Map.Entry::getKey)
            .toList();
    for (var id : due) {
      refused.remove(id);
      notes.event("said again");
      say(client, id);
    }
    if (publishes && unacknowledged.size() < UNACKNOWLEDGED_MAX) {
      var id = name + "-" + ++made;
      unacknowledged.put(id, System.nanoTime());
      say(client, id);
    }
  }

  private static void say(WsClient client, String id) {
    try {
      client.text("{\"type\":\"publish\",\"id\":\"" + id + "\",\"data\":{\"id\":\"" + id + "\"}}");
    } catch (UncheckedIOException e) {
      client.close(); // said again when it is back
    }
  }
}
