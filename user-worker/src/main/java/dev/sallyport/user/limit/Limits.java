package dev.sallyport.user.limit;

import org.jspecify.annotations.Nullable;

/**
 * What holds for some requests, where that is not what holds everywhere. A number of its own is a
 * budget of its own, which requests elsewhere do not touch. Immutable.
 *
 * @param name tells these requests from others: printable ASCII without quotes and braces
 * @param addressPerMinuteOrNull for an address; null for what holds everywhere
 * @param principalPerMinuteOrNull for a user or an API key; null likewise
 */
public record Limits(
    String name,
    @Nullable Integer addressPerMinuteOrNull,
    @Nullable Integer principalPerMinuteOrNull,
    WithoutRedis withoutRedis) {
  /** What holds everywhere. */
  public static final Limits USUAL = new Limits("", null, null, WithoutRedis.LOCAL);

  /** What happens while nobody can count for all workers. */
  public enum WithoutRedis {
    /** Nobody gets through. */
    CLOSED,
    /** Everybody gets through. */
    OPEN,
    /** Each worker counts for itself, with the same budgets. */
    LOCAL
  }
}
