package dev.sallyport.data.cache;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** What one cache of this worker has counted since it started. Thread-safe. */
final class CacheStats {
  /** Where an answer came from. */
  enum Source {
    /** Redis. */
    HOT,
    /** The blobs. */
    COLD,
    /** This worker's memory, while Redis was away. */
    STANDBY,
    /** A load that was under way already, here or on another worker. */
    SHARED,
    /** A load of its own: a miss. */
    LOADED
  }

  /** What else is counted. */
  enum What {
    /** Answers that were no longer fresh. */
    STALE_SERVED("stale_served", "Answers that were no longer fresh"),
    LOADS("loads", "Loaders that were run"),
    LOAD_FAILURES("load_failures", "Loaders that failed or took too long"),
    REFRESHES_SKIPPED("refreshes_skipped", "Stale values that were not loaded: too many at once"),
    SUPERSEDED("superseded", "Loaded values not kept: changed or loaded by others meanwhile"),
    TOO_LARGE("too_large", "Loaded values not kept because they are too large"),
    UNREADABLE("unreadable", "Stored values that could not be read and count as missing"),
    REDIS_UNAVAILABLE("redis_unavailable", "Answers given without the hot tier");

    private final String metric;
    private final String description;

    What(String metric, String description) {
      this.metric = metric;
      this.description = description;
    }
  }

  private final Map<Source, Counter> answers = new EnumMap<>(Source.class);
  private final Map<What, Counter> counts = new EnumMap<>(What.class);
  private final DistributionSummary ages;

  CacheStats(String cache, MeterRegistry metrics) {
    for (var source : Source.values()) {
      answers.put(
          source,
          Counter.builder("sallyport_cache_answers")
              .description("Answers of a cache, by where they came from; loaded is a miss")
              .tag("cache", cache)
              .tag("source", source.name().toLowerCase(Locale.ROOT))
              .register(metrics));
    }
    for (var what : What.values()) {
      counts.put(
          what,
          Counter.builder("sallyport_cache_" + what.metric)
              .description(what.description)
              .tag("cache", cache)
              .register(metrics));
    }
    this.ages =
        DistributionSummary.builder("sallyport_cache_age")
            .baseUnit("seconds")
            .description("How old values were that were served from a store")
            .tag("cache", cache)
            .register(metrics);
  }

  void answered(Source source) {
    Objects.requireNonNull(answers.get(source)).increment();
  }

  void answered(Source source, Duration age) {
    answered(source);
    ages.record(age.toMillis() / 1e3);
  }

  void count(What what) {
    Objects.requireNonNull(counts.get(what)).increment();
  }

  long answers(Source source) {
    return (long) Objects.requireNonNull(answers.get(source)).count();
  }

  long counted(What what) {
    return (long) Objects.requireNonNull(counts.get(what)).count();
  }

  /** Answers that needed no load of their own, of all; 0 where nobody asked yet. */
  double hitRatio() {
    double all = 0;
    for (var counter : answers.values()) {
      all += counter.count();
    }
    return all == 0 ? 0 : 1 - answers(Source.LOADED) / all;
  }

  Duration meanAge() {
    return Duration.ofMillis(Math.round(ages.mean() * 1e3));
  }

  /** Of the last minutes. */
  Duration oldestAge() {
    return Duration.ofMillis(Math.round(ages.max() * 1e3));
  }
}
