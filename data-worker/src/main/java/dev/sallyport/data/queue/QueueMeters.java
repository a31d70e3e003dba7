package dev.sallyport.data.queue;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Counts what became of messages. Thread-safe. */
@Singleton
class QueueMeters {
  private final MeterRegistry metrics;
  private final Map<String, Of> queues = new ConcurrentHashMap<>();

  @Inject
  QueueMeters(MeterRegistry metrics) {
    this.metrics = metrics;
  }

  /** The counters of one queue. */
  private record Of(Counter done, Counter again, Counter dead) {}

  /** Shows the counters of a queue before anything is counted. */
  void begin(String queue) {
    var _ = of(queue);
  }

  private Of of(String queue) {
    return queues.computeIfAbsent(
        queue,
        name -> new Of(counter(name, "done"), counter(name, "again"), counter(name, "dead")));
  }

  private Counter counter(String queue, String outcome) {
    return Counter.builder("sallyport.queue.handled.messages")
        .description("Messages that a consumer had, and what became of them")
        .tag("queue", queue)
        .tag("outcome", outcome)
        .register(metrics);
  }

  /**
   * A batch was handled.
   *
   * @param rest those that the consumer did not commit itself
   */
  void handled(Declared queue, List<Delivery> all, List<Settled> rest) {
    var counters = of(queue.name());
    long again = rest.stream().filter(one -> one.outcome() instanceof Outcome.Again).count();
    long dead = rest.stream().filter(one -> one.outcome() instanceof Outcome.Dead).count();
    counters.again().increment((double) again);
    counters.dead().increment((double) dead);
    counters.done().increment((double) (all.size() - again - dead));
  }

  /** What became of messages in the hands of pullers. */
  void pulled(String queue, long done, long again, long dead) {
    if (done + again + dead > 0) {
      var counters = of(queue);
      counters.done().increment((double) done);
      counters.again().increment((double) again);
      counters.dead().increment((double) dead);
    }
  }
}
