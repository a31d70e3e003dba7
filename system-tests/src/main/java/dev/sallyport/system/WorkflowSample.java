package dev.sallyport.system;

import dev.sallyport.local.PostgresServer;
import java.io.IOException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * One window of {@link WorkflowBench}. Times and amounts are per run that completed as expected.
 *
 * @param commits of all transactions in the database, reading ones too
 * @param flushes of the write-ahead log to disk
 */
record WorkflowSample(
    long runs,
    long failed,
    @Nullable String firstFailure,
    double perSecond,
    double p50Micros,
    double p99Micros,
    double cpuMicros,
    double userMicros,
    double dataMicros,
    double postgresMicros,
    double clientMicros,
    double commits,
    double flushes,
    double walBytes) {

  /** A load. */
  interface Loaded {
    LoadGenerator.Result under(CpuWindow window) throws IOException, SQLException;
  }

  /** Both workers and Postgres, watched. */
  record Stage(Deployment deployment) {
    WorkflowSample sample(Loaded loaded) throws IOException, SQLException {
      var cpu =
          new CpuWindow()
              .process("user-worker", deployment.userWorker().pid())
              .process("data-worker", deployment.dataWorker().pid())
              .tree("postgres", deployment.stack().postgres().pid());
      var before = Database.of(deployment);
      var result = loaded.under(cpu);
      var after = Database.of(deployment);
      // The database was read outside the window, so its counts are of the ramp-up as well.
      double share = result.requests() * 1e3;
      double all = Math.max(1, after.runs() - before.runs());
      return new WorkflowSample(
          result.requests(),
          result.failed(),
          result.firstFailure(),
          result.perSecond(),
          result.latencies().getValueAtPercentile(50) / 1e3,
          result.latencies().getValueAtPercentile(99) / 1e3,
          cpu.ofWorkers().toNanos() / share,
          cpu.of("user-worker").toNanos() / share,
          cpu.of("data-worker").toNanos() / share,
          cpu.of("postgres").toNanos() / share,
          cpu.ofClient().toNanos() / share,
          (after.commits() - before.commits()) / all,
          (after.flushes() - before.flushes()) / all,
          (after.walBytes() - before.walBytes()) / all);
    }
  }

  /** Postgres's own counts so far; busy sessions report theirs once a second. */
  private record Database(long runs, long commits, long flushes, long walBytes) {
    private static final String COUNTS =
        """
        SELECT (SELECT count(*) FROM workflow.run WHERE status = 'complete'),
               (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()),
               (SELECT sum(fsyncs) FROM pg_stat_io WHERE object = 'wal'),
               (SELECT wal_bytes FROM pg_stat_wal)
        """;

    static Database of(Deployment deployment) throws SQLException {
      try (var connection = deployment.stack().postgres().connect(PostgresServer.DATA_WORKER);
          var statement = connection.createStatement();
          var rows = statement.executeQuery(COUNTS)) {
        rows.next();
        return new Database(rows.getLong(1), rows.getLong(2), rows.getLong(3), rows.getLong(4));
      }
    }
  }
}
