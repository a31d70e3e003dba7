package dev.sallyport.local;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A process of ours: its output goes to a log file, its id to a pid file. Thread-safe.
 *
 * <p>It runs in a session of its own, so that the Ctrl-C of a terminal reaches only the launcher,
 * which then decides the order in which things stop; and it gets a signal when the launcher dies,
 * so that nothing is left behind. Both need Linux tools ({@code setsid}, {@code setpriv}) and are
 * left out where those are missing.
 */
final class ChildProcess {

  /**
   * Starts every child. The death signal is sent when the <em>thread</em> that started the child
   * ends, so that thread has to live as long as the JVM: a pool that shrinks would kill servers.
   */
  private static final ExecutorService SPAWNER =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("child-process-spawner").factory());

  private static final Duration POLL = Duration.ofMillis(20);

  /** After SIGKILL only the kernel's own work remains. */
  private static final Duration KILL_WITHIN = Duration.ofSeconds(10);

  private static final int TAIL_LINES = 15;

  private final Launch launch;
  private final Process process;

  private ChildProcess(Launch launch, Process process) {
    this.launch = launch;
    this.process = process;
  }

  /**
   * What to run.
   *
   * @param name for messages
   * @param runAs a command prefix that changes the user, or empty
   * @param command program and arguments
   * @param environment laid over this JVM's own
   * @param directory working directory, or null for this JVM's
   * @param log output is appended
   * @param pidFile holds the id of {@code command} itself while it runs
   * @param onParentDeath signal name without {@code SIG}
   */
  record Launch(
      String name,
      List<String> runAs,
      List<String> command,
      Map<String, String> environment,
      @Nullable Path directory,
      Path log,
      Path pidFile,
      String onParentDeath) {}

  static ChildProcess start(Launch launch) {
    var line = new ArrayList<>(launch.runAs());
    line.addAll(Platform.detachedUntil(launch.onParentDeath()));
    line.addAll(launch.command());
    try {
      Files.createDirectories(launch.log().toAbsolutePath().getParent());
      Files.createDirectories(launch.pidFile().toAbsolutePath().getParent());
      File log = launch.log().toFile();
      var builder =
          new ProcessBuilder(line)
              .redirectInput(Redirect.from(new File("/dev/null")))
              .redirectErrorStream(true)
              .redirectOutput(Redirect.appendTo(log));
      builder.environment().putAll(launch.environment());
      if (launch.directory() != null) {
        builder.directory(launch.directory().toFile());
      }
      Process process = SPAWNER.submit(builder::start).get();
      Files.writeString(launch.pidFile(), process.pid() + "\n");
      return new ChildProcess(launch, process);
    } catch (IOException e) {
      throw StackError.failed("start " + launch.name(), e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw StackError.failed("start " + launch.name(), cause == null ? e : cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw StackError.failed("start " + launch.name(), e);
    }
  }

  long pid() {
    return process.pid();
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Completes with the exit code; 128 + n when signal n ended it. */
  CompletableFuture<Integer> onExit() {
    return process.onExit().thenApply(Process::exitValue);
  }

  String logTail() {
    return LogFile.tail(launch.log(), TAIL_LINES);
  }

  /**
   * Asks again and again, with a pause in between, until the answer is yes.
   *
   * @throws StackError as soon as the process ends, or when the time is over; with the log's tail
   */
  void await(BooleanSupplier ready, Duration pause, Duration within) {
    long deadline = System.nanoTime() + within.toNanos();
    while (!ready.getAsBoolean()) {
      if (endsWithin(pause)) {
        throw StackError.died(launch.name(), process.exitValue(), launch.log(), logTail());
      }
      if (System.nanoTime() - deadline > 0) {
        throw StackError.notReady(launch.name(), within, launch.log(), logTail());
      }
    }
  }

  /** The same, asking every 20 ms. */
  void await(BooleanSupplier ready, Duration within) {
    await(ready, POLL, within);
  }

  /**
   * Waits for the end.
   *
   * @return the exit code
   * @throws StackError when the time is over
   */
  int awaitExit(Duration within) {
    if (!endsWithin(within)) {
      throw StackError.notReady(launch.name(), within, launch.log(), logTail());
    }
    return process.exitValue();
  }

  /** Sends the signal, waits, then kills. Does nothing if the process has ended. */
  void stop(String signal, Duration within) {
    signal(signal);
    if (!endsWithin(within)) {
      kill();
    }
    forget();
  }

  /** SIGKILL; returns when the process and what it had started are gone. */
  void kill() {
    List<ProcessHandle> family = process.descendants().toList();
    process.destroyForcibly();
    if (!endsWithin(KILL_WITHIN)) {
      throw StackError.wouldNotEnd(launch.name(), pid());
    }
    for (ProcessHandle member : family) {
      awaitEnd(member, KILL_WITHIN);
    }
    forget();
  }

  /**
   * Sends a signal to the process.
   *
   * @param signal the name without {@code SIG}
   */
  void signal(String signal) {
    if (isAlive()) {
      Platform.signal(pid(), signal);
    }
  }

  /** Whether it ended; waits for it at most this long. */
  private boolean endsWithin(Duration within) {
    try {
      return process.waitFor(within.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return !isAlive();
    }
  }

  /**
   * Waits until a process that need not be our child is gone.
   *
   * @return whether it is
   */
  static boolean awaitEnd(ProcessHandle handle, Duration within) {
    try {
      handle.onExit().get(within.toNanos(), TimeUnit.NANOSECONDS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return !handle.isAlive();
    } catch (ExecutionException | TimeoutException e) {
      return !handle.isAlive();
    }
  }

  private void forget() {
    try {
      Files.deleteIfExists(launch.pidFile());
    } catch (IOException e) {
      throw StackError.failed("remove " + launch.pidFile(), e);
    }
  }
}
