package dev.sallyport.system;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/**
 * Starts one run after the other, under ids of its own, whatever happens to the worker and its
 * stores meanwhile. Thread-safe.
 */
final class SteadyStarts implements AutoCloseable {
  /** How often each of the runs counts, under its id. */
  static final int TIMES = 3;

  private static final Duration PAUSE = Duration.ofMillis(20);

  private final WorkflowCalls calls;
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final List<String> acknowledged = new CopyOnWriteArrayList<>();
  private final Thread thread;
  private volatile boolean over;

  SteadyStarts(WorkflowCalls calls) {
    this.calls = calls;
    this.thread = Thread.ofVirtual().start(this::run);
  }

  /** The ids of all runs that were asked for. */
  List<String> asked() {
    return List.copyOf(asked);
  }

  /** The ids of those that were answered with 201. */
  List<String> acknowledged() {
    return List.copyOf(acknowledged);
  }

  private void run() {
    while (!over) {
      var id = UUID.randomUUID().toString();
      asked.add(id);
      try {
        if (calls.start("sample-count", id, Map.of("key", id, "times", TIMES)).status() == 201) {
          acknowledged.add(id);
        }
      } catch (UncheckedIOException unanswered) {
        // It may exist or not: that is what the test looks at.
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  @Override
  public void close() {
    end();
  }

  /** Waits for the last answer; nothing is started after it. */
  void end() {
    over = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
