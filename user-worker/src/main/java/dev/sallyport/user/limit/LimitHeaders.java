package dev.sallyport.user.limit;

import io.vertx.core.MultiMap;

/**
 * The header fields of draft-ietf-httpapi-ratelimit-headers-10. Pure.
 *
 * <p>{@code RateLimit-Policy: "address";q=100;w=60} names the budget: so many requests in so many
 * seconds. {@code RateLimit: "address";r=99;t=1} says how many remain, and in how many seconds that
 * gets better: where none remain until the next one is admitted, as {@code Retry-After} has it;
 * otherwise until the whole budget is there again.
 */
public final class LimitHeaders {
  /** How a budget stands. */
  public static final String STANDING = "RateLimit";

  /** What the budget is. */
  public static final String POLICY = "RateLimit-Policy";

  private static final String WINDOW = ";w=60";
  private static final long MICROS = 1_000_000;

  private LimitHeaders() {}

  static void put(MultiMap headers, Bucket bucket, Standing standing) {
    headers.set(POLICY, '"' + bucket.policy() + "\";q=" + bucket.perMinute() + WINDOW);
    headers.set(
        STANDING,
        '"' + bucket.policy() + "\";r=" + standing.remaining() + ";t=" + seconds(standing));
  }

  /** Rounded up: whoever waits so long does not come too early. */
  private static long seconds(Standing standing) {
    long micros = standing.remaining() == 0 ? standing.nextMicros() : standing.wholeMicros();
    return Math.ceilDiv(micros, MICROS);
  }
}
