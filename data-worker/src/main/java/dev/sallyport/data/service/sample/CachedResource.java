package dev.sallyport.data.service.sample;

import dev.sallyport.data.binding.InternalCall;
import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.cache.Cache;
import dev.sallyport.data.cache.CacheOptions;
import dev.sallyport.data.cache.Caches;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.model.Problem;
import dev.sallyport.model.Problem.FieldError;
import dev.sallyport.model.ProblemType;
import io.quarkus.runtime.annotations.RegisterForReflection;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.inject.Inject;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Values that take long to load, from a cache; and, for comparison, the same answer without one.
 * The counter {@code loads-<key>} says how often a key's loader began. Blocks, each call on a
 * virtual thread.
 */
@Path("/api/internal/sample")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
public class CachedResource {
  static final String CACHE = "sample";
  private static final int KEY_MAX = 100;
  private static final int LOAD_MILLIS_MAX = 10_000;

  private final SampleSettings settings;
  private final Transactions transactions;
  private final Optional<Cache<Loaded>> cache;

  @Inject
  CachedResource(SampleSettings settings, Transactions transactions, Caches caches) {
    this.settings = settings;
    this.transactions = transactions;
    this.cache =
        settings.enabled()
            ? Optional.of(
                caches.named(
                    CACHE,
                    Loaded.class,
                    CacheOptions.freshFor(Duration.ofMinutes(5))
                        .withLoadWithin(Duration.ofMillis(2 * LOAD_MILLIS_MAX))))
            : Optional.empty();
  }

  /**
   * What is cached.
   *
   * @param load the number of its load, from 1; 0 where it was not loaded
   */
  @RegisterForReflection
  record Loaded(String key, long load) {}

  /**
   * An answer.
   *
   * @param micros how long the cache took, in microseconds
   */
  public record Timed(String key, long load, long micros) {}

  /**
   * A value.
   *
   * @param loadMillis how long a load takes, 0 to {@value #LOAD_MILLIS_MAX}
   */
  @GET
  @Path("/cached/{key}")
  public Timed cached(
      @PathParam("key") String key, @QueryParam("loadMillis") @DefaultValue("100") int loadMillis) {
    var values = cache.orElseThrow(CachedResource::notServed);
    check(key);
    if (loadMillis < 0 || loadMillis > LOAD_MILLIS_MAX) {
      throw invalid("loadMillis", "is a number from 0 to " + LOAD_MILLIS_MAX);
    }
    long began = System.nanoTime();
    var found = values.get(key, () -> load(key, loadMillis));
    return new Timed(found.key(), found.load(), (System.nanoTime() - began) / 1000);
  }

  /** The same, and no cache. */
  @GET
  @Path("/uncached/{key}")
  public Timed uncached(@PathParam("key") String key) {
    if (!settings.enabled()) {
      throw notServed();
    }
    check(key);
    return new Timed(key, 0, 0);
  }

  private Loaded load(String key, int millis) throws InterruptedException {
    long number = transactions.call(tx -> SampleSql.add(tx, "loads-" + key));
    // Takes its time on purpose; nothing ever ends the wait early but an interrupt.
    var _ = new CountDownLatch(1).await(millis, TimeUnit.MILLISECONDS);
    return new Loaded(key, number);
  }

  private static void check(String key) {
    InternalCall.current().caller().user();
    if (!SampleSql.isKey(key) || key.length() > KEY_MAX) {
      throw invalid("key", "is 1 to " + KEY_MAX + " characters, none of them U+0000");
    }
  }

  private static Refusal notServed() {
    return Refusal.of(ProblemType.NOT_FOUND, "Nothing is served at this path.");
  }

  private static Refusal invalid(String field, String why) {
    return Refusal.of(Problem.invalid(List.of(new FieldError(field, why))));
  }
}
