package dev.sallyport.local;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One worker as a real process, a jar or a native binary. Thread-safe. */
public final class WorkerProcess implements AutoCloseable {

  private static final Duration CLOSE_WITHIN = Duration.ofSeconds(20);
  private static final Duration PROBE_WITHIN = Duration.ofSeconds(2);
  private static final Duration READY_PAUSE = Duration.ofMillis(50);
  private static final int OK = 200;

  private final WorkerLaunch launch;
  private final ChildProcess child;

  private WorkerProcess(WorkerLaunch launch, ChildProcess child) {
    this.launch = launch;
    this.child = child;
  }

  /** Starts it and returns at once; see {@link #awaitReady}. */
  public static WorkerProcess start(WorkerLaunch launch) {
    if (!Files.exists(launch.program())) {
      throw StackError.unsupported(
          launch.name() + " is not built: there is no " + launch.program() + ".");
    }
    return new WorkerProcess(
        launch,
        ChildProcess.start(
            new ChildProcess.Launch(
                launch.name(),
                List.of(),
                launch.command(),
                launch.environment(),
                null,
                launch.log(),
                launch.pidFile(),
                "TERM")));
  }

  public long pid() {
    return child.pid();
  }

  public boolean isAlive() {
    return child.isAlive();
  }

  public Path log() {
    return launch.log();
  }

  /**
   * Waits until {@code GET probe} answers 200.
   *
   * @throws StackError as soon as the process dies, or when the time is over; with the log's tail
   */
  public void awaitReady(URI probe, Duration within) {
    awaitOk(HttpRequest.newBuilder(probe).timeout(PROBE_WITHIN).build(), READY_PAUSE, within);
  }

  /**
   * Waits until this request is answered with 200; asks again after each pause.
   *
   * @throws StackError as {@link #awaitReady}
   */
  void awaitOk(HttpRequest request, Duration pause, Duration within) {
    // A worker speaks HTTP/1.1, and need not like an offer of HTTP/2.
    var builder = HttpClient.newBuilder().version(Version.HTTP_1_1).connectTimeout(PROBE_WITHIN);
    try (var client = builder.build()) {
      child.await(() -> answers(client, request), pause, within);
    }
  }

  /**
   * Waits until it ends by itself.
   *
   * @return the exit code
   * @throws StackError with the log's tail, when the time is over
   */
  public int awaitExit(Duration within) {
    return child.awaitExit(within);
  }

  /** Completes with the exit code; 128 + n when signal n ended it. */
  CompletableFuture<Integer> onExit() {
    return child.onExit();
  }

  String name() {
    return launch.name();
  }

  String logTail() {
    return child.logTail();
  }

  /** SIGTERM; SIGKILL after the given time. Returns when it has ended. */
  public void stop(Duration within) {
    // A paused process keeps the signal for later.
    child.signal("CONT");
    child.stop("TERM", within);
  }

  /** SIGKILL. Returns when it has ended. */
  public void kill() {
    child.kill();
  }

  /** SIGSTOP: connections stay open and nothing answers. */
  public void pause() {
    child.signal("STOP");
  }

  /** SIGCONT. */
  public void resume() {
    child.signal("CONT");
  }

  /** Stops it, 20 s at most. */
  @Override
  public void close() {
    stop(CLOSE_WITHIN);
  }

  private static boolean answers(HttpClient client, HttpRequest request) {
    try {
      return client.send(request, BodyHandlers.discarding()).statusCode() == OK;
    } catch (IOException notYet) {
      return false;
    } catch (InterruptedException e) {
      // The waiting loop sees the flag as an end of its patience.
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
