package dev.sallyport.data.kv;

import dev.sallyport.data.platform.RedisAway;
import dev.sallyport.data.platform.RedisLink;
import dev.sallyport.data.platform.RedisPatience;
import dev.sallyport.data.platform.RedisScript;
import dev.sallyport.model.SharedEntry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;

/**
 * Shared values in Redis, as {@link SharedEntry} has them. A value is kept for {@link #KEEP}, so
 * that a Redis that came back with less than it had is right again after that; its version for
 * longer, so that a worker that was stopped meanwhile cannot bring an old one back. Blocks;
 * thread-safe.
 */
@Singleton
class KvScript {
  static final Duration KEEP = Duration.ofMinutes(10);
  static final Duration VERSION_KEEP = Duration.ofDays(1);

  /** How long it is remembered that there never was a value. */
  static final Duration NOTHING_KEEP = Duration.ofSeconds(1);

  private static final Duration WITHIN = Duration.ofMillis(500);

  /**
   * KEYS: entry, version. ARGV: version, entry, milliseconds for each. An older version changes
   * nothing; the same one again fills what was lost.
   */
  private static final RedisScript PUSH =
      RedisScript.of(
          """
          local pushed = tonumber(ARGV[1])
          local known = redis.pcall('GET', KEYS[2])
          if type(known) == 'string' and (tonumber(known) or 0) > pushed then return 0 end
          local entry = redis.pcall('GET', KEYS[1])
          if type(entry) == 'string' then
            local version = string.match(entry, '^(%d+) ')
            if version and tonumber(version) > pushed then return 0 end
          end
          redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
          redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[4])
          return 1
          """);

  /** KEYS: entry, version. ARGV: entry, milliseconds. Never in the place of a version. */
  private static final RedisScript NOTHING =
      RedisScript.of(
          """
          if redis.call('EXISTS', KEYS[1], KEYS[2]) > 0 then return 0 end
          redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
          return 1
          """);

  private final RedisLink redis;

  @Inject
  KvScript(RedisLink redis) {
    this.redis = redis;
  }

  /** Makes Redis hold this, or a later version. */
  void push(String space, String key, Shared shared) throws RedisAway {
    var entry = SharedEntry.text(shared.version(), shared.value());
    var keys = List.of(SharedEntry.redisKey(space, key), SharedEntry.redisVersionKey(space, key));
    if (shared.version() == 0) {
      run(NOTHING, keys, List.of(entry, NOTHING_KEEP.toMillis()));
    } else {
      run(PUSH, keys, List.of(shared.version(), entry, KEEP.toMillis(), VERSION_KEEP.toMillis()));
    }
  }

  private void run(RedisScript script, List<String> keys, List<?> arguments) throws RedisAway {
    var _ = redis.run(script, keys, arguments, RedisPatience.of(WITHIN));
  }
}
