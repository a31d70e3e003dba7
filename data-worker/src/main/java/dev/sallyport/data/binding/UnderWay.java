package dev.sallyport.data.binding;

import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts what this worker is in the middle of: calls and open sockets. Thread-safe. */
@Singleton
class UnderWay {
  private final AtomicInteger count = new AtomicInteger();
  private final CompletableFuture<Void> nothing = new CompletableFuture<>();
  private volatile boolean leaving;

  void begin() {
    count.incrementAndGet();
  }

  void end() {
    if (count.decrementAndGet() == 0 && leaving) {
      nothing.complete(null);
    }
  }

  int count() {
    return count.get();
  }

  /** Whether this worker is about to stop. */
  boolean isLeaving() {
    return leaving;
  }

  /** From now on callers are asked to go elsewhere next time. */
  void leave() {
    leaving = true;
  }

  /**
   * Blocks until nothing is under way, once {@link #leave} was called.
   *
   * @return false when {@code patience} ran out first
   */
  boolean awaitNothing(Duration patience) throws InterruptedException {
    if (count.get() == 0) {
      return true;
    }
    try {
      nothing.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("never fails", e);
    }
  }
}
