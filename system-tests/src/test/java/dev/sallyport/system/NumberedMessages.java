package dev.sallyport.system;

import dev.sallyport.local.PostgresServer;
import java.io.UncheckedIOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Sends messages that each add 1 to a counter of their own, through a user-worker, again under the
 * same id for as long as they are not acknowledged, whatever happens to workers and stores
 * meanwhile. Thread-safe.
 */
final class NumberedMessages {
  private static final int SENDERS = 12;
  private static final int BATCH = 20;
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(8);
  private static final int KEYS = 500;

  private static final String COUNTS =
      """
      SELECT count(*), coalesce(sum(value), 0), coalesce(max(value), 0)
      FROM sample.counter WHERE key LIKE ?
      """;

  /** How messages are sent: over HTTP, or from transactions of the data-worker. */
  private enum Way {
    ONE_BY_ONE,
    BATCHES,
    TRANSACTIONS
  }

  /** What was counted: how many messages, how often in all, and at most one of them. */
  record Counts(long messages, long effects, long most) {}

  private final Deployment deployment;
  private final String bearer;
  private final int count;
  private final String scope = UUID.randomUUID().toString().substring(0, 8);
  private final AtomicInteger next = new AtomicInteger();
  private final AtomicInteger acknowledged = new AtomicInteger();
  private final AtomicInteger repeated = new AtomicInteger();
  private final List<Thread> threads = new ArrayList<>();

  NumberedMessages(Deployment deployment, String bearer, int count) {
    this.deployment = deployment;
    this.bearer = bearer;
    this.count = count;
  }

  /** Begins to send. */
  NumberedMessages start() {
    for (int i = 0; i < SENDERS; i++) {
      var way = Way.values()[i % Way.values().length];
      threads.add(Thread.ofVirtual().start(() -> send(way)));
    }
    return this;
  }

  /** How many were answered with 202. */
  int acknowledged() {
    return acknowledged.get();
  }

  /** How often something had to be sent again. */
  int repeated() {
    return repeated.get();
  }

  /** Waits until all are acknowledged. */
  void awaitSent() throws InterruptedException {
    for (var thread : threads) {
      thread.join();
    }
  }

  private void send(Way way) {
    int size = way == Way.ONE_BY_ONE ? 1 : BATCH;
    while (true) {
      int first = next.getAndAdd(size);
      if (first >= count) {
        return;
      }
      int last = Math.min(first + size, count);
      var numbers = IntStream.range(first, last);
      switch (way) {
        case ONE_BY_ONE -> untilTaken("/api/queues/sample/messages", message(first));
        case BATCHES ->
            untilTaken(
                "/api/queues/sample/batches",
                Map.of("messages", numbers.mapToObj(this::message).toList()));
        case TRANSACTIONS ->
            untilTaken(
                "/api/internal/sample/orders",
                Map.of("keys", numbers.mapToObj(this::name).toList()));
      }
      acknowledged.addAndGet(last - first);
    }
  }

  private String name(int number) {
    return scope + "-" + number;
  }

  private Map<String, Object> message(int number) {
    var name = name(number);
    var message = new LinkedHashMap<String, Object>();
    message.put("id", name);
    // Some have an order to keep, and some fail at first.
    if (number % 2 == 0) {
      message.put("key", scope + "-" + number % KEYS);
    }
    message.put("body", number % 97 == 0 ? Map.of("key", name, "fail", 1) : Map.of("key", name));
    return message;
  }

  private void untilTaken(String path, Object body) {
    var json = Json.write(body);
    var http = deployment.userWorker().http().within(ANSWER_WITHIN);
    while (true) {
      try {
        var answer = http.post(path, json, "Authorization", bearer);
        if (answer.status() < 300) {
          return;
        }
        if (answer.status() < 500) {
          throw new IllegalStateException("refused: " + answer);
        }
      } catch (UncheckedIOException unanswered) {
        // It may have arrived or not: it is sent again under the same id.
      }
      repeated.incrementAndGet();
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /** Where those are that were not counted. */
  String missing() throws SQLException {
    return new MissingMessages(deployment).of(scope, count);
  }

  Counts counts() throws SQLException {
    try (var connection = deployment.stack().postgres().connect(PostgresServer.DATA_WORKER);
        var statement = connection.prepareStatement(COUNTS)) {
      statement.setString(1, scope + "-%");
      try (var rows = statement.executeQuery()) {
        rows.next();
        return new Counts(rows.getLong(1), rows.getLong(2), rows.getLong(3));
      }
    }
  }
}
