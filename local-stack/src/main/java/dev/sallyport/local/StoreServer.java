package dev.sallyport.local;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One store as a child process, on one port and one data folder for its whole life: it can be
 * stopped, killed, frozen and started again, and comes back with what it had acknowledged.
 * Thread-safe.
 */
public abstract sealed class StoreServer permits PostgresServer, RedisNode, KafkaBroker {

  private static final Duration READY_WITHIN = Duration.ofSeconds(60);
  private static final Duration STOP_WITHIN = Duration.ofSeconds(15);

  private final String name;
  private final Path home;
  private final int port;
  private final Path log;
  private final Path pidFile;
  private final String stopSignal;
  private volatile @Nullable ChildProcess child;
  private volatile boolean answering;
  private volatile boolean abandoned;

  StoreServer(String name, Path stack, int port, String stopSignal) {
    this.name = name;
    this.home = stack.resolve(name);
    this.port = port;
    this.log = stack.resolve("log").resolve(name + ".log");
    this.pidFile = stack.resolve("run").resolve(name + ".pid");
    this.stopSignal = stopSignal;
  }

  /**
   * How to run the server.
   *
   * @param runAs a command prefix that changes the user, or empty
   */
  record Command(List<String> runAs, List<String> words, Map<String, String> environment) {}

  /** Makes the data folder ready and says how to run the server. Called before each start. */
  abstract Command prepare() throws IOException;

  /** Whether a client gets a sensible answer now. */
  abstract boolean answers();

  /** What must be done each time the server has come up. */
  void afterStart() {}

  /** The name, as in the names of its pid file and log. */
  public final String name() {
    return name;
  }

  /** Where it listens on 127.0.0.1. */
  public final int port() {
    return port;
  }

  /** Its output, appended over restarts. */
  public final Path log() {
    return log;
  }

  /**
   * The process id.
   *
   * @throws IllegalStateException when it is not running
   */
  public final synchronized long pid() {
    return running().pid();
  }

  /** Whether the process runs; a frozen one does. */
  public final synchronized boolean isAlive() {
    return child != null && child.isAlive();
  }

  /**
   * Starts it, or does nothing when it runs. Returns when it answers, 60 s at most; a process that
   * an earlier, killed launcher left on the same data is ended first.
   */
  public final synchronized void start() {
    if (isAlive()) {
      return;
    }
    endLeftover();
    if (!StackSettings.isFree(port)) {
      // Checked here, since the stranger might answer as if it were ours.
      throw StackError.portTaken(port, name, "the stack's settings");
    }
    try {
      Command command = prepare();
      var started =
          ChildProcess.start(
              new ChildProcess.Launch(
                  name,
                  command.runAs(),
                  command.words(),
                  command.environment(),
                  home,
                  log,
                  pidFile,
                  stopSignal));
      child = started;
      if (abandoned) {
        started.signal(stopSignal);
      }
      started.await(this::answers, READY_WITHIN);
      afterStart();
      answering = true;
    } catch (IOException e) {
      throw StackError.failed("prepare " + home, e);
    }
  }

  /** Asks it to stop and waits, 15 s at most; then kills it. */
  public final synchronized void stop() {
    if (child != null) {
      answering = false;
      child.stop(stopSignal, STOP_WITHIN);
      child = null;
    }
  }

  /** Ends it at once, as a crash would (SIGKILL). */
  public final synchronized void kill() {
    if (child != null) {
      answering = false;
      child.kill();
      child = null;
    }
  }

  /** Freezes it: connections stay open and nothing answers (SIGSTOP). */
  public final synchronized void pause() {
    running().signal("STOP");
  }

  /** Lets a frozen one go on (SIGCONT). */
  public final synchronized void resume() {
    running().signal("CONT");
  }

  /** Completes with the exit code when the present process ends. */
  final synchronized CompletableFuture<Integer> onExit() {
    return running().onExit();
  }

  /**
   * Makes a start that is in progress fail at once, and any later one. Takes no lock, since that
   * start holds it.
   */
  final void abandon() {
    abandoned = true;
    ChildProcess starting = child;
    if (starting != null && !answering) {
      starting.signal(stopSignal);
    }
  }

  /** Ends what an earlier, killed launcher has left running on this data. */
  final void endLeftover() {
    Leftover.end(pidFile, home.toString(), stopSignal);
  }

  final Path home() {
    return home;
  }

  final Path pidFile() {
    return pidFile;
  }

  private ChildProcess running() {
    if (child == null) {
      throw new IllegalStateException(name + " is not running");
    }
    return child;
  }
}
