package dev.sallyport.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One process on its way to its first answers, with a clock that began just before it was started.
 * It is started plainly, without the helpers that tie other children to this JVM: they would be in
 * the figures. Confined to one thread.
 */
final class ColdStart implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP = Duration.ofSeconds(20);

  /** Between two attempts to connect: what the time to an answer is too long by, at the most. */
  private static final long PAUSE_NANOS = 500_000;

  private final Process process;
  private final long began;

  private ColdStart(Process process, long began) {
    this.process = process;
    this.began = began;
  }

  /** Starts it; its output is appended to the log. */
  static ColdStart of(List<String> command, Map<String, String> environment, Path log) {
    var builder =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(log.toFile()));
    builder.environment().putAll(environment);
    try {
      long began = System.nanoTime();
      return new ColdStart(builder.start(), began);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Asks until the answer is 200, on a new connection each time.
   *
   * @return since just before the start
   * @throws IllegalStateException when the process ends first, or after 60 s
   */
  Duration until200(int port, String request) {
    while (!answers200(port, request)) {
      var passed = Duration.ofNanos(System.nanoTime() - began);
      if (!process.isAlive() || passed.compareTo(LIMIT) > 0) {
        throw new IllegalStateException(
            process.info().command().orElse("the process") + " gave no answer within " + passed);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    return Duration.ofNanos(System.nanoTime() - began);
  }

  private static boolean answers200(int port, String request) {
    try (var socket = RawSocket.connect(port)) {
      return socket.send(request).answer().status() == 200;
    } catch (UncheckedIOException notYet) {
      return false;
    }
  }

  /** Waits until the process ends by itself. */
  Duration untilEnd() {
    awaitEnd(LIMIT);
    return Duration.ofNanos(System.nanoTime() - began);
  }

  long pid() {
    return process.pid();
  }

  /** SIGTERM; SIGKILL where that does not help. */
  @Override
  public void close() {
    process.destroy();
    if (!awaitEnd(STOP)) {
      process.destroyForcibly();
    }
  }

  private boolean awaitEnd(Duration within) {
    try {
      return process.waitFor(within.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return !process.isAlive();
    }
  }
}
