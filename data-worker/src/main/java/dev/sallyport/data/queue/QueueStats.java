package dev.sallyport.data.queue;

import dev.sallyport.data.platform.Ticker;
import dev.sallyport.data.queue.Operators.Operated;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Says how much is in a queue, in all workers together. Counts at most once a second for each
 * queue, however many ask. Thread-safe; blocks.
 */
@Singleton
class QueueStats {
  static final Duration FRESH = Duration.ofSeconds(1);

  private final StatsSql sql;
  private final LogDepths logs;
  private final Ticker ticker;
  private final Map<String, Remembered> remembered = new ConcurrentHashMap<>();

  @Inject
  QueueStats(StatsSql sql, LogDepths logs, Ticker ticker) {
    this.sql = sql;
    this.logs = logs;
    this.ticker = ticker;
  }

  /**
   * How a queue is.
   *
   * @param pulled whether programs outside fetch its messages
   * @param depth messages that are due and not over, in the log and in Postgres
   * @param log {@code known}, or {@code unknown} when Kafka did not answer: {@code depth} is
   *     without the log then
   * @param oldestAge for how long the oldest message in Postgres has been due
   * @param inFlight in the hands of consumers or pullers
   * @param delayed that are not due
   * @param retried of those in {@code depth}, how many were attempted before
   * @param dead dead letters
   */
  public record View(
      String name,
      boolean paused,
      boolean closed,
      boolean pulled,
      int partitions,
      long depth,
      String log,
      @Nullable Duration oldestAge,
      long inFlight,
      long delayed,
      long retried,
      long dead) {}

  /** What was counted last. Guarded by its lock. */
  private static final class Remembered {
    private final ReentrantLock lock = new ReentrantLock();
    private long at;
    private @Nullable View view;
  }

  View of(Operated operated) {
    var last = remembered.computeIfAbsent(operated.name(), name -> new Remembered());
    last.lock.lock();
    try {
      var view = last.view;
      if (view == null || ticker.nanos() - last.at > FRESH.toNanos()) {
        view = count(operated.queue(), operated.row());
        last.view = view;
        last.at = ticker.nanos();
      }
      return view;
    } finally {
      last.lock.unlock();
    }
  }

  /** Counts in any case. */
  View count(Declared queue, int row) {
    var counts = sql.count(row);
    var log = log(queue, row, counts.partitions());
    return new View(
        queue.name(),
        counts.paused(),
        counts.closed(),
        queue.isPulled(),
        counts.partitions(),
        counts.waiting() + counts.leased() + log.orElse(0),
        log.isPresent() ? "known" : "unknown",
        counts.age(),
        counts.inFlight() + counts.leased(),
        counts.delayed(),
        counts.retried(),
        counts.dead());
  }

  /** How many messages of its log are not behind us. */
  private OptionalLong log(Declared queue, int row, int partitions) {
    if (partitions == 0) {
      return OptionalLong.empty();
    }
    var done = sql.done(row); // before the ends, or it might be ahead of them
    var ends = logs.ends(queue.name(), partitions);
    if (ends.isEmpty()) {
      return OptionalLong.empty();
    }
    long depth = 0;
    for (var end : ends.get().entrySet()) {
      depth += Math.max(0, end.getValue() - done.getOrDefault(end.getKey(), 0L));
    }
    return OptionalLong.of(depth);
  }
}
