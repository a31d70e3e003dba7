package dev.sallyport.system;

import static dev.sallyport.system.Statistics.median;
import static dev.sallyport.system.Statistics.spread;

import dev.sallyport.local.PostgresServer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/**
 * What a durable run of three steps costs, over HTTP through both workers: started and waited for
 * in one call, started and asked after, and many queued at once. All loads are measured in every
 * round, one after the other, so that what else the machine does meets all of them.
 *
 * <p>Every answer under load is looked at: it counts only when it is a run that is complete.
 */
final class WorkflowBench {
  private static final int ROUNDS = 3;
  private static final Duration WARM_UP_MIN = Duration.ofSeconds(15);
  private static final Duration RAMP_UP = Duration.ofMillis(500);
  private static final int BURST = 5_000;

  static final String STARTS = "/api/internal/workflows/sample-steps";
  static final String PARAMS = "{\"params\":{\"steps\":3}}";
  static final String COMPLETE = "\"status\":\"complete\"";

  /** One row of the table. */
  private enum Load {
    FIFTY("started and waited for", "50 in flight"),
    ONE("started and waited for", "1 in flight"),
    POLLED("started, then asked after until complete", "1 in flight"),
    BURST("queued at once in batches of 100", WorkflowBench.BURST + " runs");

    private final String what;
    private final String load;

    Load(String what, String load) {
      this.what = what;
      this.load = load;
    }
  }

  private final Duration window;
  private final PrintStream out;

  WorkflowBench(Duration window, PrintStream out) {
    this.window = window;
    this.out = out;
  }

  void run() throws IOException, SQLException {
    double loadBefore = Machine.load();
    try (var deployment = Deployment.start(Deployment.Settings.asUp("bench-workflow"))) {
      var warmUp = window.compareTo(WARM_UP_MIN) > 0 ? window : WARM_UP_MIN;
      for (var load : Load.values()) {
        measure(deployment, load, load == Load.FIFTY ? warmUp : warmUp.dividedBy(3));
      }
      var steal = Machine.Ticks.now();
      var samples = new TreeMap<Load, List<WorkflowSample>>();
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
      noise.putAll(durability(deployment));
      samples.forEach((load, all) -> out.println(Json.write(figure(load, all, noise))));
      table(samples);
      out.println("Flags of both workers: " + String.join(" ", Deployment.Settings.AS_UP));
      out.println("Machine: " + Machine.versions() + " " + noise);
    }
  }

  private WorkflowSample measure(Deployment deployment, Load load, Duration length)
      throws IOException, SQLException {
    var bearer = deployment.accounts().newSession().bearer();
    var stage = new WorkflowSample.Stage(deployment);
    return switch (load) {
      case FIFTY -> stage.sample(window -> closedLoop(deployment, bearer, 50, length, window));
      case ONE -> stage.sample(window -> closedLoop(deployment, bearer, 1, length, window));
      case POLLED ->
          stage.sample(window -> new PolledRuns(deployment, bearer).run(RAMP_UP, length, window));
      case BURST -> stage.sample(window -> new RunBurst(deployment, bearer).run(BURST, window));
    };
  }

  private static LoadGenerator.Result closedLoop(
      Deployment deployment, String bearer, int inFlight, Duration length, CpuWindow window)
      throws IOException {
    byte[] request =
        post(STARTS + "?wait=PT5S", bearer, PARAMS).getBytes(StandardCharsets.US_ASCII);
    return new LoadGenerator(
            deployment.userWorker().port(),
            now -> request,
            inFlight,
            new LoadGenerator.Expected(201, COMPLETE))
        .run(RAMP_UP, length, window);
  }

  /** A whole request. */
  static String post(String target, String bearer, String json) {
    return RawSocket.head(
            "POST " + target + " HTTP/1.1",
            "Authorization: " + bearer,
            "Content-Type: application/json",
            "Content-Length: " + json.length())
        + json;
  }

  /** What stands behind "durable" in these figures. */
  private static Map<String, Object> durability(Deployment deployment) throws SQLException {
    var postgres = deployment.stack().postgres();
    var found = new LinkedHashMap<String, Object>();
    try (var connection = postgres.connect(PostgresServer.DATA_WORKER);
        var statement = connection.createStatement()) {
      for (var setting : List.of("synchronous_commit", "fsync", "full_page_writes")) {
        try (var rows = statement.executeQuery("SHOW " + setting)) {
          rows.next();
          found.put(setting, rows.getString(1));
        }
      }
    }
    return found;
  }

  private Map<String, Object> figure(
      Load load, List<WorkflowSample> samples, Map<String, Object> noise) {
    var figure = new LinkedHashMap<String, Object>();
    figure.put("bench", "workflow");
    figure.put("what", load.what);
    figure.put("load", load.load);
    figure.put("unit", "runs/s");
    figure.put("median", Math.round(median(samples, WorkflowSample::perSecond)));
    figure.put("spread", spread(samples, WorkflowSample::perSecond));
    if (load != Load.BURST) {
      figure.put("p50Micros", median(samples, WorkflowSample::p50Micros));
      figure.put("p50Spread", spread(samples, WorkflowSample::p50Micros));
      figure.put("p99Micros", median(samples, WorkflowSample::p99Micros));
      figure.put("p99Spread", spread(samples, WorkflowSample::p99Micros));
    }
    figure.put("cpuMicrosPerRun", median(samples, WorkflowSample::cpuMicros));
    figure.put("cpuSpread", spread(samples, WorkflowSample::cpuMicros));
    figure.put("userWorkerMicros", median(samples, WorkflowSample::userMicros));
    figure.put("dataWorkerMicros", median(samples, WorkflowSample::dataMicros));
    figure.put("postgresMicros", median(samples, WorkflowSample::postgresMicros));
    figure.put("clientMicros", median(samples, WorkflowSample::clientMicros));
    figure.put("commitsPerRun", hundredth(samples, WorkflowSample::commits));
    figure.put("flushesPerRun", hundredth(samples, WorkflowSample::flushes));
    figure.put("walBytesPerRun", median(samples, WorkflowSample::walBytes));
    figure.put("runs", samples.stream().mapToLong(WorkflowSample::runs).sum());
    figure.put("failed", samples.stream().mapToLong(WorkflowSample::failed).sum());
    samples.stream()
        .filter(sample -> sample.firstFailure() != null)
        .findFirst()
        .ifPresent(sample -> figure.put("firstFailure", sample.firstFailure()));
    figure.put("flags", Deployment.Settings.AS_UP);
    figure.put("noise", noise);
    figure.put("versions", Machine.versions());
    return figure;
  }

  private static double hundredth(
      List<WorkflowSample> samples, ToDoubleFunction<WorkflowSample> of) {
    return median(samples, sample -> of.applyAsDouble(sample) * 100) / 100;
  }

  private void table(Map<Load, List<WorkflowSample>> samples) {
    out.println();
    out.println(
        "| three steps each | load | runs/s | p50 ms | p99 ms | CPU µs/run | user-worker |"
            + " data-worker | Postgres | client | flushes/run | failed |");
    out.println("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
    samples.forEach((load, all) -> out.println(row(load, all)));
    out.println();
  }

  private static String row(Load load, List<WorkflowSample> samples) {
    var cpu = spread(samples, WorkflowSample::cpuMicros);
    return String.format(
        Locale.ROOT,
        "| %s | %s | %,.0f | %s | %s | %.0f (%.0f to %.0f) | %.0f | %.0f | %.0f | %.0f | %.2f | %d |",
        load.what,
        load.load,
        median(samples, WorkflowSample::perSecond),
        load == Load.BURST ? "" : millis(median(samples, WorkflowSample::p50Micros)),
        load == Load.BURST ? "" : millis(median(samples, WorkflowSample::p99Micros)),
        median(samples, WorkflowSample::cpuMicros),
        cpu.getFirst(),
        cpu.getLast(),
        median(samples, WorkflowSample::userMicros),
        median(samples, WorkflowSample::dataMicros),
        median(samples, WorkflowSample::postgresMicros),
        median(samples, WorkflowSample::clientMicros),
        hundredth(samples, WorkflowSample::flushes),
        samples.stream().mapToLong(WorkflowSample::failed).sum());
  }

  private static String millis(double micros) {
    return String.format(Locale.ROOT, "%.2f", micros / 1e3);
  }
}
