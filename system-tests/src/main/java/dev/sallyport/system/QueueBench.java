package dev.sallyport.system;

import static dev.sallyport.system.Statistics.median;
import static dev.sallyport.system.Statistics.spread;

import dev.sallyport.model.QueuedMessage;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * What sending to a queue costs, over HTTP through the user-worker, beside Kafka's own producer
 * with the same messages. All loads are measured in every round, one after the other, so that what
 * else the machine does meets all of them. Every answer under load is looked at.
 */
final class QueueBench {
  private static final int ROUNDS = 3;
  private static final Duration WARM_UP_MIN = Duration.ofSeconds(10);
  private static final Duration RAMP_UP = Duration.ofMillis(500);
  private static final String QUEUE = "bench-send";

  /** As many as a queue has by itself. */
  private static final int PARTITIONS = 8;

  private static final int BATCH = 100;

  /** JSON texts of these sizes. */
  private static final String ONE_KIB = json(1024);

  private static final String SMALL = json(100);

  /** One row of the table. What is sent raw stands after what it is compared with. */
  private enum Load {
    SINGLE_64("single, 1 KiB, over HTTP", ONE_KIB, 1, 64, false),
    SINGLE_64_RAW("1 KiB, Kafka's producer", ONE_KIB, 1, 64, true),
    SINGLE_1("single, 1 KiB, over HTTP", ONE_KIB, 1, 1, false),
    SINGLE_1_RAW("1 KiB, Kafka's producer", ONE_KIB, 1, 1, true),
    SMALL_BATCHES("batches of 100, 100 B each, over HTTP", SMALL, BATCH, 64, false),
    SMALL_RAW("100 B, Kafka's producer", SMALL, 1, 6400, true),
    BATCHES("batches of 100, 1 KiB each, over HTTP", ONE_KIB, BATCH, 64, false),
    BATCHES_RAW("1 KiB, Kafka's producer", ONE_KIB, 1, 6400, true);

    private final String what;
    private final String body;
    private final int messages;
    private final int inFlight;
    private final boolean raw;

    Load(String what, String body, int messages, int inFlight, boolean raw) {
      this.what = what;
      this.body = body;
      this.messages = messages;
      this.inFlight = inFlight;
      this.raw = raw;
    }
  }

  private final Duration window;
  private final PrintStream out;

  QueueBench(Duration window, PrintStream out) {
    this.window = window;
    this.out = out;
  }

  void run() throws IOException, SQLException {
    double loadBefore = Machine.load();
    try (var deployment = Deployment.start(Deployment.Settings.asUp("bench-queue"))) {
      HandMadeQueue.open(deployment, QUEUE, PARTITIONS);
      var warmUp = window.compareTo(WARM_UP_MIN) > 0 ? window : WARM_UP_MIN;
      for (var load : Load.values()) {
        measure(deployment, load, load.raw ? warmUp.dividedBy(5) : warmUp);
      }
      var steal = Machine.Ticks.now();
      var samples = new TreeMap<Load, List<QueueSample>>();
      for (int round = 0; round < ROUNDS; round++) {
        for (var load : Load.values()) {
          samples
              .computeIfAbsent(load, first -> new ArrayList<>())
              .add(measure(deployment, load, window));
        }
      }
      var noise = new LinkedHashMap<String, Object>();
      noise.put("loadBefore", loadBefore);
      noise.put("loadAfter", Machine.load());
      noise.put("stealPercent", steal.stealPercent());
      noise.put("rounds", ROUNDS);
      samples.forEach((load, all) -> out.println(Json.write(figure(load, all, samples, noise))));
      table(samples);
      out.println("Flags of both workers: " + String.join(" ", Deployment.Settings.AS_UP));
      out.println("Machine: " + Machine.versions() + " " + noise);
    }
  }

  private static QueueSample measure(Deployment deployment, Load load, Duration length)
      throws IOException, SQLException {
    if (load.raw) {
      var producer =
          new RawProducer(
              deployment.stack().kafka().bootstrapServers(),
              QueuedMessage.topic(QUEUE),
              load.body.getBytes(StandardCharsets.US_ASCII),
              load.inFlight);
      return QueueSample.of(
          deployment, load.messages, window -> producer.run(RAMP_UP, length, window));
    }
    byte[] request = request(deployment, load);
    var generator =
        new LoadGenerator(
            deployment.userWorker().port(),
            now -> request,
            load.inFlight,
            new LoadGenerator.Expected(202, "\"id"));
    return QueueSample.of(
        deployment, load.messages, window -> generator.run(RAMP_UP, length, window));
  }

  private static byte[] request(Deployment deployment, Load load) {
    var bearer = deployment.accounts().newSession().bearer();
    var message = "{\"body\":" + load.body + "}";
    var request =
        load.messages == 1
            ? WorkflowBench.post("/api/queues/" + QUEUE + "/messages", bearer, message)
            : WorkflowBench.post(
                "/api/queues/" + QUEUE + "/batches",
                bearer,
                "{\"messages\":["
                    + String.join(",", Collections.nCopies(load.messages, message))
                    + "]}");
    return request.getBytes(StandardCharsets.US_ASCII);
  }

  private static String json(int bytes) {
    return "{\"text\":\"" + "x".repeat(bytes - 11) + "\"}";
  }

  private static Load raw(Load load) {
    return switch (load) {
      case SINGLE_64, SINGLE_64_RAW -> Load.SINGLE_64_RAW;
      case SINGLE_1, SINGLE_1_RAW -> Load.SINGLE_1_RAW;
      case SMALL_BATCHES, SMALL_RAW -> Load.SMALL_RAW;
      case BATCHES, BATCHES_RAW -> Load.BATCHES_RAW;
    };
  }

  /** How this compares with Kafka's producer in the same rounds. */
  private static double ratio(Load load, Map<Load, List<QueueSample>> samples) {
    var raw = samples.get(raw(load));
    return raw == null
        ? Double.NaN
        : Math.round(
                100
                    * median(samples.getOrDefault(load, List.of()), QueueSample::perSecond)
                    / median(raw, QueueSample::perSecond))
            / 100.0;
  }

  private static Map<String, Object> figure(
      Load load,
      List<QueueSample> samples,
      Map<Load, List<QueueSample>> all,
      Map<String, Object> noise) {
    var figure = new LinkedHashMap<String, Object>();
    figure.put("bench", "queue");
    figure.put("what", load.what);
    figure.put("load", load(load));
    figure.put("unit", "messages/s");
    figure.put("median", Math.round(median(samples, QueueSample::perSecond)));
    figure.put("spread", spread(samples, QueueSample::perSecond));
    if (!load.raw) {
      figure.put("ratioToRawProducer", ratio(load, all));
    }
    figure.put("p50Micros", median(samples, QueueSample::p50Micros));
    figure.put("p50Spread", spread(samples, QueueSample::p50Micros));
    figure.put("p99Micros", median(samples, QueueSample::p99Micros));
    figure.put("p99Spread", spread(samples, QueueSample::p99Micros));
    figure.put("userWorkerMicros", median(samples, QueueSample::userMicros));
    figure.put("userWorkerSpread", spread(samples, QueueSample::userMicros));
    figure.put("dataWorkerMicros", median(samples, QueueSample::dataMicros));
    figure.put("brokerMicros", median(samples, QueueSample::brokerMicros));
    figure.put("clientMicros", median(samples, QueueSample::clientMicros));
    figure.put("messages", samples.stream().mapToLong(QueueSample::messages).sum());
    figure.put("failed", samples.stream().mapToLong(QueueSample::failed).sum());
    samples.stream()
        .filter(sample -> sample.firstFailure() != null)
        .findFirst()
        .ifPresent(sample -> figure.put("firstFailure", sample.firstFailure()));
    figure.put("flags", Deployment.Settings.AS_UP);
    figure.put("noise", noise);
    figure.put("versions", Machine.versions());
    return figure;
  }

  private static String load(Load load) {
    return load.inFlight + (load.raw ? " in flight" : " connections");
  }

  private void table(Map<Load, List<QueueSample>> samples) {
    out.println();
    out.println(
        "| what | load | messages/s | of raw | p50 ms | p99 ms | user-worker µs/message | broker |"
            + " client | failed |");
    out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    samples.forEach((load, all) -> out.println(row(load, all, samples)));
    out.println();
  }

  private static String row(
      Load load, List<QueueSample> samples, Map<Load, List<QueueSample>> all) {
    var spread = spread(samples, QueueSample::perSecond);
    return String.format(
        Locale.ROOT,
        "| %s | %s | %,.0f (%,.0f to %,.0f) | %s | %.2f | %.2f | %.1f | %.1f | %.1f | %d |",
        load.what,
        load(load),
        median(samples, QueueSample::perSecond),
        spread.getFirst(),
        spread.getLast(),
        load.raw ? "" : String.format(Locale.ROOT, "%.2f", ratio(load, all)),
        median(samples, QueueSample::p50Micros) / 1e3,
        median(samples, QueueSample::p99Micros) / 1e3,
        median(samples, QueueSample::userMicros),
        median(samples, QueueSample::brokerMicros),
        median(samples, QueueSample::clientMicros),
        samples.stream().mapToLong(QueueSample::failed).sum());
  }
}
