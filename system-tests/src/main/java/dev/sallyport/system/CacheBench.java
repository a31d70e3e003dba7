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
import java.util.UUID;
import java.util.concurrent.Executors;
import org.HdrHistogram.Histogram;

/**
 * What a cache hit in the hot tier costs: over HTTP through both workers beside the same answer
 * without a cache, and as the data-worker itself measures it; and how often a loader runs when many
 * miss the same key at once on three data-workers. Every answer is looked at.
 */
final class CacheBench {
  private static final int ROUNDS = 3;
  private static final Duration WARM_UP_MIN = Duration.ofSeconds(8);
  private static final Duration RAMP_UP = Duration.ofMillis(500);
  private static final int BURST = 1_000;
  private static final int BURSTS = 5;
  private static final int LOAD_MILLIS = 500;
  private static final long MICROS_MAX = 10_000_000;
  private static final int[] IN_FLIGHT = {1, 64};

  private final Duration window;
  private final PrintStream out;
  private final Map<String, Object> noise = new LinkedHashMap<>();

  /** One round: the same load on both paths, latencies in nanoseconds. */
  private record Pair(LoadGenerator.Result cached, LoadGenerator.Result plain) {
    double cached(double percentile) {
      return cached.latencies().getValueAtPercentile(percentile) / 1e3;
    }

    double plain(double percentile) {
      return plain.latencies().getValueAtPercentile(percentile) / 1e3;
    }

    double added(double percentile) {
      return cached(percentile) - plain(percentile);
    }

    long failed() {
      return cached.failed() + plain.failed();
    }
  }

  /** One burst of misses. */
  private record Misses(long loads, long wrong, double millis) {}

  CacheBench(Duration window, PrintStream out) {
    this.window = window;
    this.out = out;
  }

  void run() throws IOException {
    noise.put("loadBefore", Machine.load());
    try (var deployment = Deployment.start(Deployment.Settings.asUp("bench-cache"))) {
      var key = "bench-" + UUID.randomUUID();
      var warmUp = window.compareTo(WARM_UP_MIN) > 0 ? window : WARM_UP_MIN;
      for (int inFlight : IN_FLIGHT) {
        pair(deployment, key, inFlight, warmUp);
      }
      var steal = Machine.Ticks.now();
      var pairs = new LinkedHashMap<Integer, List<Pair>>();
      var inside = new ArrayList<Histogram>();
      for (int round = 0; round < ROUNDS; round++) {
        for (int inFlight : IN_FLIGHT) {
          pairs
              .computeIfAbsent(inFlight, first -> new ArrayList<>())
              .add(pair(deployment, key, inFlight, window));
        }
        inside.add(inside(deployment, key));
      }
      var misses = misses(deployment);
      noise.put("loadAfter", Machine.load());
      noise.put("stealPercent", steal.stealPercent());
      noise.put("rounds", ROUNDS);
      pairs.forEach(this::report);
      reportInside(inside);
      report(misses);
      table(pairs, inside, misses);
    }
  }

  private static Pair pair(Deployment deployment, String key, int inFlight, Duration length)
      throws IOException {
    return new Pair(
        load(deployment, CachedCalls.CACHED + key, inFlight, length),
        load(deployment, CachedCalls.UNCACHED + key, inFlight, length));
  }

  private static LoadGenerator.Result load(
      Deployment deployment, String target, int inFlight, Duration length) throws IOException {
    byte[] request = request(deployment, target);
    return new LoadGenerator(
            deployment.userWorker().port(),
            now -> request,
            inFlight,
            new LoadGenerator.Expected(200, "\"key\":\"bench-"))
        .run(RAMP_UP, length, new CpuWindow());
  }

  private static byte[] request(Deployment deployment, String target) {
    return RawSocket.head(
            "GET " + target + " HTTP/1.1",
            "Authorization: " + deployment.accounts().newSession().bearer())
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** What the data-worker says its cache took, in microseconds, one call at a time. */
  private Histogram inside(Deployment deployment, String key) {
    var micros = new Histogram(MICROS_MAX, 3);
    byte[] request = request(deployment, CachedCalls.CACHED + key);
    try (var socket = RawSocket.connect(deployment.userWorker().port())) {
      long until = System.nanoTime() + window.toNanos();
      while (System.nanoTime() < until) {
        var answer = socket.send(request).answer();
        if (answer.status() != 200) {
          throw new IllegalStateException("no value: " + answer);
        }
        long took = Json.parse(answer.text()).required("micros").asLong();
        micros.recordValue(Math.min(took, MICROS_MAX));
      }
    }
    return micros;
  }

  private static List<Misses> misses(Deployment deployment) {
    var workers =
        List.of(
            deployment.dataWorker(),
            deployment.anotherDataWorker("second"),
            deployment.anotherDataWorker("third"));
    var calls = new CachedCalls(deployment);
    var found = new ArrayList<Misses>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      // One more than counts: the first connects, and warms the new workers up.
      for (int i = 0; i <= BURSTS; i++) {
        var key = "burst-" + UUID.randomUUID();
        long began = System.nanoTime();
        var answers = CachedCalls.answers(calls.burst(threads, workers, key, BURST, LOAD_MILLIS));
        double millis = (System.nanoTime() - began) / 1e6;
        long wrong = answers.stream().filter(answer -> answer.status() != 200).count();
        found.add(new Misses(calls.loads(workers.getFirst(), key), wrong, millis));
      }
    }
    return found.subList(1, found.size());
  }

  private void report(int inFlight, List<Pair> pairs) {
    var figure = figure("hot hit, HTTP through both workers", inFlight + " in flight");
    figure.put("p50Micros", median(pairs, pair -> pair.cached(50)));
    figure.put("p99Micros", median(pairs, pair -> pair.cached(99)));
    figure.put("uncachedP50Micros", median(pairs, pair -> pair.plain(50)));
    figure.put("uncachedP99Micros", median(pairs, pair -> pair.plain(99)));
    figure.put("addedP50Micros", median(pairs, pair -> pair.added(50)));
    figure.put("addedP50Spread", spread(pairs, pair -> pair.added(50)));
    figure.put("addedP99Micros", median(pairs, pair -> pair.added(99)));
    figure.put("addedP99Spread", spread(pairs, pair -> pair.added(99)));
    figure.put("perSecond", Math.round(median(pairs, pair -> pair.cached().perSecond())));
    figure.put("uncachedPerSecond", Math.round(median(pairs, pair -> pair.plain().perSecond())));
    figure.put("failed", pairs.stream().mapToLong(Pair::failed).sum());
    print(figure);
  }

  private void reportInside(List<Histogram> inside) {
    var figure = figure("hot hit, inside the data-worker", "1 in flight");
    figure.put("p50Micros", median(inside, one -> one.getValueAtPercentile(50)));
    figure.put("p99Micros", median(inside, one -> one.getValueAtPercentile(99)));
    figure.put("p99Spread", spread(inside, one -> one.getValueAtPercentile(99)));
    figure.put("maxMicros", median(inside, Histogram::getMaxValue));
    figure.put("hits", inside.stream().mapToLong(Histogram::getTotalCount).sum());
    print(figure);
  }

  private void report(List<Misses> misses) {
    var figure = figure("misses of one key at once, three data-workers", BURST + " calls");
    figure.put("loadMillis", LOAD_MILLIS);
    figure.put("loadersRun", misses.stream().map(Misses::loads).toList());
    figure.put("allAnsweredMillis", median(misses, Misses::millis));
    figure.put("allAnsweredSpread", spread(misses, Misses::millis));
    figure.put("failed", misses.stream().mapToLong(Misses::wrong).sum());
    print(figure);
  }

  private Map<String, Object> figure(String what, String load) {
    var figure = new LinkedHashMap<String, Object>();
    figure.put("bench", "cache");
    figure.put("what", what);
    figure.put("load", load);
    return figure;
  }

  private void print(Map<String, Object> figure) {
    var whole = new LinkedHashMap<>(figure);
    whole.put("flags", Deployment.Settings.AS_UP);
    whole.put("noise", noise);
    whole.put("versions", Machine.versions());
    out.println(Json.write(whole));
  }

  private void table(Map<Integer, List<Pair>> pairs, List<Histogram> inside, List<Misses> misses) {
    out.println();
    out.println("| hot hit | p50 µs | p99 µs | without a cache | | added p50 | added p99 |");
    out.println("| --- | --- | --- | --- | --- | --- | --- |");
    pairs.forEach((inFlight, all) ->
        out.println(
            String.format(
                Locale.ROOT,
                "| HTTP, %d in flight | %.0f | %.0f | %.0f | %.0f | %.0f | %.0f |",
                inFlight,
                median(all, pair -> pair.cached(50)),
                median(all, pair -> pair.cached(99)),
                median(all, pair -> pair.plain(50)),
                median(all, pair -> pair.plain(99)),
                median(all, pair -> pair.added(50)),
                median(all, pair -> pair.added(99)))));
    out.println(
        String.format(
            Locale.ROOT,
            "| inside the data-worker, 1 in flight | %.0f | %.0f | | | | |",
            median(inside, one -> one.getValueAtPercentile(50)),
            median(inside, one -> one.getValueAtPercentile(99))));
    out.println();
    out.println(
        BURST
            + " misses of one key at once on three data-workers ran the loader so often: "
            + misses.stream().map(Misses::loads).toList());
    out.println("Flags of all workers: " + String.join(" ", Deployment.Settings.AS_UP));
    out.println("Machine: " + Machine.versions() + " " + noise);
  }
}
