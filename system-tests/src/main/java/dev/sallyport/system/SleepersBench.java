package dev.sallyport.system;

import dev.sallyport.local.PostgresServer;
import java.io.IOException;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/**
 * Many runs that sleep: what they cost the worker's memory, how soon after their time the due ones
 * go on, at 1,000 a second, and what claiming and listing cost beside them.
 */
final class SleepersBench {
  /** 1,000 a second for 20 s. */
  private static final int DUE = 20_000;

  private static final Duration ALL_WITHIN = Duration.ofMinutes(3);
  private static final String SLEEPER =
      "{\"id\":\"sleeper\",\"params\":{\"steps\":2,\"sleepMs\":86400000}}";

  private final int count;
  private final PrintStream out;

  SleepersBench(int count, PrintStream out) {
    this.count = count;
    this.out = out;
  }

  void run() throws IOException, SQLException {
    double loadBefore = Machine.load();
    var steal = Machine.Ticks.now();
    try (var deployment = Deployment.start(Deployment.Settings.asUp("bench-sleepers"));
        var connection = deployment.stack().postgres().connect(PostgresServer.DATA_WORKER);
        var statements = new WorkerStatements()) {
      var session = deployment.accounts().newSession();
      warmUp(deployment, session.bearer());
      var sleepers = new SleepingRuns(connection, sleeper(deployment, session.bearer()));
      long heapBefore = Held.heap(deployment.dataWorker());
      long residentBefore = deployment.dataWorker().residentBytes();
      long began = System.nanoTime();
      sleepers.add("far", count, "now() + interval '30 days' + n * interval '1 ms'");
      var filled = Duration.ofNanos(System.nanoTime() - began);
      execute(connection, "VACUUM (ANALYZE) workflow.run");
      execute(connection, "VACUUM (ANALYZE) workflow.entry");
      long heapAfter = Held.heap(deployment.dataWorker());
      long residentAfter = deployment.dataWorker().residentBytes();

      var cpu =
          new CpuWindow(deployment.dataWorker().pid())
              .tree("postgres", deployment.stack().postgres().pid());
      var idle = idle(cpu);
      sleepers.add(
          "due", DUE, "date_trunc('second', now()) + interval '10 s' + n * interval '1 ms'");
      cpu.begins();
      await(connection, "due");
      cpu.ends();

      var figure = new LinkedHashMap<String, Object>();
      figure.put("bench", "sleepers");
      figure.put("sleeping", count);
      figure.put("filledInSeconds", filled.toSeconds());
      figure.put("heapBytesBefore", heapBefore);
      figure.put("heapBytesAfter", heapAfter);
      figure.put("residentBytesBefore", residentBefore);
      figure.put("residentBytesAfter", residentAfter);
      figure.put("idleCpuPercentOfACore", idle);
      figure.put("due", DUE);
      figure.put("duePerSecond", 1_000);
      figure.put("startLagMillis", lag(connection, START_LAG));
      figure.put("endLagMillis", lag(connection, END_LAG));
      figure.put("startLagMillisBySecond", lagBySecond(connection));
      figure.put("cpuMicrosPerRun", cpu.ofWorkers().toNanos() / 1_000 / DUE);
      figure.put("postgresMicrosPerRun", cpu.of("postgres").toNanos() / 1_000 / DUE);
      figure.put("listMillis", listed(deployment, session.bearer()));
      figure.put("flags", Deployment.Settings.AS_UP);
      figure.put("noise", Map.of("loadBefore", loadBefore, "stealPercent", steal.stealPercent()));
      figure.put("versions", Machine.versions());
      out.println(Json.write(figure));
      out.println();
      figure.forEach((name, value) -> out.println("| " + name + " | " + value + " |"));
      new Plans(connection, statements, out).print(session.account().id());
    }
  }

  /** So that code that has run before is not counted. */
  private static void warmUp(Deployment deployment, String bearer) {
    var runs = new PolledRuns(deployment, bearer);
    runs.run(Duration.ofSeconds(5), Duration.ofSeconds(1), new CpuWindow());
  }

  private static String sleeper(Deployment deployment, String bearer) {
    var http = deployment.userWorker().http();
    var made = http.post(WorkflowBench.STARTS, SLEEPER, "Authorization", bearer);
    if (made.status() != 201) {
      throw new IllegalStateException("not started: " + made);
    }
    long began = System.nanoTime();
    while (!http.get(WorkflowBench.STARTS + "/sleeper", "Authorization", bearer)
        .body()
        .contains("\"status\":\"waiting\"")) {
      if (System.nanoTime() - began > ALL_WITHIN.toNanos()) {
        throw new IllegalStateException("it does not sleep");
      }
      LockSupport.parkNanos(50_000_000);
    }
    return "sleeper";
  }

  /** What both use while nothing happens, in percent of one core. */
  private static double idle(CpuWindow cpu) {
    long began = System.nanoTime();
    cpu.begins();
    while (System.nanoTime() - began < Duration.ofSeconds(5).toNanos()) {
      LockSupport.parkNanos(50_000_000);
    }
    cpu.ends();
    return Math.round(cpu.ofWorkers().toNanos() / 5e6) / 10.0;
  }

  private static void await(Connection connection, String batch) throws SQLException {
    long began = System.nanoTime();
    var unfinished =
        "SELECT count(*) FROM workflow.run WHERE status <> 'complete' AND id LIKE 'sleeper-"
            + batch
            + "-%' AND pk > (SELECT max(pk) FROM workflow.run) - "
            + DUE;
    while (!row(connection, unfinished).getFirst().equals("0")) {
      if (System.nanoTime() - began > ALL_WITHIN.toNanos()) {
        throw new IllegalStateException("not all are complete within " + ALL_WITHIN);
      }
      LockSupport.parkNanos(500_000_000);
    }
  }

  /** From when it was due until the step after the sleep began. */
  private static final String START_LAG =
      "SELECT extract(epoch FROM next.started_at - slept.due_at) * 1000 AS ms, slept.due_at"
          + " FROM workflow.run r"
          + " JOIN workflow.entry slept ON slept.run = r.pk AND slept.kind = 'sleep'"
          + " JOIN workflow.entry next ON next.run = r.pk AND next.ordinal = slept.ordinal + 1"
          + " WHERE r.id LIKE 'sleeper-due-%'";

  /** From when it was due until it was complete, both by Postgres's clock. */
  private static final String END_LAG =
      "SELECT extract(epoch FROM r.updated_at - slept.due_at) * 1000 AS ms FROM workflow.run r"
          + " JOIN workflow.entry slept ON slept.run = r.pk AND slept.kind = 'sleep'"
          + " WHERE r.id LIKE 'sleeper-due-%'";

  private static Map<String, Object> lag(Connection connection, String lags) throws SQLException {
    var row =
        row(
            connection,
            "SELECT count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY ms),"
                + " percentile_disc(0.99) WITHIN GROUP (ORDER BY ms), max(ms) FROM ("
                + lags
                + ") AS lag");
    var lag = new LinkedHashMap<String, Object>();
    lag.put("runs", row.get(0));
    lag.put("p50", tenth(row.get(1)));
    lag.put("p99", tenth(row.get(2)));
    lag.put("max", tenth(row.get(3)));
    return lag;
  }

  /** The median lag of those that were due in the same second: grows where too few are started. */
  private static String lagBySecond(Connection connection) throws SQLException {
    return row(
            connection,
            "SELECT string_agg(round(p50)::text, ' ' ORDER BY second) FROM ("
                + " SELECT date_trunc('second', due_at) AS second,"
                + " percentile_disc(0.5) WITHIN GROUP (ORDER BY ms) AS p50 FROM ("
                + START_LAG
                + ") AS lag GROUP BY 1) AS seconds")
        .getFirst();
  }

  private static String tenth(String number) {
    return String.format(Locale.ROOT, "%.1f", Double.parseDouble(number));
  }

  /** The median time of a page through both workers. */
  private static double listed(Deployment deployment, String bearer) {
    var http = deployment.userWorker().http();
    var nanos = new ArrayList<Long>();
    for (int i = 0; i < 50; i++) {
      long began = System.nanoTime();
      var page =
          http.get(
              "/api/internal/workflows?type=sample-steps&status=waiting&limit=50",
              "Authorization",
              bearer);
      if (page.status() != 200) {
        throw new IllegalStateException("no page: " + page);
      }
      nanos.add(System.nanoTime() - began);
    }
    return Statistics.median(nanos, Long::doubleValue) / 1e6;
  }

  private static List<String> row(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      var row = new ArrayList<String>();
      for (int column = 1; column <= rows.getMetaData().getColumnCount(); column++) {
        row.add(rows.getString(column));
      }
      return row;
    }
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
