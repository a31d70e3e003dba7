package dev.sallyport.data.platform;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Tells a thread that there may be something for it to do, now or at a time that is known. Rings
 * that come together are one. Thread-safe.
 */
public final class Doorbell {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition rung = lock.newCondition();
  private boolean now;
  private boolean hasNext;
  private long next;

  /** Something may be there. */
  public void ring() {
    lock.lock();
    try {
      now = true;
      rung.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Something will be there in this time. */
  public void ringIn(Duration time) {
    long at = System.nanoTime() + time.toNanos();
    lock.lock();
    try {
      if (!hasNext || at - next < 0) {
        hasNext = true;
        next = at;
        rung.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits for a ring, at most so long; forgets what has rung. */
  public void await(Duration longest) throws InterruptedException {
    long end = System.nanoTime() + longest.toNanos();
    lock.lockInterruptibly();
    try {
      while (!now) {
        long until = hasNext && next - end < 0 ? next : end;
        long left = until - System.nanoTime();
        if (left <= 0) {
          break;
        }
        var _ = rung.await(left, TimeUnit.NANOSECONDS);
      }
      now = false;
      if (hasNext && next - System.nanoTime() <= 0) {
        hasNext = false;
      }
    } finally {
      lock.unlock();
    }
  }
}
