package dev.sallyport.data.cache;

import dev.sallyport.data.cache.CacheStats.Source;
import dev.sallyport.data.cache.CacheStats.What;
import dev.sallyport.data.cache.HotTier.Confirmed;
import dev.sallyport.data.platform.RedisPatience;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * One key on its way in: at most one in this worker, and by the lease in the hot tier one in the
 * cluster. Runs on a virtual thread of its own; who wants the value waits for {@link #landed}.
 *
 * <p>The order is what makes it right. The lease is taken, and only under it the cold tier is read
 * or the loader run; the value is stored in the hot tier if the lease still holds; then it is
 * written to the cold tier; then the lease is given back, and where it was lost by then the blob is
 * removed again. Without the hot tier there is no lease, and nothing is written but this worker's
 * own {@link Standby}.
 */
final class Flight<V> implements Runnable {
  private static final Duration RENEW_EVERY = Duration.ofMillis(500);

  /** In a row, by a Redis that has just answered; then it is taken for gone. */
  private static final int LATE_ANSWERS_MAX = 3;

  private static final Duration POLL_MIN = Duration.ofMillis(2);
  private static final Duration POLL_MAX = Duration.ofMillis(50);

  /**
   * What came of it.
   *
   * @param superseded whether the value was changed while it was loaded: it is right for those who
   *     asked before that
   */
  record Landed<V>(Optional<V> value, Source source, boolean superseded) {}

  /** Told that those who come later must look for themselves; more than once. */
  @FunctionalInterface
  interface Gone<V> {
    void gone(Flight<V> flight);
  }

  /** How the key stands in the cluster. */
  private sealed interface Turn<V> {
    /** The lease is ours. */
    record Ours<V>() implements Turn<V> {}

    /** There is no hot tier, or another has been loading for too long: each for itself. */
    record Alone<V>() implements Turn<V> {}

    /** Another has loaded it, or is about to. */
    record Over<V>() implements Turn<V> {}
  }

  final CompletableFuture<Landed<V>> landed = new CompletableFuture<>();

  private final Cache<V> cache;
  private final String key;
  private final Loader<V> loader;
  private final boolean background;
  private final Gone<V> gone;
  private final String token = UUID.randomUUID().toString();
  private @Nullable Aged fallback;
  private boolean lost;
  private RedisPatience redis;

  /**
   * @param fallback a value to give if the loader fails
   * @param background nobody waits: leaves it to another who loads already
   * @param redis for how long it may be waited for yet; over where it has not answered
   * @param gone told when those who come later must look for themselves
   */
  Flight(
      Cache<V> cache,
      String key,
      Loader<V> loader,
      @Nullable Aged fallback,
      boolean background,
      RedisPatience redis,
      Gone<V> gone) {
    this.cache = cache;
    this.key = key;
    this.loader = loader;
    this.fallback = fallback;
    this.background = background;
    this.redis = redis;
    this.gone = gone;
  }

  @Override
  public void run() {
    try {
      switch (turn()) {
        case Turn.Ours<V>() -> load(true);
        case Turn.Alone<V>() -> load(false);
        // Nobody has been told anything yet where this one was in the background: look again.
        case Turn.Over<V>() -> land(Optional.empty(), Source.SHARED, true);
      }
    } catch (RuntimeException | Error e) {
      landed.completeExceptionally(e);
      throw e;
    } finally {
      gone.gone(this);
      landed.completeExceptionally(new IllegalStateException("nothing came of a load"));
    }
  }

  /** Waits for a turn, at most as long as a load may take. */
  private Turn<V> turn() {
    if (redis.isOver()) {
      return new Turn.Alone<>();
    }
    long until = cache.nanos() + cache.options().loadWithin().toNanos();
    int patience = LATE_ANSWERS_MAX;
    for (var pause = POLL_MIN; ; pause = longer(pause)) {
      switch (cache.hot().claim(cache.hotKey(key), token, redis)) {
        case HotTier.Granted() -> {
          return new Turn.Ours<>();
        }
        case HotTier.Away() -> {
          cache.stats().count(What.REDIS_UNAVAILABLE);
          if (patience == 0) {
            return new Turn.Alone<>();
          }
          // It answered a moment ago: one late answer is no reason to load beside somebody else.
          patience--;
          redis = cache.patience();
          LockSupport.parkNanos(this, pause.toNanos());
        }
        case HotTier.Found found -> {
          var there = cache.read(found);
          if (there.isPresent()) {
            land(there.get().value(), Source.SHARED, false);
            return new Turn.Over<>();
          }
          // Fresh but unreadable: somebody's of another release. Take its place.
          return cache.hot().seize(cache.hotKey(key), token, cache.patience())
                  instanceof HotTier.Granted
              ? new Turn.Ours<>()
              : new Turn.Alone<>();
        }
        case HotTier.Held() -> {
          if (background) {
            return new Turn.Over<>();
          }
          if (cache.nanos() - until >= 0) {
            return new Turn.Alone<>();
          }
          // It answers: what is waited for now is the other's loader.
          patience = LATE_ANSWERS_MAX;
          redis = cache.patience();
          LockSupport.parkNanos(this, pause.toNanos());
        }
      }
    }
  }

  private static Duration longer(Duration pause) {
    var doubled = pause.multipliedBy(2);
    return doubled.compareTo(POLL_MAX) > 0 ? POLL_MAX : doubled;
  }

  private void load(boolean leased) {
    boolean settled = false;
    try {
      if (fallback == null && comesFromTheCold(leased)) {
        return;
      }
      var value = call(leased);
      var entry = cache.values().entry(value);
      if (cache.values().isTooLarge(entry)) {
        cache.stats().count(What.TOO_LARGE);
        land(value, Source.LOADED, false);
      } else if (leased) {
        settled = true;
        keep(value, entry);
      } else {
        cache.standby().put(cache.hotKey(key), entry);
        land(value, Source.LOADED, false);
      }
    } catch (RuntimeException e) {
      failed(e);
    } finally {
      if (leased && !settled) {
        cache.hot().release(cache.hotKey(key), token, cache.patience());
      }
    }
  }

  /** Whether a fresh value was there. A stale one is given to who waits, and loading goes on. */
  private boolean comesFromTheCold(boolean leased) {
    var found = cache.cold().get(cache.name(), key);
    if (found.isEmpty()) {
      return false;
    }
    var aged = found.get();
    Optional<V> value;
    try {
      value = cache.values().value(aged.entry());
    } catch (IOException e) {
      cache.stats().count(What.UNREADABLE);
      return false;
    }
    return switch (aged.phase(cache.options())) {
      case FRESH -> {
        if (leased) {
          promote(aged);
        }
        cache.stats().answered(Source.COLD, aged.age());
        land(value, Source.COLD, false);
        yield true;
      }
      case STALE -> {
        fallback = aged;
        if (leased) {
          promote(aged);
        }
        cache.stats().answered(Source.COLD, aged.age());
        cache.stats().count(What.STALE_SERVED);
        land(value, Source.COLD, false);
        yield false;
      }
      case OLD -> {
        fallback = aged;
        yield false;
      }
      case GONE -> false;
    };
  }

  private void promote(Aged aged) {
    cache
        .values()
        .promoted(aged)
        .ifPresent(
            entry -> cache.hot().put(cache.hotKey(key), token, entry.bytes(), entry.keep(), redis));
  }

  /**
   * Runs the loader, and renews the lease meanwhile.
   *
   * @throws RuntimeException the loader's own, or a {@link CacheError}
   */
  private Optional<V> call(boolean leased) {
    cache.stats().count(What.LOADS);
    var task = new FutureTask<>(loader::load);
    Thread.ofVirtual().name("cache-load").start(task);
    long until = cache.nanos() + cache.options().loadWithin().toNanos();
    while (true) {
      long left = until - cache.nanos();
      try {
        return task.get(Math.min(Math.max(left, 0), RENEW_EVERY.toNanos()), TimeUnit.NANOSECONDS);
      } catch (TimeoutException e) {
        if (left <= 0) {
          task.cancel(true);
          throw CacheError.loadTimedOut(cache.name(), cache.options().loadWithin().toMillis());
        }
        if (leased && !lost) {
          lost = cache.hot().renew(cache.hotKey(key), token, cache.patience()) == Confirmed.NO;
        }
      } catch (InterruptedException e) {
        task.cancel(true);
        Thread.currentThread().interrupt();
        throw CacheError.interrupted(cache.name());
      } catch (ExecutionException e) {
        throw e.getCause() instanceof RuntimeException unchecked
            ? unchecked
            : CacheError.loadFailed(cache.name(), e);
      }
    }
  }

  /** Stores under the lease, lets those go who wait, and only then writes the blob. */
  private void keep(Optional<V> value, Entry entry) {
    var stored = cache.hot().store(cache.hotKey(key), token, entry.bytes(), entry.keep(), redis);
    switch (stored) {
      case YES -> {
        gone.gone(this);
        land(value, Source.LOADED, false);
        cache.writeCold(key, token, entry);
      }
      case NO -> {
        cache.stats().count(What.SUPERSEDED);
        land(value, Source.LOADED, true);
      }
      case UNKNOWN -> {
        cache.standby().put(cache.hotKey(key), entry);
        land(value, Source.LOADED, false);
        cache.hot().release(cache.hotKey(key), token, cache.patience());
      }
    }
  }

  private void failed(RuntimeException failure) {
    cache.stats().count(What.LOAD_FAILURES);
    // Who asks from now on tries again.
    gone.gone(this);
    var old = fallback;
    if (old != null && old.phase(cache.options()) != Aged.Phase.GONE) {
      try {
        var value = cache.values().value(old.entry());
        if (landed.complete(new Landed<>(value, Source.SHARED, false))) {
          cache.stats().count(What.STALE_SERVED);
        }
        return;
      } catch (IOException e) {
        cache.stats().count(What.UNREADABLE);
      }
    }
    landed.completeExceptionally(failure);
  }

  private void land(Optional<V> value, Source source, boolean superseded) {
    landed.complete(new Landed<>(value, source, superseded));
  }
}
