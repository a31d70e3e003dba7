package dev.sallyport.data.cache;

import java.time.Duration;

/**
 * How long the values of a cache last. Ages are measured by the store that keeps the value, never
 * between the clocks of two machines. Immutable.
 *
 * @param freshFor served as they are, at least a millisecond
 * @param staleFor for how long after that they are still served while a new one is loaded
 * @param keepFor how old a value may be that is served because the loader fails, at most {@link
 *     #KEEP_MAX}
 * @param absentFor how long it is remembered that there is nothing, at most an hour
 * @param loadWithin a loader that takes longer is interrupted and has failed, at most a minute
 * @param bytesMax the JSON of a value; a longer one is given to who asked and kept nowhere, at most
 *     {@link #BYTES_MAX}
 */
public record CacheOptions(
    Duration freshFor,
    Duration staleFor,
    Duration keepFor,
    Duration absentFor,
    Duration loadWithin,
    int bytesMax) {
  /** How long the hot tier keeps a value. */
  public static final Duration HOT_MAX = Duration.ofHours(1);

  /** How long the cold tier keeps one. */
  public static final Duration KEEP_MAX = Duration.ofDays(7);

  /** The most that one value may take. */
  public static final int BYTES_MAX = 4 * 1024 * 1024;

  private static final int BYTES = 1024 * 1024;

  public CacheOptions {
    require(freshFor.toMillis() > 0, "freshFor", "at least a millisecond", freshFor);
    require(!staleFor.isNegative(), "staleFor", "zero or more", staleFor);
    require(
        keepFor.compareTo(freshFor.plus(staleFor)) >= 0 && keepFor.compareTo(KEEP_MAX) <= 0,
        "keepFor",
        "freshFor and staleFor together at least, and " + KEEP_MAX + " at most",
        keepFor);
    require(
        absentFor.toMillis() > 0 && absentFor.compareTo(HOT_MAX) <= 0,
        "absentFor",
        "from a millisecond to " + HOT_MAX,
        absentFor);
    require(
        loadWithin.toMillis() > 0 && loadWithin.compareTo(Duration.ofMinutes(1)) <= 0,
        "loadWithin",
        "from a millisecond to a minute",
        loadWithin);
    require(bytesMax > 0 && bytesMax <= BYTES_MAX, "bytesMax", "1 to " + BYTES_MAX, bytesMax);
  }

  private static void require(boolean holds, String what, String is, Object not) {
    if (!holds) {
      throw new IllegalArgumentException(what + " must be " + is + ", not " + not);
    }
  }

  /**
   * Fresh for so long, then served stale for as long again; kept for {@link #KEEP_MAX} in case that
   * the loader fails; absence is remembered for 10 s, a load may take 10 s, a value 1 MiB.
   */
  public static CacheOptions freshFor(Duration time) {
    var stale = time.multipliedBy(2).compareTo(KEEP_MAX) > 0 ? KEEP_MAX.minus(time) : time;
    return new CacheOptions(
        time, stale, KEEP_MAX, Duration.ofSeconds(10), Duration.ofSeconds(10), BYTES);
  }

  public CacheOptions withStaleFor(Duration time) {
    return new CacheOptions(freshFor, time, keepFor, absentFor, loadWithin, bytesMax);
  }

  public CacheOptions withKeepFor(Duration time) {
    return new CacheOptions(freshFor, staleFor, time, absentFor, loadWithin, bytesMax);
  }

  public CacheOptions withAbsentFor(Duration time) {
    return new CacheOptions(freshFor, staleFor, keepFor, time, loadWithin, bytesMax);
  }

  public CacheOptions withLoadWithin(Duration time) {
    return new CacheOptions(freshFor, staleFor, keepFor, absentFor, time, bytesMax);
  }

  public CacheOptions withBytesMax(int bytes) {
    return new CacheOptions(freshFor, staleFor, keepFor, absentFor, loadWithin, bytes);
  }
}
