package dev.sallyport.user.binding;

import dev.sallyport.user.platform.Ticker;
import io.vertx.core.Future;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where data-workers live, as Postgres has it, kept in memory. While it is used the list is read
 * again in the background once it is a second old; a list older than ten seconds is waited for,
 * half a second at the most, and so is one that does not have the address in question: that one may
 * have begun a moment ago. Postgres is asked five times a second at the most. While it is away the
 * list that was read last counts. Thread-safe, does not block.
 */
@ApplicationScoped
class LiveWorkers {
  static final Duration FRESH_FOR = Duration.ofSeconds(1);
  static final Duration BELIEVED_FOR = Duration.ofSeconds(10);
  static final Duration AGAIN_AFTER = Duration.ofMillis(200);
  private static final Duration PATIENCE = Duration.ofMillis(500);

  /**
   * What was read.
   *
   * @param at when that was asked for, by the ticker
   */
  private record Known(Set<String> addresses, long at) {}

  private final Supplier<Future<Set<String>>> source;
  private final Ticker ticker;
  private volatile @Nullable Known known;
  private @Nullable Future<Void> reading;
  private long askedAt;
  private boolean asked;

  @Inject
  LiveWorkers(WorkerSql sql, Ticker ticker) {
    this(sql::liveWorkers, ticker);
  }

  LiveWorkers(Supplier<Future<Set<String>>> source, Ticker ticker) {
    this.source = source;
    this.ticker = ticker;
  }

  /**
   * Whether a live worker has published this very text as its address. Never fails: where nobody
   * can say it is {@code false}. Told on no particular thread.
   */
  Future<Boolean> has(String address) {
    var now = known;
    if (now != null && now.addresses().contains(address)) {
      long age = ticker.nanos() - now.at();
      if (age < BELIEVED_FOR.toNanos()) {
        if (age >= FRESH_FOR.toNanos()) {
          // In the background; a failure is Database's to tell.
          var _ = read();
        }
        return Future.succeededFuture(true);
      }
    }
    return read()
        .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .transform(read -> {
          var then = known;
          return Future.succeededFuture(then != null && then.addresses().contains(address));
        });
  }

  /** One at a time, and none too soon after the one before. */
  private synchronized Future<Void> read() {
    if (reading != null) {
      return reading;
    }
    long now = ticker.nanos();
    if (asked && now - askedAt < AGAIN_AFTER.toNanos()) {
      return Future.succeededFuture();
    }
    asked = true;
    askedAt = now;
    var begun =
        source.get().onSuccess(addresses -> known = new Known(addresses, now)).<Void>mapEmpty();
    reading = begun;
    begun.onComplete(done -> finished());
    return begun;
  }

  private synchronized void finished() {
    reading = null;
  }
}
