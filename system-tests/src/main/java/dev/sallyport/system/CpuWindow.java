package dev.sallyport.system;

import java.time.Duration;

/** The CPU time that both workers, and this process, use while a load lasts. */
final class CpuWindow implements LoadGenerator.Window {
  private final long[] workers;
  private Duration workersAtBegin = Duration.ZERO;
  private Duration clientAtBegin = Duration.ZERO;
  private Duration ofWorkers = Duration.ZERO;
  private Duration ofClient = Duration.ZERO;

  CpuWindow(long... workers) {
    this.workers = workers.clone();
  }

  @Override
  public void begins() {
    workersAtBegin = workersNow();
    clientAtBegin = clientNow();
  }

  @Override
  public void ends() {
    ofWorkers = workersNow().minus(workersAtBegin);
    ofClient = clientNow().minus(clientAtBegin);
  }

  /** Of both workers together, between begin and end. */
  Duration ofWorkers() {
    return ofWorkers;
  }

  /** Of the load generator, which shares the cores. */
  Duration ofClient() {
    return ofClient;
  }

  private Duration workersNow() {
    var sum = Duration.ZERO;
    for (long pid : workers) {
      sum = sum.plus(ProcessFigures.cpu(pid));
    }
    return sum;
  }

  private static Duration clientNow() {
    return ProcessFigures.cpu(ProcessHandle.current().pid());
  }
}
