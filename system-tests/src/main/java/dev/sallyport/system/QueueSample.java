package dev.sallyport.system;

import java.io.IOException;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** One window of {@link QueueBench}; amounts are per message, latencies per request. */
record QueueSample(
    long messages,
    long failed,
    @Nullable String firstFailure,
    double perSecond,
    double p50Micros,
    double p99Micros,
    double userMicros,
    double dataMicros,
    double brokerMicros,
    double clientMicros) {

  /** A load. */
  interface Loaded {
    LoadGenerator.Result under(CpuWindow window) throws IOException, SQLException;
  }

  /** Watches the workers and the broker under a load of so many messages a request. */
  static QueueSample of(Deployment deployment, int messagesEach, Loaded loaded)
      throws IOException, SQLException {
    var cpu =
        new CpuWindow()
            .process("user-worker", deployment.userWorker().pid())
            .process("data-worker", deployment.dataWorker().pid())
            .process("broker", deployment.stack().kafka().pid());
    var result = loaded.under(cpu);
    double share = Math.max(1, result.requests()) * 1e3 * messagesEach;
    return new QueueSample(
        result.requests() * messagesEach,
        result.failed(),
        result.firstFailure(),
        result.perSecond() * messagesEach,
        result.latencies().getValueAtPercentile(50) / 1e3,
        result.latencies().getValueAtPercentile(99) / 1e3,
        cpu.of("user-worker").toNanos() / share,
        cpu.of("data-worker").toNanos() / share,
        cpu.of("broker").toNanos() / share,
        cpu.ofClient().toNanos() / share);
  }
}
