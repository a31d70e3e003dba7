package dev.sallyport.data.actor;

import dev.sallyport.data.actor.Change.Settled;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** Counts what becomes of calls. Thread-safe. */
@Singleton
class ActorMeters {
  /** How a call or an alarm ended. */
  enum Outcome {
    SERVED,
    /** Answered with a problem of the method's own. */
    REFUSED,
    FAILED,
    /** It was not served, or its commit failed. */
    LOST
  }

  private final Map<Outcome, Counter> calls = new EnumMap<>(Outcome.class);
  private final Map<Outcome, Counter> alarms = new EnumMap<>(Outcome.class);
  private final Map<Settled.Outcome, Counter> messages = new EnumMap<>(Settled.Outcome.class);
  private final Timer commits;
  private final Counter interrupted;

  @Inject
  ActorMeters(MeterRegistry metrics) {
    for (var outcome : Outcome.values()) {
      calls.put(outcome, counter(metrics, "sallyport.actor.calls", "Calls of actors", outcome));
      alarms.put(outcome, counter(metrics, "sallyport.actor.rings", "Alarms that rang", outcome));
    }
    for (var outcome : Settled.Outcome.values()) {
      messages.put(
          outcome,
          Counter.builder("sallyport.actor.messages")
              .description("Calls that came as rows, by what became of them")
              .tag("outcome", outcome.word())
              .register(metrics));
    }
    this.commits =
        Timer.builder("sallyport.actor.commits")
            .description("From the end of the last turn of a batch until it was committed")
            .register(metrics);
    this.interrupted =
        Counter.builder("sallyport.actor.interrupted.turns")
            .description("Turns that took too long")
            .register(metrics);
  }

  private static Counter counter(MeterRegistry metrics, String name, String what, Outcome outcome) {
    return Counter.builder(name)
        .description(what + ", by how they ended")
        .tag("outcome", outcome.name().toLowerCase(Locale.ROOT))
        .register(metrics);
  }

  void call(Outcome outcome) {
    count(calls, outcome);
  }

  void ring(Outcome outcome) {
    count(alarms, outcome);
  }

  void message(Settled.Outcome outcome) {
    count(messages, outcome);
  }

  private static <O> void count(Map<O, Counter> counters, O outcome) {
    var counter = counters.get(outcome);
    if (counter != null) {
      counter.increment();
    }
  }

  void committed(Duration took) {
    commits.record(took);
  }

  void interrupted() {
    interrupted.increment();
  }
}
