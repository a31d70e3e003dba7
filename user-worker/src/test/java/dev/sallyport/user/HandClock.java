package dev.sallyport.user;

import dev.sallyport.user.platform.Ticker;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Time that moves by hand. Thread-safe. */
public final class HandClock implements InstantSource, Ticker {
  private volatile Instant now = Instant.parse("2026-11-21T12:00:00Z");

  @Override
  public Instant instant() {
    return now;
  }

  /** A Long.MAX_VALUE that is soon passed shows who compares instead of subtracting. */
  @Override
  public long nanos() {
    return Long.MAX_VALUE
        - 1
        + Duration.between(Instant.parse("2026-11-21T12:00:00Z"), now).toNanos();
  }

  public synchronized void advance(Duration by) {
    now = now.plus(by);
  }
}
