package dev.sallyport.system;

import dev.sallyport.local.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * Messages with keys that become due evenly over one minute, sent over HTTP in batches before it
 * begins; and how late each takes effect. Confined to one thread.
 */
final class DelayedMessages {
  private static final int BATCH = 100;
  private static final int KEYS = 1_000;
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration LOOK_EVERY = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final String COUNTED =
      "SELECT coalesce(sum(value), 0) FROM sample.counter WHERE key = ANY (?)";

  /** More than one, so that messages do not wait for each other's row. */
  private static final int COUNTERS = 64;

  private final Deployment deployment;
  private final String bearer;

  DelayedMessages(Deployment deployment, String bearer) {
    this.deployment = deployment;
    this.bearer = bearer;
  }

  /**
   * What came of it.
   *
   * @param sending how long it took to send all
   * @param late how late a message was counted, in nanoseconds, as seen ten times a second
   * @param lastAfterMinute how long after the end of the minute the last one was counted
   */
  record Result(Duration sending, Histogram late, Duration lastAfterMinute) {}

  /** Sends so many, and waits for them. */
  Result run(int count) throws SQLException {
    var counter = UUID.randomUUID().toString();
    long began = System.nanoTime();
    // Generous: what is sent after its time would not be late by anybody's fault.
    long begin = began + Duration.ofMillis(5_000 + count / 4).toNanos();
    try (var socket = RawSocket.connect(deployment.userWorker().port())) {
      for (int first = 0; first < count; first += BATCH) {
        var answer =
            socket
                .send(
                    WorkflowBench.post(
                        "/api/queues/sample/batches", bearer, batch(counter, first, count, begin)))
                .answer();
        if (answer.status() != 202) {
          throw new IllegalStateException("not sent: " + answer);
        }
      }
    }
    var sending = Duration.ofNanos(System.nanoTime() - began);
    return watch(counter, count, begin, sending);
  }

  private static String batch(String counter, int first, int count, long begin) {
    var json = new StringBuilder("{\"messages\":[");
    for (int number = first; number < Math.min(first + BATCH, count); number++) {
      long due = begin + dueAfter(number, count);
      long millis = Math.max(1, (due - System.nanoTime()) / 1_000_000);
      json.append(number == first ? "" : ",")
          .append("{\"key\":\"k-")
          .append(number % KEYS)
          .append("\",\"delay\":\"")
          .append(Duration.ofMillis(millis))
          .append("\",\"body\":{\"key\":\"")
          .append(counter)
          .append(number % COUNTERS)
          .append("\"}}");
    }
    return json.append("]}").toString();
  }

  private static long dueAfter(long number, int count) {
    return MINUTE.toNanos() * number / count;
  }

  private Result watch(String counter, int count, long begin, Duration sending)
      throws SQLException {
    var late = new Histogram(3);
    try (var connection = deployment.stack().postgres().connect(PostgresServer.DATA_WORKER)) {
      long seen = 0;
      while (seen < count) {
        LockSupport.parkNanos(LOOK_EVERY.toNanos());
        long now = System.nanoTime();
        long counted = counted(connection, counter);
        for (; seen < counted; seen++) {
          late.recordValue(Math.max(0, now - begin - dueAfter(seen, count)));
        }
        if (now - begin > PATIENCE.toNanos()) {
          throw new IllegalStateException(seen + " of " + count + " after " + PATIENCE);
        }
      }
    }
    var last = Duration.ofNanos(System.nanoTime() - begin).minus(MINUTE);
    return new Result(sending, late, last);
  }

  private static long counted(Connection connection, String counter) throws SQLException {
    try (var statement = connection.prepareStatement(COUNTED)) {
      var names = IntStream.range(0, COUNTERS).mapToObj(i -> counter + i).toArray();
      statement.setArray(1, connection.createArrayOf("text", names));
      try (var rows = statement.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }
}
