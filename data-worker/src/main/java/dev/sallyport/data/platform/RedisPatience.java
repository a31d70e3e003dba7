package dev.sallyport.data.platform;

import java.time.Duration;

/**
 * For how long one caller waits for Redis, over all that it asks. What counts is the {@link
 * SpareTime} of an event loop between a question and its answer: that this worker is late itself,
 * with many callers on few cores, is not held against Redis. Confined to one thread at a time.
 */
public final class RedisPatience {
  private long nanos;

  private RedisPatience(long nanos) {
    this.nanos = nanos;
  }

  /** Of this length. */
  public static RedisPatience of(Duration length) {
    return new RedisPatience(length.toNanos());
  }

  /** What is left of it, in nanoseconds; not negative. */
  public long nanosLeft() {
    return Math.max(0, nanos);
  }

  public boolean isOver() {
    return nanos <= 0;
  }

  /** So much of it was waited. */
  public void spend(long waited) {
    nanos -= waited;
  }

  /** Nothing is left of it. */
  public void end() {
    nanos = 0;
  }
}
