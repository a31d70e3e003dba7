package dev.sallyport.data.cache;

import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.cache.CacheStats.Source;
import dev.sallyport.data.cache.CacheStats.What;
import dev.sallyport.data.platform.WorkerId;
import dev.sallyport.model.ProblemType;
import io.smallrye.common.annotation.NonBlocking;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.List;

/** What the caches of the worker that answers have counted since it started; for admins alone. */
@Path("/api/internal/caches")
@Produces(MediaType.APPLICATION_JSON)
@NonBlocking
public class CachesResource {
  private final Caches caches;
  private final WorkerId worker;

  @Inject
  CachesResource(Caches caches, WorkerId worker) {
    this.caches = caches;
    this.worker = worker;
  }

  /**
   * All caches of one worker; there are so few that they are one page.
   *
   * @param worker whose counts these are: each worker has its own
   */
  public record Page(String worker, List<Item> items) {}

  /**
   * One cache.
   *
   * @param hits by where the answers came from
   * @param misses answers that a load of their own was needed for
   * @param hitRatio 0 to 1
   * @param meanAge of what was served from a store
   * @param oldestAge of that, in the last minutes
   */
  public record Item(
      String name,
      Hits hits,
      long misses,
      double hitRatio,
      long staleServed,
      long loads,
      long loadFailures,
      long superseded,
      long unreadable,
      long redisUnavailable,
      Duration meanAge,
      Duration oldestAge,
      Duration freshFor,
      Duration staleFor) {}

  /** Answers that needed no load of their own. */
  public record Hits(long hot, long cold, long standby, long shared) {}

  @GET
  public Page list() {
    if (!InternalCall.current().caller().user().isAdmin()) {
      throw Refusal.of(ProblemType.NOT_FOUND, "Nothing is served at this path.");
    }
    return new Page(worker.value(), caches.all().stream().map(CachesResource::item).toList());
  }

  private static Item item(Cache<?> cache) {
    var stats = cache.stats();
    return new Item(
        cache.name(),
        new Hits(
            stats.answers(Source.HOT),
            stats.answers(Source.COLD),
            stats.answers(Source.STANDBY),
            stats.answers(Source.SHARED)),
        stats.answers(Source.LOADED),
        stats.hitRatio(),
        stats.counted(What.STALE_SERVED),
        stats.counted(What.LOADS),
        stats.counted(What.LOAD_FAILURES),
        stats.counted(What.SUPERSEDED),
        stats.counted(What.UNREADABLE),
        stats.counted(What.REDIS_UNAVAILABLE),
        stats.meanAge(),
        stats.oldestAge(),
        cache.options().freshFor(),
        cache.options().staleFor());
  }
}
