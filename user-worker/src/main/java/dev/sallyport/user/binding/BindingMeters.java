package dev.sallyport.user.binding;

import dev.sallyport.user.binding.Binding.Outcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;

/** How the calls of a binding ended, and how many wait. Thread-safe. */
final class BindingMeters {
  private final Map<Outcome, Timer> calls = new EnumMap<>(Outcome.class);
  private final Counter fallbacks;

  BindingMeters(String binding, AtomicInteger waiting, MeterRegistry metrics) {
    for (var outcome : Outcome.values()) {
      calls.put(
          outcome,
          Timer.builder("sallyport_binding_calls")
              .description("Calls to private services, by how they ended")
              .tag("binding", binding)
              .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
              .register(metrics));
    }
    this.fallbacks =
        Counter.builder("sallyport_binding_fallbacks")
            .description("Calls that a fallback answered for a private service")
            .tag("binding", binding)
            .register(metrics);
    Gauge.builder("sallyport_binding_calls_waiting", waiting, AtomicInteger::get)
        .description("Calls that wait for a private service's answer to begin")
        .tag("binding", binding)
        .register(metrics);
  }

  void ended(Outcome outcome, Duration took) {
    Objects.requireNonNull(calls.get(outcome)).record(took);
  }

  void fellBack() {
    fallbacks.increment();
  }
}
