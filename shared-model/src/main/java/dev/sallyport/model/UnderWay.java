package dev.sallyport.model;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts what a worker is in the middle of, so that it can leave when all of it is done.
 * Thread-safe; only {@link #awaitNothing} blocks.
 */
public final class UnderWay {
  private final AtomicInteger count = new AtomicInteger();
  private final CompletableFuture<Void> nothing = new CompletableFuture<>();
  private volatile boolean leaving;

  /** Something has begun that a stop should wait for. */
  public void begin() {
    count.incrementAndGet();
  }

  /** It is done; once for each {@link #begin}. */
  public void end() {
    if (count.decrementAndGet() == 0 && leaving) {
      nothing.complete(null);
    }
  }

  /** How much is under way. */
  public int count() {
    return count.get();
  }

  /** Whether this worker is about to stop. */
  public boolean isLeaving() {
    return leaving;
  }

  /** From now on callers are asked to go elsewhere next time. */
  public void leave() {
    leaving = true;
  }

  /**
   * Blocks until nothing is under way, once {@link #leave} was called.
   *
   * @return false when {@code patience} ran out first
   */
  public boolean awaitNothing(Duration patience) throws InterruptedException {
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
