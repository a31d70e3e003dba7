package dev.sallyport.system;

import static dev.sallyport.system.Statistics.median;
import static dev.sallyport.system.Statistics.spread;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a call costs on its way through both workers, each beside the same call to the data-worker
 * alone, signed. All paths are measured in every round, one after the other, so that what else the
 * machine does meets all of them.
 */
final class HopBench {
  private static final int ROUNDS = 3;
  private static final Duration WARM_UP_MIN = Duration.ofSeconds(8);
  private static final Duration RAMP_UP = Duration.ofMillis(500);

  /** A signature holds for 90 s. */
  private static final long RENDER_EVERY_NANOS = Duration.ofSeconds(5).toNanos();

  private static final String PING = "/api/internal/ping";
  private static final String ECHO = "/api/internal/echo";

  /** 1,024 bytes. */
  private static final String ONE_KIB = "{\"text\":\"" + "x".repeat(1024 - 11) + "\"}";

  /** One row of the table. */
  private record Path(String what, boolean through, boolean echo, int connections) {
    String load() {
      return connections + (connections == 1 ? " connection" : " connections");
    }
  }

  private record Sample(
      double perSecond, double p50Micros, double p99Micros, double cpuMicros, double ownMicros) {}

  private final Duration window;
  private final PrintStream out;

  HopBench(Duration window, PrintStream out) {
    this.window = window;
    this.out = out;
  }

  void run() throws IOException {
    double loadBefore = Machine.load();
    var paths = paths();
    try (var deployment = Deployment.start(Deployment.Settings.asUp("bench-hop"))) {
      for (var path : paths) {
        measure(deployment, path, window.compareTo(WARM_UP_MIN) > 0 ? window : WARM_UP_MIN);
      }
      var steal = Machine.Ticks.now();
      var samples = new LinkedHashMap<Path, List<Sample>>();
      for (int round = 0; round < ROUNDS; round++) {
        for (var path : paths) {
          samples
              .computeIfAbsent(path, first -> new ArrayList<>())
              .add(measure(deployment, path, window));
        }
      }
      Map<String, Object> noise =
          Map.of("loadBefore", loadBefore, "stealPercent", steal.stealPercent(), "rounds", ROUNDS);
      samples.forEach((path, all) -> out.println(Json.write(figure(path, all, noise))));
      out.println();
      out.println("| call | load | requests/s | p50 ms | p99 ms | CPU µs/request | client µs |");
      out.println("| --- | --- | --- | --- | --- | --- | --- |");
      samples.forEach((path, all) -> out.println(row(path, all)));
      out.println();
      out.println("Flags of both workers: " + String.join(" ", Deployment.Settings.AS_UP));
      out.println("Machine: " + Machine.versions() + " " + noise);
    }
  }

  private static List<Path> paths() {
    var paths = new ArrayList<Path>();
    for (int connections : new int[] {1, 64}) {
      paths.add(new Path("ping, ES256 token, through both workers", true, false, connections));
      paths.add(new Path("ping, signed, data-worker alone", false, false, connections));
      paths.add(
          new Path("echo of 1 KiB, ES256 token, through both workers", true, true, connections));
      paths.add(new Path("echo of 1 KiB, signed, data-worker alone", false, true, connections));
    }
    return paths;
  }

  private static Sample measure(Deployment deployment, Path path, Duration length)
      throws IOException {
    var worker = path.through() ? deployment.userWorker() : deployment.dataWorker();
    var requests = requests(deployment, path);
    requireRight(worker.port(), requests, path);
    var cpu = new CpuWindow(deployment.userWorker().pid(), deployment.dataWorker().pid());
    var result =
        new LoadGenerator(worker.port(), requests, path.connections()).run(RAMP_UP, length, cpu);
    var latencies = result.latencies();
    return new Sample(
        result.perSecond(),
        latencies.getValueAtPercentile(50) / 1e3,
        latencies.getValueAtPercentile(99) / 1e3,
        cpu.ofWorkers().toNanos() / 1e3 / result.requests(),
        cpu.ofClient().toNanos() / 1e3 / result.requests());
  }

  /** That the answer is the one meant, which under load is not looked at. */
  private static void requireRight(int port, LoadGenerator.Requests requests, Path path) {
    try (var socket = RawSocket.connect(port)) {
      var answer = socket.send(requests.at(System.nanoTime())).answer();
      var expected = path.echo() ? "\"body\":" + ONE_KIB : "\"userId\":\"";
      if (answer.status() != 200 || !answer.text().contains(expected)) {
        throw new IllegalStateException("not the answer that was meant: " + answer);
      }
    }
  }

  /** A fresh token for each window; a fresh signature every few seconds. */
  private static LoadGenerator.Requests requests(Deployment deployment, Path path) {
    if (path.through()) {
      var bearer = "Authorization: " + deployment.accounts().newSession().bearer();
      var request =
          path.echo()
              ? RawSocket.head(
                      "POST " + ECHO + " HTTP/1.1",
                      bearer,
                      "Content-Type: application/json",
                      "Content-Length: " + ONE_KIB.length())
                  + ONE_KIB
              : RawSocket.head("GET " + PING + " HTTP/1.1", bearer);
      byte[] bytes = bytes(request);
      return now -> bytes;
    }
    var calls =
        new InnerCalls(
            deployment.signingKeys(),
            InstantSource.system(),
            deployment.accounts().register().id());
    return new LoadGenerator.Requests() {
      private byte[] bytes = signed(calls, path);
      private long renderedAt = System.nanoTime();

      @Override
      public byte[] at(long nanoTime) {
        if (nanoTime - renderedAt > RENDER_EVERY_NANOS) {
          bytes = signed(calls, path);
          renderedAt = nanoTime;
        }
        return bytes;
      }
    };
  }

  private static byte[] signed(InnerCalls calls, Path path) {
    return bytes(
        path.echo()
            ? calls.request("POST", ECHO, "application/json", ONE_KIB)
            : calls.request("GET", PING, null, ""));
  }

  private static byte[] bytes(String request) {
    return request.getBytes(StandardCharsets.US_ASCII);
  }

  private static Map<String, Object> figure(
      Path path, List<Sample> samples, Map<String, Object> noise) {
    var figure = new LinkedHashMap<String, Object>();
    figure.put("bench", "hop");
    figure.put("what", path.what());
    figure.put("load", path.load());
    figure.put("unit", "requests/s");
    figure.put("median", Math.round(median(samples, Sample::perSecond)));
    figure.put("spread", spread(samples, Sample::perSecond));
    figure.put("p50Micros", median(samples, Sample::p50Micros));
    figure.put("p50Spread", spread(samples, Sample::p50Micros));
    figure.put("p99Micros", median(samples, Sample::p99Micros));
    figure.put("p99Spread", spread(samples, Sample::p99Micros));
    figure.put("cpuMicrosPerOperation", median(samples, Sample::cpuMicros));
    figure.put("cpuSpread", spread(samples, Sample::cpuMicros));
    figure.put("clientMicrosPerOperation", median(samples, Sample::ownMicros));
    figure.put("flags", Deployment.Settings.AS_UP);
    figure.put("noise", noise);
    figure.put("versions", Machine.versions());
    return figure;
  }

  private static String row(Path path, List<Sample> samples) {
    return String.format(
        Locale.ROOT,
        "| %s | %s | %,.0f | %.3f | %.2f | %.1f (%.1f to %.1f) | %.1f |",
        path.what(),
        path.load(),
        median(samples, Sample::perSecond),
        median(samples, Sample::p50Micros) / 1e3,
        median(samples, Sample::p99Micros) / 1e3,
        median(samples, Sample::cpuMicros),
        spread(samples, Sample::cpuMicros).getFirst(),
        spread(samples, Sample::cpuMicros).getLast(),
        median(samples, Sample::ownMicros));
  }
}
