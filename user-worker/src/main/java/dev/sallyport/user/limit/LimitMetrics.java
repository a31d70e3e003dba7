package dev.sallyport.user.limit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** What came of asking, counted. Thread-safe. */
final class LimitMetrics {
  private final Map<Payer.Kind, Counter> refused = new EnumMap<>(Payer.Kind.class);
  private final Map<Limits.WithoutRedis, Counter> withoutRedis =
      new EnumMap<>(Limits.WithoutRedis.class);
  private final Timer asked;

  LimitMetrics(MeterRegistry metrics) {
    for (var kind : Payer.Kind.values()) {
      refused.put(
          kind,
          Counter.builder("sallyport_limit_refused_requests")
              .description("Requests beyond the budget of an address, or of a user or API key")
              .tag("budget", kind.name().toLowerCase(Locale.ROOT))
              .register(metrics));
    }
    for (var answer : Limits.WithoutRedis.values()) {
      withoutRedis.put(
          answer,
          Counter.builder("sallyport_limit_degraded_requests")
              .description("Requests decided without Redis, by what their route says for that")
              .tag("answer", answer.name().toLowerCase(Locale.ROOT))
              .register(metrics));
    }
    this.asked =
        Timer.builder("sallyport_limit_trips")
            .description("Trips to Redis that were answered, and how long they took")
            .register(metrics);
  }

  void refused(Payer.Kind kind) {
    Objects.requireNonNull(refused.get(kind)).increment();
  }

  void withoutRedis(Limits.WithoutRedis answer) {
    Objects.requireNonNull(withoutRedis.get(answer)).increment();
  }

  void asked(long nanos) {
    asked.record(Duration.ofNanos(nanos));
  }
}
