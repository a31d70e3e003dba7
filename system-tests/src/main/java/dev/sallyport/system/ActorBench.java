package dev.sallyport.system;

import static dev.sallyport.system.Statistics.median;
import static dev.sallyport.system.Statistics.spread;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What a call of an actor costs over HTTP through both workers: one that changes it, over many
 * actors and over a single one; one that only reads; and one that changes it under a fresh
 * Idempotency-Key. All loads are measured in every round, one after the other, so that what else
 * the machine does meets all of them. Every answer is looked at.
 */
final class ActorBench {
  private static final int ROUNDS = 3;
  private static final Duration WARM_UP_MIN = Duration.ofSeconds(10);
  private static final Duration RAMP_UP = Duration.ofMillis(500);
  private static final int CONNECTIONS = 50;
  private static final int MANY = 1_000;

  private static final char DIGIT = '0';

  /** What stands between the first line of a request and the next one. */
  private static final String KEY_LINE = "\r\nIdempotency-Key: bench-000000000000\r\n";

  /** One row of the table. */
  private enum Load {
    ADD_MANY("counter/add", "add", "{\"by\":1}", MANY, false),
    ADD_ONE("counter/add", "add", "{\"by\":1}", 1, false),
    GET_MANY("counter/get", "get", "{}", MANY, false),
    ADD_KEYED("counter/add, each with a fresh Idempotency-Key", "add", "{\"by\":1}", MANY, true);

    private final String what;
    private final String method;
    private final String body;
    private final int actors;
    private final boolean keyed;

    Load(String what, String method, String body, int actors, boolean keyed) {
      this.what = what;
      this.method = method;
      this.body = body;
      this.actors = actors;
      this.keyed = keyed;
    }

    String load() {
      return CONNECTIONS + " connections, " + actors + (actors == 1 ? " actor" : " actors");
    }
  }

  private final Duration window;
  private final PrintStream out;
  private final String scope = "bench-" + UUID.randomUUID();

  /** Confined to the generator's thread. */
  private long keys;

  ActorBench(Duration window, PrintStream out) {
    this.window = window;
    this.out = out;
  }

  void run() throws IOException {
    double loadBefore = Machine.load();
    try (var deployment = Deployment.start(Deployment.Settings.asUp("bench-actors"))) {
      var warmUp = window.compareTo(WARM_UP_MIN) > 0 ? window : WARM_UP_MIN;
      for (var load : Load.values()) {
        measure(deployment, load, warmUp);
      }
      var steal = Machine.Ticks.now();
      var samples = new TreeMap<Load, List<ActorSample>>();
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
      samples.forEach((load, all) -> out.println(Json.write(figure(load, all, noise))));
      table(samples);
      out.println("Flags of both workers: " + String.join(" ", Deployment.Settings.AS_UP));
      out.println("Machine: " + Machine.versions() + " " + noise);
    }
  }

  private ActorSample measure(Deployment deployment, Load load, Duration length)
      throws IOException {
    var generator =
        new LoadGenerator(
            deployment.userWorker().port(),
            load.keyed
                ? freshKeys(inTurn(requests(deployment, load)))
                : inTurn(requests(deployment, load)),
            CONNECTIONS,
            new LoadGenerator.Expected(200, "\"value\":"));
    return ActorSample.of(deployment, cpu -> generator.run(RAMP_UP, length, cpu));
  }

  /** One for each actor, with a fresh token. */
  private byte[][] requests(Deployment deployment, Load load) {
    var bearer = deployment.accounts().newSession().bearer();
    var requests = new byte[load.actors][];
    for (int i = 0; i < requests.length; i++) {
      var target = "/api/internal/actors/counter/" + scope + "-" + i + "/" + load.method;
      var request = WorkflowBench.post(target, bearer, load.body);
      requests[i] =
          (load.keyed ? request.replaceFirst("\r\n", KEY_LINE) : request)
              .getBytes(StandardCharsets.US_ASCII);
    }
    return requests;
  }

  /** Confined to the generator's thread. */
  private static LoadGenerator.Requests inTurn(byte[][] requests) {
    return new LoadGenerator.Requests() {
      private int next;

      @Override
      public byte[] at(long nanoTime) {
        next = (next + 1) % requests.length;
        return requests[next];
      }
    };
  }

  /** Writes another number into the key of each request. Confined to the generator's thread. */
  private LoadGenerator.Requests freshKeys(LoadGenerator.Requests requests) {
    return now -> {
      byte[] request = requests.at(now).clone();
      int digit = indexOfLineEnd(request) + KEY_LINE.lastIndexOf(DIGIT);
      for (long left = ++keys; left > 0; left /= 10) {
        request[digit--] = (byte) (DIGIT + left % 10);
      }
      return request;
    };
  }

  private static int indexOfLineEnd(byte[] request) {
    int at = 0;
    while (request[at] != '\r') {
      at++;
    }
    return at;
  }

  private static Map<String, Object> figure(
      Load load, List<ActorSample> samples, Map<String, Object> noise) {
    var figure = new LinkedHashMap<String, Object>();
    figure.put("bench", "actors");
    figure.put("what", load.what);
    figure.put("load", load.load());
    figure.put("unit", "calls/s");
    figure.put("median", Math.round(median(samples, ActorSample::perSecond)));
    figure.put("spread", spread(samples, ActorSample::perSecond));
    figure.put("p50Micros", median(samples, ActorSample::p50Micros));
    figure.put("p50Spread", spread(samples, ActorSample::p50Micros));
    figure.put("p99Micros", median(samples, ActorSample::p99Micros));
    figure.put("p99Spread", spread(samples, ActorSample::p99Micros));
    figure.put("userWorkerMicros", median(samples, ActorSample::userMicros));
    figure.put("userWorkerSpread", spread(samples, ActorSample::userMicros));
    figure.put("dataWorkerMicros", median(samples, ActorSample::dataMicros));
    figure.put("dataWorkerSpread", spread(samples, ActorSample::dataMicros));
    figure.put("postgresMicros", median(samples, ActorSample::postgresMicros));
    figure.put("clientMicros", median(samples, ActorSample::clientMicros));
    figure.put("calls", samples.stream().mapToLong(ActorSample::calls).sum());
    figure.put("failed", samples.stream().mapToLong(ActorSample::failed).sum());
    samples.stream()
        .filter(sample -> sample.firstFailure() != null)
        .findFirst()
        .ifPresent(sample -> figure.put("firstFailure", sample.firstFailure()));
    figure.put("flags", Deployment.Settings.AS_UP);
    figure.put("noise", noise);
    figure.put("versions", Machine.versions());
    return figure;
  }

  private void table(Map<Load, List<ActorSample>> samples) {
    out.println();
    out.println(
        "| call | load | calls/s | p50 ms | p99 ms | user-worker µs/call | data-worker | Postgres |"
            + " client | failed |");
    out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    samples.forEach((load, all) -> out.println(row(load, all)));
    out.println();
  }

  private static String row(Load load, List<ActorSample> samples) {
    var spread = spread(samples, ActorSample::perSecond);
    return String.format(
        Locale.ROOT,
        "| %s | %s | %,.0f (%,.0f to %,.0f) | %.2f | %.2f | %.1f | %.1f | %.1f | %.1f | %d |",
        load.what,
        load.load(),
        median(samples, ActorSample::perSecond),
        spread.getFirst(),
        spread.getLast(),
        median(samples, ActorSample::p50Micros) / 1e3,
        median(samples, ActorSample::p99Micros) / 1e3,
        median(samples, ActorSample::userMicros),
        median(samples, ActorSample::dataMicros),
        median(samples, ActorSample::postgresMicros),
        median(samples, ActorSample::clientMicros),
        samples.stream().mapToLong(ActorSample::failed).sum());
  }
}
