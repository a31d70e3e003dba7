package dev.sallyport.data.cache;

import dev.sallyport.data.platform.RedisPatience;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Looks into the hot tier, for one key once at a time: a crowd that asks for the same key costs two
 * looks, the one that is under way and the next, which all of it shares. Nobody is given a look
 * that began before it asked. Thread-safe; blocks, for no longer than the tier does.
 */
final class Looks {
  /** Whoever looks may wait a little longer than who joins would have. */
  private static final long SLACK_NANOS = 5_000_000;

  /** The tier answers sooner, one way or the other. */
  private static final Duration TOLD_WITHIN = Duration.ofSeconds(5);

  /** What was found, and how long the store took for it. */
  private record Told(HotTier.Look look, long nanos) {}

  /**
   * One that is under way.
   *
   * @param nanosMax for how long the store is waited for
   */
  private record UnderWay(long nanosMax, CompletableFuture<Told> told) {}

  private final HotTier hot;
  private final ConcurrentHashMap<String, UnderWay> all = new ConcurrentHashMap<>();

  Looks(HotTier hot) {
    this.hot = hot;
  }

  /** What is there, as of now or later. */
  HotTier.Look look(String key, RedisPatience patience) {
    for (boolean isLater = false; ; isLater = true) {
      var mine = new UnderWay(patience.nanosLeft(), new CompletableFuture<>());
      var others = all.putIfAbsent(key, mine);
      if (others == null) {
        return look(key, patience, mine);
      }
      if (others.nanosMax() > patience.nanosLeft() + SLACK_NANOS) {
        return hot.look(key, patience);
      }
      var theirs = await(others);
      patience.spend(theirs.nanos());
      if (isLater || theirs.look() instanceof HotTier.Away) {
        return theirs.look();
      }
    }
  }

  private HotTier.Look look(String key, RedisPatience patience, UnderWay mine) {
    HotTier.Look found = new HotTier.Away();
    try {
      found = hot.look(key, patience);
      return found;
    } finally {
      all.remove(key, mine);
      mine.told().complete(new Told(found, mine.nanosMax() - patience.nanosLeft()));
    }
  }

  private static Told await(UnderWay others) {
    try {
      return others.told().get(TOLD_WITHIN.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Told(new HotTier.Away(), 0);
    } catch (TimeoutException e) {
      return new Told(new HotTier.Away(), 0);
    } catch (ExecutionException e) {
      throw new IllegalStateException("it is only ever completed with a result", e);
    }
  }
}
