package dev.sallyport.system;

import dev.sallyport.local.StackSettings;
import dev.sallyport.local.WorkerLaunch;
import dev.sallyport.local.WorkerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Map;

/**
 * One worker on its ports, which stay the same when it is killed and started again. Confined to one
 * thread, except for {@link #http} and the ports.
 */
final class Worker implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration STOP = Duration.ofSeconds(20);

  private final WorkerLaunch launch;
  private final Ports ports;
  private final Http http;
  private final Http management;
  private WorkerProcess process;

  /** Where a worker listens, on this machine. */
  record Ports(int http, int management) {
    /** Two that are free now. */
    static Ports free() {
      var free = StackSettings.freePorts(2);
      return new Ports(free.get(0), free.get(1));
    }

    /** The worker's settings for them, on loopback only. */
    Map<String, String> environment() {
      return Map.of(
          "QUARKUS_HTTP_HOST",
          "127.0.0.1",
          "QUARKUS_HTTP_PORT",
          Integer.toString(http),
          "QUARKUS_MANAGEMENT_HOST",
          "127.0.0.1",
          "QUARKUS_MANAGEMENT_PORT",
          Integer.toString(management));
    }
  }

  private Worker(WorkerLaunch launch, Ports ports) {
    this.launch = launch;
    this.ports = ports;
    this.http = Http.to(url(ports.http()));
    this.management = Http.to(url(ports.management()));
    this.process = WorkerProcess.start(launch);
  }

  /** Starts the process; {@link #awaitReady} waits for it. */
  static Worker launch(WorkerLaunch launch, Ports ports) {
    return new Worker(launch, ports);
  }

  private static URI url(int port) {
    return URI.create("http://127.0.0.1:" + port);
  }

  int port() {
    return ports.http();
  }

  URI url() {
    return url(ports.http());
  }

  /** Calls to the port that the worker is for. */
  Http http() {
    return http;
  }

  /** Calls to probes and metrics. */
  Http management() {
    return management;
  }

  long pid() {
    return process.pid();
  }

  long residentBytes() {
    return ProcessFigures.residentBytes(pid());
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Everything the worker has logged so far, over all its starts. */
  String log() {
    try {
      return new String(Files.readAllBytes(process.log()), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Waits until the worker can serve; fails with the log's tail when it dies before. */
  Worker awaitReady() {
    process.awaitReady(url(ports.management()).resolve("/q/health/ready"), START);
    return this;
  }

  /**
   * Waits until the worker has ended by itself.
   *
   * @return its exit code
   */
  int awaitExit(Duration within) {
    return process.awaitExit(within);
  }

  /** SIGKILL. */
  void kill() {
    process.kill();
  }

  /** SIGTERM, and waits for the end. */
  void stop() {
    process.stop(STOP);
  }

  /** SIGSTOP: it keeps its ports and connections and does nothing. */
  void pause() {
    process.pause();
  }

  /** SIGCONT. */
  void resume() {
    process.resume();
  }

  /** Starts again what was killed or stopped, on the same ports, and waits until it can serve. */
  void start() {
    if (process.isAlive()) {
      throw new IllegalStateException(launch.name() + " is still running");
    }
    process = WorkerProcess.start(launch);
    awaitReady();
  }

  @Override
  public void close() {
    process.close();
  }
}
