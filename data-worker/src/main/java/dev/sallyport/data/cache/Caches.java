package dev.sallyport.data.cache;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.data.platform.Ticker;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.regex.Pattern;

/**
 * Gives out caches. A service takes one in its constructor and keeps it:
 *
 * {@snippet :
 * Cache<Price> prices = caches.named("prices", Price.class, CacheOptions.freshFor(ofMinutes(1)));
 * Price price = prices.get(sku, () -> shop.priceOf(sku));
 * }
 *
 * Thread-safe; does not block.
 */
@Singleton
public class Caches {
  /** design.md, section 10: a get never waits for Redis longer. */
  static final Duration REDIS_WITHIN = Duration.ofMillis(50);

  static final int CACHES_MAX = 100;

  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9-]{0,62}");

  private final Map<String, Cache<?>> all = new ConcurrentSkipListMap<>();
  private final Cache.Parts parts;
  private final ObjectMapper mapper;
  private final MeterRegistry metrics;

  @Inject
  Caches(HotTier hot, ColdTier cold, ObjectMapper mapper, Ticker ticker, MeterRegistry metrics) {
    this(hot, cold, mapper, ticker, metrics, REDIS_WITHIN);
  }

  Caches(
      HotTier hot,
      ColdTier cold,
      ObjectMapper mapper,
      Ticker ticker,
      MeterRegistry metrics,
      Duration redisWithin) {
    this.parts =
        new Cache.Parts(hot, new Looks(hot), cold, new Standby(ticker), ticker, redisWithin);
    this.mapper = mapper;
    this.metrics = metrics;
  }

  /**
   * A new cache.
   *
   * @param name lower case letters, digits and dashes, 63 at the most; one cache has it, and
   *     workers that use the same share its values
   * @param type what Jackson reads and writes; a value that it cannot read, such as one of another
   *     release, counts as missing
   * @throws IllegalStateException where the name is taken
   */
  public <V> Cache<V> named(String name, Class<V> type, CacheOptions options) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("a cache is named like " + NAME + ", not " + name);
    }
    if (all.size() >= CACHES_MAX) {
      throw new IllegalStateException("more than " + CACHES_MAX + " caches");
    }
    var values = new Values<>(type, mapper, options);
    var cache = new Cache<>(name, values, options, parts, new CacheStats(name, metrics));
    if (all.putIfAbsent(name, cache) != null) {
      throw new IllegalStateException("there is a cache " + name + " already");
    }
    return cache;
  }

  Collection<Cache<?>> all() {
    return all.values();
  }
}
