package dev.sallyport.data.queue;

import com.fasterxml.jackson.annotation.JsonRawValue;
import dev.sallyport.data.platform.Doorbell;
import dev.sallyport.data.platform.Ticker;
import dev.sallyport.data.queue.Operators.Operated;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** Hands messages to programs outside. Thread-safe; blocks for {@link #WAIT_MAX} and a little. */
@Singleton
class Pulls {
  static final int MAX = 100;
  static final Duration LEASE = Duration.ofSeconds(30);
  static final Duration LEASE_MIN = Duration.ofSeconds(1);
  static final Duration LEASE_MAX = Duration.ofHours(12);

  /** The edge gives a call 10 s. */
  static final Duration WAIT_MAX = Duration.ofSeconds(8);

  /** How often a call that waits looks; nobody tells it what arrives at other workers. */
  private static final Duration POLL = Duration.ofMillis(100);

  /** How often it looks for leases that are over. */
  private static final Duration LAPSES = Duration.ofSeconds(1);

  /** Calls of this worker that may wait at once; others are answered with what is there. */
  private static final int WAITING_MAX = 64;

  /** Looks that found only what other pullers got. */
  private static final int TRIES = 5;

  private final PullSql sql;
  private final ShownBody bodies;
  private final Ticker ticker;
  private final QueueMeters meters;
  private final Semaphore waiting = new Semaphore(WAITING_MAX);

  @Inject
  Pulls(PullSql sql, ShownBody bodies, Ticker ticker, QueueMeters meters) {
    this.sql = sql;
    this.bodies = bodies;
    this.ticker = ticker;
    this.meters = meters;
  }

  /**
   * A message in a puller's hands.
   *
   * @param sentAt when the broker took it
   * @param attempt the first is 1
   * @param receipt to be shown with what became of it
   * @param leasedUntil from when on others may get it; by the database's clock
   */
  public record Handed(
      String id,
      String sender,
      @Nullable String key,
      @JsonRawValue String body,
      Instant sentAt,
      int attempt,
      String receipt,
      Instant leasedUntil) {}

  /** At most so many; waits so long for the first. */
  List<Handed> pull(Operated queue, int max, Duration lease, Duration wait) {
    endLapsed(queue.queue(), queue.row());
    var lent = take(queue, max, lease);
    if (lent.isEmpty() && wait.isPositive() && waiting.tryAcquire()) {
      try {
        lent = await(queue, max, lease, wait);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt(); // the worker stops: nothing is answered
      } finally {
        waiting.release();
      }
    }
    return lent.stream().map(this::handed).toList();
  }

  private List<PullSql.Lent> await(Operated queue, int max, Duration lease, Duration wait)
      throws InterruptedException {
    var bell = new Doorbell();
    long began = ticker.nanos();
    long looked = began;
    while (true) {
      long now = ticker.nanos();
      long left = wait.toNanos() - (now - began);
      if (left <= 0) {
        return List.of();
      }
      bell.await(Duration.ofNanos(Math.min(left, POLL.toNanos())));
      if (now - looked > LAPSES.toNanos()) {
        endLapsed(queue.queue(), queue.row());
        looked = now;
      }
      var lent = take(queue, max, lease);
      if (!lent.isEmpty()) {
        return lent;
      }
    }
  }

  private List<PullSql.Lent> take(Operated queue, int max, Duration lease) {
    for (int i = 0; i < TRIES; i++) {
      var look = sql.look(queue.row(), max);
      if (look.isEmpty()) {
        return List.of();
      }
      var lent = sql.lease(look, max, lease);
      if (!lent.isEmpty()) {
        return lent;
      }
    }
    return List.of();
  }

  /** Lets messages whose lease is over be handed out again, or makes them dead letters. */
  void endLapsed(Declared queue, int row) {
    PullSql.Ended ended;
    do {
      ended = sql.endLapsed(row, queue.options().retry().max());
      meters.pulled(queue.name(), 0, ended.leases() - ended.dead(), ended.dead());
    } while (ended.leases() == PullSql.ENDED_MAX);
  }

  private Handed handed(PullSql.Lent lent) {
    return new Handed(
        lent.id(),
        lent.sender(),
        lent.key(),
        bodies.of(lent.body()),
        lent.sentAt(),
        lent.attempt(),
        lent.receipt().text(),
        lent.until());
  }
}
