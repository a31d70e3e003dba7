package dev.sallyport.data.room;

import dev.sallyport.data.platform.Ticker;

/** So many a second, and some more after a rest: a token bucket. Thread-safe. */
final class Allowance {
  private final Ticker ticker;
  private final double perNano;
  private final double burst;

  /** Guarded by this, as is the time. */
  private double left;

  private long at;

  Allowance(Ticker ticker, int perSecond, int burst) {
    this.ticker = ticker;
    this.perNano = perSecond / 1e9;
    this.burst = burst;
    this.left = burst;
    this.at = ticker.nanos();
  }

  /** Takes one; false where there is none. */
  synchronized boolean take() {
    long now = ticker.nanos();
    left = Math.min(burst, left + (now - at) * perNano);
    at = now;
    if (left < 1) {
      return false;
    }
    left--;
    return true;
  }
}
