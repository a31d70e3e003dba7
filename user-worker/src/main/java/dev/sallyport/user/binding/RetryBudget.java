package dev.sallyport.user.binding;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many calls may be made again: a share of all calls, and a few to begin with. Thread-safe,
 * does not block.
 */
final class RetryBudget {
  /** So many are there at the start, and no more are ever saved up. */
  static final int SAVED_MAX = 10;

  private static final int ONE = 100;

  private final int percent;
  private final AtomicInteger hundredths = new AtomicInteger(SAVED_MAX * ONE);

  /**
   * @param percent of all calls, 0 to 100
   */
  RetryBudget(int percent) {
    this.percent = percent;
  }

  /** A call was made. */
  void earn() {
    if (hundredths.get() < SAVED_MAX * ONE) {
      hundredths.updateAndGet(saved -> Math.min(saved + percent, SAVED_MAX * ONE));
    }
  }

  /** Whether one may be made again, which is then spent. */
  boolean spend() {
    if (percent == 0) {
      return false;
    }
    return hundredths.getAndUpdate(saved -> saved < ONE ? saved : saved - ONE) >= ONE;
  }
}
