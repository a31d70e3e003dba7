package dev.sallyport.user.limit;

import dev.sallyport.user.platform.RedisLine;
import dev.sallyport.user.platform.Ticker;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * {@link Gcra} in Redis, for all user-workers together and by Redis's clock: one trip for a
 * request. Fails where Redis does not answer in time, and at once for a second after that.
 * Thread-safe, does not block.
 */
@ApplicationScoped
class LimitScript {
  /**
   * The same steps as in {@link Gcra#on}. KEYS[1] is the bucket, ARGV[1] the requests a minute,
   * ARGV[2] 1 to charge one. Gives whether it is admitted, how many remain, and the microseconds
   * until the next and until all. A bucket is kept until nothing is owed, a minute at the most.
   */
  private static final String CHARGE =
      """
      local cost = 60000000
      local perMinute = tonumber(ARGV[1])
      local time = redis.call('TIME')
      local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
      local owed = 0
      local found = redis.pcall('GET', KEYS[1])
      if type(found) == 'string' then
        local at, before = string.match(found, '^(%d+) (%d+)$')
        if at then
          local passed = math.min(math.max(now - tonumber(at), 0), cost)
          owed = math.max(tonumber(before) - passed * perMinute, 0)
        end
      end
      local room = perMinute * cost
      local admitted = 0
      if owed + cost <= room then
        admitted = 1
        if ARGV[2] == '1' then
          owed = owed + cost
          redis.call('SET', KEYS[1], string.format('%.0f %.0f', now, owed),
              'PX', string.format('%.0f', math.ceil(owed / perMinute / 1000)))
        end
      end
      return {
        admitted,
        math.floor(math.max(room - owed, 0) / cost),
        math.ceil(math.max(owed + cost - room, 0) / perMinute),
        math.ceil(owed / perMinute)
      }
      """;

  private static final String SHA1 = sha1();
  private static final Duration PATIENCE_MIN = Duration.ofMillis(1);
  private static final Duration PATIENCE_MAX = Duration.ofSeconds(5);

  private final RedisLine redis;

  @Inject
  LimitScript(Redis redis, Ticker ticker, LimitSettings settings) {
    var patience = settings.patience();
    if (patience.compareTo(PATIENCE_MIN) < 0 || patience.compareTo(PATIENCE_MAX) > 0) {
      throw new ConfigurationException(
          "sallyport.limit.patience: expected PT0.001S to PT5S, found " + patience);
    }
    this.redis =
        new RedisLine(
            redis,
            ticker,
            patience,
            patience,
            Logger.getLogger(LimitScript.class),
            new RedisLine.Words(
                "requests are limited as their routes say for that",
                "requests are limited over all user-workers again"));
  }

  /** The name under which Redis keeps a script. */
  private static String sha1() {
    try {
      var digest = MessageDigest.getInstance("SHA-1");
      return HexFormat.of().formatHex(digest.digest(CHARGE.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }

  /** Begins to connect; nobody waits for it. */
  void open() {
    redis.open();
  }

  boolean isAway() {
    return redis.isAway();
  }

  /**
   * What becomes of a request.
   *
   * @param take whether to charge it; otherwise nothing is written
   */
  Future<Standing> on(Bucket bucket, boolean take) {
    return redis
        .ask(open ->
            open.send(request(Command.EVALSHA, SHA1, bucket, take))
                .recover(failure -> unknown(open, failure, bucket, take)))
        .map(LimitScript::standing);
  }

  /** A Redis that was started since does not know the script; asked like this it keeps it. */
  private static Future<@Nullable Response> unknown(
      RedisConnection open, Throwable failure, Bucket bucket, boolean take) {
    return failure instanceof ErrorType said && said.is("NOSCRIPT")
        ? open.send(request(Command.EVAL, CHARGE, bucket, take))
        : Future.failedFuture(failure);
  }

  private static Request request(Command how, String script, Bucket bucket, boolean take) {
    return Request.cmd(how)
        .arg(script)
        .arg(1)
        .arg(bucket.key())
        .arg(bucket.perMinute())
        .arg(take ? 1 : 0);
  }

  private static Standing standing(@Nullable Response answer) {
    if (answer == null) {
      throw new IllegalStateException("Redis answered no standing");
    }
    return new Standing(
        number(answer, 0) == 1, number(answer, 1), number(answer, 2), number(answer, 3));
  }

  private static long number(Response answer, int at) {
    var number = answer.get(at).toLong();
    return number == null ? 0 : number;
  }
}
