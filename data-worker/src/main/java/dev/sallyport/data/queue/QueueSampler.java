package dev.sallyport.data.queue;

import dev.sallyport.data.lease.WorkerLease;
import dev.sallyport.data.platform.Doorbell;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.data.platform.Ticker;
import dev.sallyport.model.News;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;
import org.jboss.logging.Logger;

/**
 * Samples queues for metrics: each by the worker that has its partition 0, all others say 0 of it.
 * Also tells the other workers how much this one's consumers have in hand, and ends leases of
 * pullers where nobody pulls any more. {@link #run} is confined to one virtual thread.
 */
@Singleton
class QueueSampler {
  static final Duration EVERY = Duration.ofSeconds(15);
  static final Duration IN_FLIGHT_EVERY = Duration.ofSeconds(1);

  private static final Logger LOG = Logger.getLogger(QueueSampler.class);
  private static final double MILLIS = 1_000;

  private final WorkerLease lease;
  private final QueueDirectory directory;
  private final Shards shards;
  private final QueueStats stats;
  private final StatsSql sql;
  private final Pulls pulls;
  private final Ticker ticker;
  private final Doorbell pause = new Doorbell();
  private final News news = new News(System::nanoTime);

  /** What is known now, by queue; only of those that are sampled here. */
  private final Map<String, Sample> samples = new ConcurrentHashMap<>();

  private Map<Integer, Integer> told = Map.of();
  private long tellsAs;
  private volatile StatsSql.Outbox outbox = new StatsSql.Outbox(0, Duration.ZERO);

  private record Sample(QueueStats.View view, Duration age, long at) {}

  @Inject
  QueueSampler(
      WorkerLease lease,
      QueueRegistry registry,
      QueueDirectory directory,
      Shards shards,
      QueueStats stats,
      StatsSql sql,
      Pulls pulls,
      Ticker ticker,
      QueueMeters meters,
      MeterRegistry metrics) {
    this.lease = lease;
    this.directory = directory;
    this.shards = shards;
    this.stats = stats;
    this.sql = sql;
    this.pulls = pulls;
    this.ticker = ticker;
    registry.all().forEach(queue -> meters.begin(queue.name()));
    registry.all().forEach(queue -> register(metrics, queue));
    if (!registry.all().isEmpty()) {
      Gauge.builder("sallyport.queue.outbox.messages", this, it -> (double) it.outbox.messages())
          .description("Messages of transactions that the relay has not sent")
          .register(metrics);
      Gauge.builder("sallyport.queue.outbox.age.seconds", this, it -> seconds(it.outbox.age()))
          .description("How long the oldest of them has waited")
          .register(metrics);
    }
  }

  private void register(MeterRegistry metrics, Declared queue) {
    gauge(
        metrics,
        queue,
        "depth.messages",
        "Messages that are due and not over",
        one -> (double) one.view().depth());
    gauge(
        metrics,
        queue,
        "oldest.age.seconds",
        "How long the oldest of them has been due",
        one -> seconds(one.age()));
    gauge(metrics, queue, "dead.messages", "Dead letters", one -> (double) one.view().dead());
    gauge(
        metrics,
        queue,
        "delayed.messages",
        "Messages that are not due",
        one -> (double) one.view().delayed());
    gauge(
        metrics,
        queue,
        "retried.messages",
        "Messages that were attempted before",
        one -> (double) one.view().retried());
    Gauge.builder("sallyport.queue.in.flight.messages", shards, it -> inFlight(it, queue))
        .description("Messages in the hands of this worker's consumers")
        .tag("queue", queue.name())
        .register(metrics);
  }

  private void gauge(
      MeterRegistry metrics,
      Declared queue,
      String name,
      String what,
      ToDoubleFunction<Sample> value) {
    Gauge.builder("sallyport.queue." + name, samples, it -> value(it, queue.name(), value))
        .description(what + "; 0 but on the worker that samples the queue")
        .tag("queue", queue.name())
        .register(metrics);
  }

  private static double value(
      Map<String, Sample> samples, String queue, ToDoubleFunction<Sample> value) {
    var sample = samples.get(queue);
    return sample == null ? 0 : value.applyAsDouble(sample);
  }

  private static double seconds(Duration time) {
    return (double) time.toMillis() / MILLIS;
  }

  private static double inFlight(Shards shards, Declared queue) {
    return shards.all().stream()
        .filter(one -> one.queue().equals(queue))
        .mapToInt(Shard::inFlight)
        .sum();
  }

  /** Samples until it is interrupted. */
  void run() {
    try {
      while (true) {
        round();
        pause.await(IN_FLIGHT_EVERY);
      }
    } catch (InterruptedException stopped) {
      LOG.debug("samples no queues any more");
    }
  }

  private void round() throws InterruptedException {
    try {
      tellInFlight();
      sample();
      news.over();
    } catch (StoreFailure | StatementRefused e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (news.is(String.valueOf(e.getMessage()))) {
        LOG.warnf("queues cannot be counted now: %s", e.getMessage());
      }
    }
  }

  private void tellInFlight() {
    var owner = lease.incarnation();
    if (owner.isEmpty()) {
      return;
    }
    var now = new HashMap<Integer, Integer>();
    directory.open().keySet().forEach(row -> now.put(row, 0));
    shards.all().forEach(one -> now.merge(one.claim().queue(), one.inFlight(), Integer::sum));
    if (tellsAs != owner.getAsLong() || !now.equals(told)) {
      sql.tellInFlight(owner.getAsLong(), now);
      told = now;
      tellsAs = owner.getAsLong();
    }
  }

  private void sample() {
    var mine = new HashSet<String>();
    for (var shard : shards.all()) {
      if (shard.claim().number() == 0) {
        mine.add(shard.queue().name());
        sample(shard.queue(), shard.claim().queue());
      }
    }
    samples.keySet().retainAll(mine);
  }

  private void sample(Declared queue, int row) {
    var last = samples.get(queue.name());
    if (last != null && ticker.nanos() - last.at() < EVERY.toNanos()) {
      return;
    }
    pulls.endLapsed(queue, row);
    var view = stats.count(queue, row);
    var age = view.oldestAge() == null ? Duration.ZERO : view.oldestAge();
    samples.put(queue.name(), new Sample(view, age, ticker.nanos()));
    outbox = sql.outbox();
  }
}
