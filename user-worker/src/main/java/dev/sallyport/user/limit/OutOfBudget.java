package dev.sallyport.user.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sallyport.user.platform.Ticker;
import java.time.Duration;
import java.util.Optional;

/**
 * Budgets of which Redis said that nothing remains, until when. A refusal changes nothing in Redis,
 * so whoever goes on asking need not be asked about. Nobody is refused here whom Redis would admit:
 * the time counts from before Redis was asked. Thread-safe, bounded; what is dropped is asked
 * again.
 */
final class OutOfBudget {
  private static final int MAX = 50_000;
  private static final Duration LONGEST = Duration.ofMinutes(1);
  private static final long NANOS = 1000;

  private record Until(long nanos, int perMinute, long wholeNanos) {}

  private final Cache<String, Until> known;
  private final Ticker ticker;

  OutOfBudget(Ticker ticker) {
    this.ticker = ticker;
    this.known =
        Caffeine.newBuilder()
            .maximumSize(MAX)
            .expireAfterWrite(LONGEST)
            .ticker(ticker::nanos)
            .build();
  }

  /** How the budget stands, where that needs no asking: nothing remains of it. */
  Optional<Standing> find(Bucket bucket) {
    var until = known.getIfPresent(bucket.key());
    if (until == null) {
      return Optional.empty();
    }
    long now = ticker.nanos();
    if (until.perMinute() != bucket.perMinute() || until.nanos() - now <= 0) {
      known.invalidate(bucket.key());
      return Optional.empty();
    }
    return Optional.of(
        new Standing(
            false,
            0,
            Math.ceilDiv(until.nanos() - now, NANOS),
            Math.ceilDiv(until.wholeNanos() - now, NANOS)));
  }

  /**
   * Learns how a budget stands.
   *
   * @param asked when Redis was asked, by the ticker
   */
  void learn(Bucket bucket, Standing standing, long asked) {
    if (standing.nextMicros() > 0) {
      known.put(
          bucket.key(),
          new Until(
              asked + standing.nextMicros() * NANOS,
              bucket.perMinute(),
              asked + standing.wholeMicros() * NANOS));
    }
  }
}
