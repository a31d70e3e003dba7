package dev.sallyport.data.cache;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls that may hang where no time limit of theirs reaches (a name that is looked up, a role that
 * is asked for): each has a virtual thread of its own, and who asked waits for so long and no
 * longer. So many may be under way, the forgotten ones too. Thread-safe; blocks.
 */
final class Calls {
  private final Semaphore room;
  private final Duration roomWithin;
  private final Duration answerWithin;

  /**
   * @param roomWithin how long to wait while {@code max} are under way
   * @param answerWithin how long to wait for the call itself
   */
  Calls(int max, Duration roomWithin, Duration answerWithin) {
    this.room = new Semaphore(max);
    this.roomWithin = roomWithin;
    this.answerWithin = answerWithin;
  }

  /**
   * What the call gives.
   *
   * @throws TimeoutException it is still under way, or had no room
   * @throws ExecutionException with what it threw
   */
  <T> T call(Callable<T> call) throws TimeoutException, ExecutionException, InterruptedException {
    if (!room.tryAcquire(roomWithin.toNanos(), TimeUnit.NANOSECONDS)) {
      throw new TimeoutException("too many calls are under way");
    }
    var task =
        new FutureTask<T>(() -> {
          try {
            return call.call();
          } finally {
            room.release();
          }
        });
    Thread.ofVirtual().name("blob").start(task);
    try {
      return task.get(answerWithin.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      var late = new TimeoutException("no answer within " + answerWithin.toMillis() + " ms");
      late.initCause(e);
      throw late;
    }
  }
}
