package dev.sallyport.local;

import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * All processes of one local run. They stop with the JVM: workers first, which may still need their
 * stores, then the stores. Thread-safe.
 *
 * <p>A process that ends by itself has crashed and ends the run. One that somebody ended with a
 * signal was meant to end: the rest goes on without it, as it must be able to.
 */
final class UpSession {

  private static final Duration WORKER_READY_WITHIN = Duration.ofSeconds(60);

  /** Each attempt costs the user-worker a password hash, while it makes the accounts. */
  private static final Duration SIGN_IN_PAUSE = Duration.ofMillis(500);

  private static final Duration SIGN_IN_WITHIN = Duration.ofSeconds(30);
  private static final Duration WORKER_STOP_WITHIN = Duration.ofSeconds(20);

  /** A normal end, and 128 + the signals HUP, INT, KILL and TERM. */
  private static final Set<Integer> ENDED_ON_PURPOSE = Set.of(0, 129, 130, 137, 143);

  private final Console console;
  private final LocalStack stack;
  private final DirectoryLock lock;
  private final List<WorkerProcess> workers = new ArrayList<>();
  private final BlockingQueue<StackError> crashes = new LinkedBlockingQueue<>();
  private boolean stopping;

  /**
   * A session of which nothing runs yet.
   *
   * @param lock kept until the JVM ends: it also covers the time in which things stop
   */
  UpSession(Console console, LocalStack stack, DirectoryLock lock) {
    this.console = console;
    this.stack = stack;
    this.lock = lock;
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(this::stop));
  }

  /** Starts the three stores side by side. */
  void startStores() {
    quietWhenStopping(() ->
        stack.startAll(server -> {
          console.step(server.name() + " on port " + server.port());
          watch(server);
        }));
  }

  /**
   * Starts both workers side by side and waits until they are ready.
   *
   * @param environments what each needs, by worker
   * @param caller the launcher's own environment
   */
  void startWorkers(
      UpWorkers plan, Map<String, Map<String, String>> environments, Map<String, String> caller) {
    quietWhenStopping(() ->
        SideBySide.succeedAll(
            environments.keySet(),
            worker -> {
              var needed = environments.getOrDefault(worker, Map.of());
              startWorker(plan, plan.launch(worker, needed, caller));
            }));
  }

  /**
   * Waits until the printed account can sign in: the user-worker may be ready before it has made
   * it. Goes on after 30 s, with a line that says so.
   */
  void awaitSignIn(HttpRequest signIn) {
    quietWhenStopping(() -> {
      try {
        userWorker().awaitOk(signIn, SIGN_IN_PAUSE, SIGN_IN_WITHIN);
      } catch (StackError e) {
        if (e.code() != StackError.Code.TOO_SLOW) {
          throw e;
        }
        console.say("The demo account cannot sign in yet: see " + userWorker().log());
      }
    });
  }

  /**
   * Waits for the first process that ends by itself.
   *
   * @throws StackError which one it was, with the end of its log
   */
  void awaitCrash() {
    try {
      throw crashes.take();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void startWorker(UpWorkers plan, WorkerLaunch launch) {
    LogFile.rotate(launch.log());
    WorkerProcess worker = register(launch);
    plan.probes(worker.name()).forEach(probe -> worker.awaitReady(probe, WORKER_READY_WITHIN));
    console.step(worker.name() + " as process " + worker.pid() + ", log " + worker.log());
    watch(worker);
  }

  private synchronized WorkerProcess userWorker() {
    return workers.stream()
        .filter(worker -> worker.name().equals(UpWorkers.USER_WORKER))
        .findFirst()
        .orElseThrow();
  }

  /** Under the lock, so that no worker starts behind the back of {@link #stop}. */
  private synchronized WorkerProcess register(WorkerLaunch launch) {
    if (stopping) {
      throw StackError.unsupported("Sallyport is stopping.");
    }
    WorkerProcess worker = WorkerProcess.start(launch);
    workers.add(worker);
    return worker;
  }

  private void watch(WorkerProcess worker) {
    var _ =
        worker
            .onExit()
            .thenAccept(code ->
                ended(
                    worker.name(),
                    code,
                    StackError.died(worker.name(), code, worker.log(), worker.logTail())));
  }

  private void watch(StoreServer server) {
    var _ =
        server
            .onExit()
            .thenAccept(code ->
                ended(
                    server.name(),
                    code,
                    StackError.died(
                        server.name(), code, server.log(), LogFile.tail(server.log(), 15))));
  }

  private synchronized void ended(String name, int code, StackError crash) {
    if (stopping) {
      return;
    }
    if (ENDED_ON_PURPOSE.contains(code)) {
      console.say(name + " was ended from outside (code " + code + "); the rest goes on.");
    } else {
      crashes.add(crash);
    }
  }

  private void stop() {
    List<WorkerProcess> running;
    synchronized (this) {
      stopping = true;
      running = List.copyOf(workers);
    }
    console.say("Stopping");
    stack.servers().forEach(StoreServer::abandon);
    SideBySide.finishAll(running, worker -> worker.stop(WORKER_STOP_WITHIN));
    stack.close();
    lock.close();
    console.say("Stopped");
  }

  /** What breaks because we stop is no news: the thread waits for the end of the JVM instead. */
  private void quietWhenStopping(Runnable work) {
    try {
      work.run();
    } catch (StackError e) {
      if (isStopping()) {
        awaitEndOfJvm();
      }
      throw e;
    }
  }

  private synchronized boolean isStopping() {
    return stopping;
  }

  private static void awaitEndOfJvm() {
    try {
      Thread.currentThread().join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
