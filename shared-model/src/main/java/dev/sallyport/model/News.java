package dev.sallyport.model;

import java.time.Duration;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether something is worth another line in the log: when it differs from what was said
 * last, or when that was a minute ago. Thread-safe.
 */
public final class News {
  static final Duration STALE_AFTER = Duration.ofMinutes(1);

  private final LongSupplier nanos;
  private @Nullable String last;
  private long at;

  /**
   * Nothing has been said yet.
   *
   * @param nanos a clock for intervals, as {@link System#nanoTime}
   */
  public News(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** Whether to say it; the answer yes is remembered as said. */
  public synchronized boolean is(String sentence) {
    long now = nanos.getAsLong();
    if (Objects.equals(last, sentence) && now - at < STALE_AFTER.toNanos()) {
      return false;
    }
    last = sentence;
    at = now;
    return true;
  }

  /** The trouble is over: whatever comes next is news. Returns whether there had been any. */
  public synchronized boolean over() {
    boolean some = last != null;
    last = null;
    return some;
  }
}
