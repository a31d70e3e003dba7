package dev.sallyport.user.queue;

import dev.sallyport.user.platform.Ticker;
import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The queues that can be sent to, as Postgres has them, kept in memory. While it is used the list
 * is read again in the background once it is a second old; a list older than ten seconds is waited
 * for, half a second at the most, and so is one that does not have the queue in question. Postgres
 * is asked once a second at the most. While it is away the list that was read last counts.
 * Thread-safe, does not block.
 */
@ApplicationScoped
class OpenQueues {
  static final Duration FRESH_FOR = Duration.ofSeconds(1);
  static final Duration BELIEVED_FOR = Duration.ofSeconds(10);
  private static final Duration PATIENCE = Duration.ofMillis(500);

  /**
   * What was read.
   *
   * @param at when that was asked for, by the ticker
   */
  private record Known(Map<String, Senders> queues, long at) {}

  private final Supplier<Future<Map<String, Senders>>> source;
  private final Ticker ticker;
  private volatile @Nullable Known known;
  private @Nullable Future<Void> reading;
  private long askedAt;
  private boolean asked;

  @Inject
  OpenQueues(QueueSql sql, Ticker ticker) {
    this(sql::openQueues, ticker);
  }

  OpenQueues(Supplier<Future<Map<String, Senders>>> source, Ticker ticker) {
    this.source = source;
    this.ticker = ticker;
  }

  /**
   * Who may send to this queue; nothing where there is no such queue. Fails where no list could
   * ever be read.
   */
  Future<Optional<Senders>> find(String queue) {
    var now = known;
    if (now != null) {
      var senders = now.queues().get(queue);
      long age = ticker.nanos() - now.at();
      if (senders != null && age < BELIEVED_FOR.toNanos()) {
        if (age >= FRESH_FOR.toNanos()) {
          // In the background; a failure is Database's to tell.
          var _ = read();
        }
        return Future.succeededFuture(Optional.of(senders));
      }
    }
    return read()
        .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .transform(read -> {
          var then = known;
          return then == null
              ? Future.failedFuture(SendError.queuesUnknown())
              : Future.succeededFuture(Optional.ofNullable(then.queues().get(queue)));
        });
  }

  /** One at a time, and none within a second of the one before. */
  private synchronized Future<Void> read() {
    if (reading != null) {
      return reading;
    }
    long now = ticker.nanos();
    if (asked && now - askedAt < FRESH_FOR.toNanos()) {
      return Future.succeededFuture();
    }
    asked = true;
    askedAt = now;
    var begun = source.get().onSuccess(queues -> known = new Known(queues, now)).<Void>mapEmpty();
    reading = begun;
    begun.onComplete(done -> finished());
    return begun;
  }

  private synchronized void finished() {
    reading = null;
  }
}
