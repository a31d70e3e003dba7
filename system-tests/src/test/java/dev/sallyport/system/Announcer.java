package dev.sallyport.system;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Publishes to rooms from transactions of a service, each until it is known to have committed; now
 * and then from one that fails. Thread-safe.
 */
final class Announcer {
  private static final Duration PACE = Duration.ofMillis(50);
  private static final int FAILS_ONE_OF = 10;

  private final Http http;
  private final List<String> rooms;
  private final Supplier<Accounts.Session> session;
  private final ChatNotes notes;
  private final RandomGenerator random;
  private final Set<Announced> committed = ConcurrentHashMap.newKeySet();
  private final Set<String> failed = ConcurrentHashMap.newKeySet();
  private @Nullable Thread thread;
  private volatile boolean stopped;

  /** What is in the log of a room, or will be soon. */
  record Announced(String room, String text) {}

  Announcer(
      Http http,
      List<String> rooms,
      Supplier<Accounts.Session> session,
      ChatNotes notes,
      RandomGenerator random) {
    this.http = http;
    this.rooms = rooms;
    this.session = session;
    this.notes = notes;
    this.random = random;
  }

  void start() {
    thread = Thread.ofVirtual().name("announcer").start(this::run);
  }

  /** Begins nothing new and waits for what was begun; gives whether that came to its end. */
  boolean finish(Duration within) throws InterruptedException {
    stopped = true;
    return thread == null || thread.join(within);
  }

  Set<Announced> committed() {
    return Set.copyOf(committed);
  }

  /** Texts of transactions that failed. */
  Set<String> failed() {
    return Set.copyOf(failed);
  }

  private void run() {
    for (int i = 0; !stopped; i++) {
      announce(rooms.get(random.nextInt(rooms.size())), "announced-" + i);
      LockSupport.parkNanos(PACE.toNanos());
    }
  }

  private void announce(String room, String text) {
    boolean fails = random.nextInt(FAILS_ONE_OF) == 0;
    var texts = new ArrayList<>(List.of(text, text + "-too"));
    var body = Json.write(Map.of("room", room, "texts", texts, "fail", fails));
    if (fails) {
      failed.addAll(texts);
    }
    int status = 0;
    while (status != 200 && status != 409) {
      status = status(body);
      if (status != 200 && status != 409) {
        LockSupport.parkNanos(PACE.toNanos());
      }
    }
    if (status == 200) {
      texts.forEach(one -> committed.add(new Announced(room, one)));
    }
  }

  private int status(String body) {
    try {
      var answer =
          http.post(
              "/api/internal/sample/announcements", body, "Authorization", session.get().bearer());
      if (answer.status() >= 400 && answer.status() < 500 && answer.status() != 409) {
        notes.wrong("not announced: " + answer);
      }
      return answer.status();
    } catch (UncheckedIOException e) {
      notes.event("announced again");
      return 0;
    }
  }
}
