package dev.sallyport.data.cache;

import dev.sallyport.data.cache.CacheStats.Source;
import dev.sallyport.data.cache.CacheStats.What;
import dev.sallyport.data.cache.Flight.Landed;
import dev.sallyport.data.cache.HotTier.Confirmed;
import dev.sallyport.data.platform.RedisPatience;
import dev.sallyport.data.platform.Ticker;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Values of one kind under keys, see {@link Caches#named}. Thread-safe. Blocks: call it on a
 * virtual thread.
 *
 * <p>A key is 1 to {@value #KEY_BYTES_MAX} bytes of UTF-8. Normalising it is the caller's: {@code
 * "Ada"} and {@code "ada"} are two. Values are shared between callers, so they do not change.
 */
public final class Cache<V> {
  /** The longest key. */
  public static final int KEY_BYTES_MAX = 512;

  /** Loads for callers who wait, in this worker; more are refused. */
  static final int LOADS_MAX = 256;

  /** Loads that nobody waits for; more are left out. */
  static final int REFRESHES_MAX = 32;

  /** Whoever joined a load whose value was changed meanwhile looks again, so often at the most. */
  private static final int ROUNDS_MAX = 3;

  private static final Duration CHANGE_WITHIN = Duration.ofSeconds(5);
  private static final Duration WRITER_PAUSE = Duration.ofMillis(10);
  private static final Duration MARGIN = Duration.ofSeconds(6);

  /**
   * What it needs to work with.
   *
   * @param redisWithin how long Redis may be waited for by who gets a value, in all
   */
  record Parts(
      HotTier hot,
      Looks looks,
      ColdTier cold,
      Standby standby,
      Ticker ticker,
      Duration redisWithin) {}

  private final String name;
  private final CacheOptions options;
  private final Values<V> values;
  private final Parts parts;
  private final CacheStats stats;
  private final ConcurrentHashMap<String, Flight<V>> flights = new ConcurrentHashMap<>();
  private final Semaphore loads = new Semaphore(LOADS_MAX);
  private final Semaphore refreshes = new Semaphore(REFRESHES_MAX);

  Cache(String name, Values<V> values, CacheOptions options, Parts parts, CacheStats stats) {
    this.name = name;
    this.values = values;
    this.options = options;
    this.parts = parts;
    this.stats = stats;
  }

  /**
   * The value, from wherever it is nearest; loaded where it is nowhere, by one worker for all.
   * Waits for Redis for 50 ms at the most (four times that, if it falls silent between saying that
   * there is nothing and saying who loads), for a load by this or another worker for twice {@link
   * CacheOptions#loadWithin} and a few seconds.
   *
   * @throws CacheError where it must be loaded and that failed
   * @throws RuntimeException the loader's own
   */
  public V get(String key, Callable<V> loader) {
    return find(key, () -> Optional.of(loader.call()))
        .orElseThrow(() -> new IllegalStateException("cache " + name + " says there is none"));
  }

  /** The same where there may be no value; that is remembered too, for a short time. */
  public Optional<V> find(String key, Loader<V> loader) {
    check(key);
    for (int round = 1; ; round++) {
      var redis = patience();
      switch (parts.looks().look(hotKey(key), redis)) {
        case HotTier.Found found -> {
          var there = read(found);
          if (there.isPresent()) {
            switch (there.get().aged().phase(options)) {
              case FRESH -> {
                stats.answered(Source.HOT, there.get().aged().age());
                return there.get().value();
              }
              case STALE -> {
                stats.answered(Source.HOT, there.get().aged().age());
                stats.count(What.STALE_SERVED);
                refresh(key, loader, there.get().aged());
                return there.get().value();
              }
              case OLD, GONE -> {
                var landed = wait(key, loader, there.get().aged(), redis, round);
                if (landed.isPresent()) {
                  return landed.get().value();
                }
                continue;
              }
            }
          }
        }
        case HotTier.Missing() -> {}
        case HotTier.Away() -> {
          stats.count(What.REDIS_UNAVAILABLE);
          redis.end();
          var standby = standBy(key);
          if (standby.isPresent()) {
            return standby.get().value();
          }
        }
      }
      var landed = wait(key, loader, null, redis, round);
      if (landed.isPresent()) {
        return landed.get().value();
      }
    }
  }

  /** What the hot tier gave, and how old it is. */
  record Read<V>(Optional<V> value, Aged aged) {}

  /** The value in there, if it is one of ours. */
  Optional<Read<V>> read(HotTier.Found found) {
    var entry = Entry.of(found.bytes());
    if (entry.isPresent()) {
      try {
        return Optional.of(new Read<>(values.value(entry.get()), Aged.of(entry.get(), found)));
      } catch (IOException e) {
        // Another release's, or nobody's: as if it were not there.
      }
    }
    stats.count(What.UNREADABLE);
    return Optional.empty();
  }

  private Optional<Read<V>> standBy(String key) {
    return parts
        .standby()
        .get(hotKey(key))
        .flatMap(aged -> {
          try {
            var value = values.value(aged.entry());
            stats.answered(Source.STANDBY, aged.age());
            return Optional.of(new Read<>(value, aged));
          } catch (IOException e) {
            return Optional.empty();
          }
        });
  }

  /** Joins the load of this key, or begins it; empty when it is to be looked for again. */
  private Optional<Landed<V>> wait(
      String key, Loader<V> loader, @Nullable Aged fallback, RedisPatience redis, int round) {
    var mine = new AtomicBoolean();
    var flight =
        flights.computeIfAbsent(
            key,
            first -> {
              mine.set(true);
              return flight(key, loader, fallback, redis);
            });
    if (mine.get()) {
      Thread.ofVirtual().name("cache-flight").start(flight);
    }
    var landed = await(flight);
    if (!mine.get() && landed.superseded() && round < ROUNDS_MAX) {
      return Optional.empty();
    }
    if (!mine.get()) {
      stats.answered(Source.SHARED);
    } else if (landed.source() != Source.COLD) {
      // That one has been counted with its age.
      stats.answered(landed.source());
    }
    return Optional.of(landed);
  }

  private Flight<V> flight(
      String key, Loader<V> loader, @Nullable Aged fallback, RedisPatience redis) {
    if (!loads.tryAcquire()) {
      throw CacheError.busy(name, LOADS_MAX);
    }
    return new Flight<>(this, key, loader, fallback, false, redis, once(key, loads));
  }

  /** Takes a load off the board, once; the next one to ask looks for itself. */
  private Flight.Gone<V> once(String key, Semaphore permits) {
    return new Flight.Gone<>() {
      private final AtomicBoolean done = new AtomicBoolean();

      @Override
      public void gone(Flight<V> flight) {
        if (done.compareAndSet(false, true)) {
          flights.remove(key, flight);
          permits.release();
        }
      }
    };
  }

  private Landed<V> await(Flight<V> flight) {
    long patience = options.loadWithin().multipliedBy(2).plus(MARGIN).toMillis();
    try {
      return flight.landed.get(patience, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CacheError.interrupted(name);
    } catch (TimeoutException e) {
      throw CacheError.loadTimedOut(name, patience);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException unchecked
          ? unchecked
          : CacheError.loadFailed(name, e);
    }
  }

  private void refresh(String key, Loader<V> loader, Aged aged) {
    if (flights.containsKey(key)) {
      return;
    }
    if (!refreshes.tryAcquire()) {
      stats.count(What.REFRESHES_SKIPPED);
      return;
    }
    var flight = new Flight<>(this, key, loader, aged, true, patience(), once(key, refreshes));
    if (flights.putIfAbsent(key, flight) == null) {
      Thread.ofVirtual().name("cache-refresh").start(flight);
    } else {
      refreshes.release();
    }
  }

  /**
   * Forgets a value: who asks after this has returned gets a newer one. A load that is under way is
   * not kept.
   *
   * @throws CacheError {@code UNCONFIRMED} where a store did not confirm it within seconds
   */
  public void invalidate(String key) {
    check(key);
    var token = take(key);
    boolean cold = parts.cold().delete(name, key) == ColdTier.Done.YES;
    var released = parts.hot().release(hotKey(key), token, patience());
    forgetHere(key);
    if (!cold) {
      throw CacheError.unconfirmed(name, "the cold tier");
    }
    if (released == Confirmed.UNKNOWN) {
      // The lease ends by itself; the value is gone.
      stats.count(What.REDIS_UNAVAILABLE);
    }
  }

  /**
   * Keeps a value that the caller knows, in the place of what is there and of what is being loaded.
   *
   * @throws CacheError {@code UNCONFIRMED} where a store did not confirm it within seconds
   * @throws IllegalArgumentException where it is too large
   */
  public void put(String key, V value) {
    check(key);
    var entry = values.entry(Optional.of(value));
    if (values.isTooLarge(entry)) {
      throw new IllegalArgumentException(
          "cache " + name + " keeps at most " + options.bytesMax() + " bytes (bytesMax)");
    }
    var token = take(key);
    var stored = parts.hot().store(hotKey(key), token, entry.bytes(), entry.keep(), patience());
    forgetHere(key);
    switch (stored) {
      case YES -> writeCold(key, token, entry);
      case UNKNOWN -> throw CacheError.unconfirmed(name, "the hot tier");
      // Changed again by somebody else in this moment: theirs is the later one.
      case NO -> stats.count(What.SUPERSEDED);
    }
  }

  /** Takes the lease of a key, from a loader if need be; only a writer is waited for. */
  private String take(String key) {
    forgetHere(key);
    var token = UUID.randomUUID().toString();
    long until = parts.ticker().nanos() + CHANGE_WITHIN.toNanos();
    while (parts.ticker().nanos() - until < 0) {
      if (parts.hot().seize(hotKey(key), token, patience()) instanceof HotTier.Granted) {
        return token;
      }
      LockSupport.parkNanos(this, WRITER_PAUSE.toNanos());
      if (Thread.currentThread().isInterrupted()) {
        throw CacheError.interrupted(name);
      }
    }
    // The blob may go all the same.
    parts.cold().delete(name, key);
    throw CacheError.unconfirmed(name, "the hot tier");
  }

  private void forgetHere(String key) {
    flights.remove(key);
    parts.standby().remove(hotKey(key));
  }

  /** Under the lease of {@code token}: writes the blob, and removes it if it came too late. */
  void writeCold(String key, String token, Entry entry) {
    if (entry.absent()) {
      parts.cold().delete(name, key);
    } else {
      parts.cold().put(name, key, entry);
    }
    if (parts.hot().release(hotKey(key), token, patience()) == Confirmed.NO) {
      stats.count(What.SUPERSEDED);
      parts.cold().delete(name, key);
    }
  }

  private static void check(String key) {
    int bytes = key.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > KEY_BYTES_MAX) {
      throw new IllegalArgumentException(
          "a key has 1 to " + KEY_BYTES_MAX + " bytes of UTF-8, not " + bytes);
    }
  }

  /** As the stores know it: a name has no colon. */
  String hotKey(String key) {
    return name + ':' + key;
  }

  String name() {
    return name;
  }

  CacheOptions options() {
    return options;
  }

  Values<V> values() {
    return values;
  }

  CacheStats stats() {
    return stats;
  }

  HotTier hot() {
    return parts.hot();
  }

  ColdTier cold() {
    return parts.cold();
  }

  /** For one caller, or one step that nobody waits for. */
  RedisPatience patience() {
    return RedisPatience.of(parts.redisWithin());
  }

  Standby standby() {
    return parts.standby();
  }

  long nanos() {
    return parts.ticker().nanos();
  }
}
