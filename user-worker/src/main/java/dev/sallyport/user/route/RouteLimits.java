package dev.sallyport.user.route;

import org.jspecify.annotations.Nullable;

/**
 * How often a route may be called, where it differs from what holds everywhere. Immutable.
 *
 * @param addressPerMinuteOrNull calls in a minute without a good credential from one address, 1 to
 *     {@value #PER_MINUTE_MAX}; null for what holds everywhere
 * @param principalPerMinuteOrNull calls in a minute of one user or API key; likewise
 * @param whenRedisIsAway what happens while nobody can count for all workers
 */
public record RouteLimits(
    @Nullable Integer addressPerMinuteOrNull,
    @Nullable Integer principalPerMinuteOrNull,
    WhenRedisIsAway whenRedisIsAway) {
  static final int PER_MINUTE_MAX = 60_000_000;

  /** What a limit does without Redis. */
  public enum WhenRedisIsAway {
    /** Nobody gets through. */
    CLOSED,
    /** Everybody gets through. */
    OPEN,
    /** Each worker counts for itself. */
    LOCAL
  }
}
