package dev.sallyport.user.queue;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** How sends ended and how long they took, from the whole request to its answer. Thread-safe. */
@ApplicationScoped
class SendMetrics {
  /** How a request to send ended. */
  enum Outcome {
    /** Kafka has it. */
    ACCEPTED,
    /** The request was at fault. */
    REFUSED,
    /** Too much was in flight. */
    OVERLOADED,
    /** A store was away or too slow. */
    UNAVAILABLE,
    /** A defect. */
    FAILED
  }

  private final Map<Outcome, Timer> sends = new EnumMap<>(Outcome.class);

  @Inject
  SendMetrics(MeterRegistry metrics) {
    for (var outcome : Outcome.values()) {
      sends.put(
          outcome,
          Timer.builder("sallyport_queue_sends")
              .description("Requests to send a message or a batch, by how they ended")
              .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
              .register(metrics));
    }
  }

  void ended(Outcome outcome, Duration took) {
    Objects.requireNonNull(sends.get(outcome)).record(took);
  }
}
