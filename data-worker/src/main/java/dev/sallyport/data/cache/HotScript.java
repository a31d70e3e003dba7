package dev.sallyport.data.cache;

import dev.sallyport.data.platform.RedisAway;
import dev.sallyport.data.platform.RedisLink;
import dev.sallyport.data.platform.RedisPatience;
import dev.sallyport.data.platform.RedisScript;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.ResponseType;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The hot tier in Redis. A key has an entry and, while somebody loads or writes, a lease: {@code
 * l:token} or {@code w:token}. What is not of our making counts as not there. Blocks; thread-safe.
 */
@Singleton
class HotScript implements HotTier {
  private static final RedisScript LOOK =
      RedisScript.of(
          """
          local entry = redis.pcall('GET', KEYS[1])
          if type(entry) ~= 'string' then return false end
          return {entry, redis.call('PTTL', KEYS[1])}
          """);

  /** ARGV: token, milliseconds of the lease. One gets it; ages are Redis's own. */
  private static final RedisScript CLAIM =
      RedisScript.of(
          """
          local entry = redis.pcall('GET', KEYS[1])
          if type(entry) == 'string' then
            local age, keep, fresh = string.match(entry, '^1 (%d+) (%d+) (%d+) [VA]\\n')
            local left = redis.call('PTTL', KEYS[1])
            if age and left >= 0 and age + keep - left < tonumber(fresh) then
              return {entry, left}
            end
          end
          if type(redis.pcall('GET', KEYS[2])) == 'string' and redis.call('PTTL', KEYS[2]) >= 0 then
            return 0
          end
          redis.call('SET', KEYS[2], 'l:' .. ARGV[1], 'PX', ARGV[2])
          return 1
          """);

  /** ARGV: token, milliseconds of the lease. Who writes is not disturbed. */
  private static final RedisScript SEIZE =
      RedisScript.of(
          """
          local holder = redis.pcall('GET', KEYS[2])
          if type(holder) == 'string' and string.sub(holder, 1, 2) == 'w:'
              and redis.call('PTTL', KEYS[2]) >= 0 then
            return 0
          end
          redis.call('SET', KEYS[2], 'l:' .. ARGV[1], 'PX', ARGV[2])
          redis.call('DEL', KEYS[1])
          return 1
          """);

  /** ARGV: token, milliseconds of the lease. */
  private static final RedisScript RENEW =
      RedisScript.of(
          """
          local holder = redis.pcall('GET', KEYS[2])
          if holder ~= 'l:' .. ARGV[1] and holder ~= 'w:' .. ARGV[1] then return 0 end
          redis.call('PEXPIRE', KEYS[2], ARGV[2])
          return 1
          """);

  /** ARGV: token, milliseconds of the lease, entry, milliseconds to keep it. The fence. */
  private static final RedisScript STORE =
      RedisScript.of(
          """
          if redis.pcall('GET', KEYS[2]) ~= 'l:' .. ARGV[1] then return 0 end
          redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
          redis.call('SET', KEYS[2], 'w:' .. ARGV[1], 'PX', ARGV[2])
          return 1
          """);

  /** ARGV: token, entry, milliseconds to keep it. The fence too. */
  private static final RedisScript PUT =
      RedisScript.of(
          """
          if redis.pcall('GET', KEYS[2]) ~= 'l:' .. ARGV[1] then return 0 end
          redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
          return 1
          """);

  /** ARGV: token. */
  private static final RedisScript RELEASE =
      RedisScript.of(
          """
          local holder = redis.pcall('GET', KEYS[2])
          if holder ~= 'l:' .. ARGV[1] and holder ~= 'w:' .. ARGV[1] then return 0 end
          redis.call('DEL', KEYS[2])
          return 1
          """);

  private static final int YES = 1;

  private final RedisLink redis;

  @Inject
  HotScript(RedisLink redis) {
    this.redis = redis;
  }

  /** With a hash tag, so that both are on one node of a cluster. */
  private static List<String> keys(String key) {
    return List.of("sallyport:cache:{" + key + "}:entry", "sallyport:cache:{" + key + "}:lease");
  }

  @Override
  public Look look(String key, RedisPatience patience) {
    try {
      var answer = redis.run(LOOK, keys(key), List.of(), patience);
      return answer == null ? new Missing() : found(answer);
    } catch (RedisAway e) {
      return new Away();
    }
  }

  private static Found found(Response answer) {
    long left = Objects.requireNonNull(answer.get(1).toLong());
    return new Found(answer.get(0).toBytes(), Duration.ofMillis(Math.max(0, left)));
  }

  @Override
  public Claim claim(String key, String token, RedisPatience patience) {
    return claim(CLAIM, key, token, patience);
  }

  @Override
  public Claim seize(String key, String token, RedisPatience patience) {
    return claim(SEIZE, key, token, patience);
  }

  private Claim claim(RedisScript how, String key, String token, RedisPatience patience) {
    try {
      var answer = redis.run(how, keys(key), List.of(token, LEASE.toMillis()), patience);
      if (answer != null && answer.type() == ResponseType.MULTI) {
        return found(answer);
      }
      return isYes(answer) ? new Granted() : new Held();
    } catch (RedisAway e) {
      return new Away();
    }
  }

  private static boolean isYes(@Nullable Response answer) {
    return answer != null && Objects.requireNonNull(answer.toInteger()) == YES;
  }

  @Override
  public Confirmed renew(String key, String token, RedisPatience patience) {
    return confirm(RENEW, key, List.of(token, LEASE.toMillis()), patience);
  }

  @Override
  public Confirmed store(
      String key, String token, byte[] bytes, Duration keep, RedisPatience patience) {
    return confirm(STORE, key, List.of(token, LEASE.toMillis(), bytes, keep.toMillis()), patience);
  }

  @Override
  public Confirmed put(
      String key, String token, byte[] bytes, Duration keep, RedisPatience patience) {
    return confirm(PUT, key, List.of(token, bytes, keep.toMillis()), patience);
  }

  @Override
  public Confirmed release(String key, String token, RedisPatience patience) {
    return confirm(RELEASE, key, List.of(token), patience);
  }

  private Confirmed confirm(
      RedisScript script, String key, List<?> arguments, RedisPatience patience) {
    try {
      return isYes(redis.run(script, keys(key), arguments, patience))
          ? Confirmed.YES
          : Confirmed.NO;
    } catch (RedisAway e) {
      return Confirmed.UNKNOWN;
    }
  }
}
