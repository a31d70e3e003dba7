package dev.sallyport.system;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** One window of {@link ActorBench}; CPU times are per call that was answered as expected. */
record ActorSample(
    long calls,
    long failed,
    @Nullable String firstFailure,
    double perSecond,
    double p50Micros,
    double p99Micros,
    double userMicros,
    double dataMicros,
    double postgresMicros,
    double clientMicros) {

  /** A load. */
  interface Loaded {
    LoadGenerator.Result under(CpuWindow window) throws IOException;
  }

  /** Watches both workers and Postgres under a load. */
  static ActorSample of(Deployment deployment, Loaded loaded) throws IOException {
    var cpu =
        new CpuWindow()
            .process("user-worker", deployment.userWorker().pid())
            .process("data-worker", deployment.dataWorker().pid())
            .tree("postgres", deployment.stack().postgres().pid());
    var result = loaded.under(cpu);
    double share = Math.max(1, result.requests()) * 1e3;
    return new ActorSample(
        result.requests(),
        result.failed(),
        result.firstFailure(),
        result.perSecond(),
        result.latencies().getValueAtPercentile(50) / 1e3,
        result.latencies().getValueAtPercentile(99) / 1e3,
        cpu.of("user-worker").toNanos() / share,
        cpu.of("data-worker").toNanos() / share,
        cpu.of("postgres").toNanos() / share,
        cpu.ofClient().toNanos() / share);
  }
}
