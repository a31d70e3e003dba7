package dev.sallyport.user.limit;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sallyport.user.platform.Ticker;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What this worker has admitted by itself, while Redis was away. Thread-safe. Holds a bounded
 * number of buckets, about 300 bytes each; where there are more senders than that, some of them
 * begin anew.
 */
final class LocalBuckets {
  private static final int BUCKETS_MAX = 50_000;

  /** One that was not charged for so long owes nothing. */
  private static final Duration WHOLE_AFTER = Duration.ofMinutes(1);

  private final Cache<String, Gcra> buckets;
  private final Ticker ticker;
  private final long began;

  LocalBuckets(Ticker ticker) {
    this.ticker = ticker;
    this.began = ticker.nanos();
    this.buckets =
        Caffeine.newBuilder()
            .maximumSize(BUCKETS_MAX)
            .expireAfterWrite(WHOLE_AFTER)
            .ticker(ticker::nanos)
            .build();
  }

  /** What becomes of a request. */
  Standing on(Bucket bucket, boolean take) {
    long now = (ticker.nanos() - began) / 1000;
    var standing = new AtomicReference<Standing>();
    buckets
        .asMap()
        .compute(
            bucket.key(),
            (key, found) -> {
              var step = (found == null ? Gcra.WHOLE : found).on(bucket.perMinute(), now, take);
              standing.set(step.standing());
              return take ? step.bucket() : found;
            });
    return Objects.requireNonNull(standing.get());
  }
}
