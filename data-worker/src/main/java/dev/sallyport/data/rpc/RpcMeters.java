package dev.sallyport.data.rpc;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Counts calls and how long they took. Thread-safe. */
@Singleton
class RpcMeters {
  /** How an entry of a request ended. */
  enum Outcome {
    SERVED,
    /** Answered with an error that the caller can do something about. */
    REFUSED,
    FAILED,
    TIMED_OUT
  }

  private final Map<Outcome, Timer> calls = new EnumMap<>(Outcome.class);

  @Inject
  RpcMeters(MeterRegistry metrics) {
    for (var outcome : Outcome.values()) {
      calls.put(
          outcome,
          Timer.builder("sallyport.rpc.calls")
              .description("Remote calls, by how they ended")
              .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
              .register(metrics));
    }
  }

  void ended(Outcome outcome, Duration took) {
    var timer = calls.get(outcome);
    if (timer != null) {
      timer.record(took);
    }
  }
}
