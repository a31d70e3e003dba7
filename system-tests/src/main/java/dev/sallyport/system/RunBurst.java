package dev.sallyport.system;

import dev.sallyport.local.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** Many runs queued at once, and the time until all are complete. Confined to one thread. */
final class RunBurst {
  private static final int BATCH = 100;
  private static final Duration DONE_WITHIN = Duration.ofMinutes(5);
  private static final long LOOK_EVERY_NANOS = 10_000_000;
  private static final String BODY =
      "{\"runs\":[" + String.join(",", Collections.nCopies(BATCH, WorkflowBench.PARAMS)) + "]}";
  private static final String LAST = "SELECT coalesce(max(pk), 0) FROM workflow.run";
  private static final String UNFINISHED =
      "SELECT count(*) FROM workflow.run WHERE status IN ('queued', 'running', 'waiting', 'paused')";
  private static final String COMPLETE_SINCE =
      "SELECT count(*) FROM workflow.run WHERE status = 'complete' AND pk > ";

  private final Deployment deployment;
  private final String bearer;

  RunBurst(Deployment deployment, String bearer) {
    this.deployment = deployment;
    this.bearer = bearer;
  }

  /**
   * Queues so many, a multiple of 100, and waits for them.
   *
   * @throws IllegalStateException when they are not over after five minutes
   */
  LoadGenerator.Result run(int count, LoadGenerator.Window window) throws SQLException {
    var request = WorkflowBench.post(WorkflowBench.STARTS + "/batch", bearer, BODY);
    try (var connection = deployment.stack().postgres().connect(PostgresServer.DATA_WORKER);
        var socket = RawSocket.connect(deployment.userWorker().port())) {
      long last = number(connection, LAST);
      window.begins();
      long began = System.nanoTime();
      for (int sent = 0; sent < count; sent += BATCH) {
        var answer = socket.send(request).answer();
        if (answer.status() != 201) {
          throw new IllegalStateException("not queued: " + answer);
        }
      }
      while (number(connection, UNFINISHED) > 0) {
        if (System.nanoTime() - began > DONE_WITHIN.toNanos()) {
          throw new IllegalStateException("not all complete within " + DONE_WITHIN);
        }
        LockSupport.parkNanos(LOOK_EVERY_NANOS);
      }
      var took = Duration.ofNanos(System.nanoTime() - began);
      window.ends();
      long complete = number(connection, COMPLETE_SINCE + last);
      return new LoadGenerator.Result(complete, count - complete, null, took, new Histogram(3));
    }
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
