package dev.sallyport.user.queue;

import dev.sallyport.model.QueuedMessage;
import dev.sallyport.user.platform.RedisLine;
import dev.sallyport.user.platform.Ticker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Which content was sent under a client's own id within the last 24 hours, in Redis: one trip for a
 * message and for a batch. It is there to refuse a mistake at the door; that nothing is doubled
 * does not depend on it. So Redis is waited for a tenth of a second at the most, the first time a
 * second, and after a failure it is left alone for a second. Thread-safe, does not block.
 */
@ApplicationScoped
class IdScript {
  /**
   * All or none: the place of the first id that has another content, from 1; or 0, and then every
   * id that was new is kept. KEYS are the ids, ARGV[1] the seconds, the others their contents.
   */
  private static final String REMEMBER =
      """
      for i = 1, #KEYS do
        local found = redis.call('GET', KEYS[i])
        if found and found ~= ARGV[i + 1] then return i end
      end
      for i = 1, #KEYS do
        redis.call('SET', KEYS[i], ARGV[i + 1], 'NX', 'EX', ARGV[1])
      end
      return 0
      """;

  private static final Duration REMEMBERED_FOR = Duration.ofHours(24);
  private static final Duration PATIENCE = Duration.ofMillis(100);

  /** The first time there is a connection to make and code to load. */
  private static final Duration FIRST_PATIENCE = Duration.ofSeconds(1);

  /** Half of a SHA-256 tells two contents apart. */
  private static final int HASH_BYTES = 16;

  private final RedisLine redis;
  private final Counter unchecked;

  @Inject
  IdScript(Redis redis, Ticker ticker, MeterRegistry metrics) {
    this.redis =
        new RedisLine(
            redis,
            ticker,
            PATIENCE,
            FIRST_PATIENCE,
            Logger.getLogger(IdScript.class),
            new RedisLine.Words("the ids of messages are not compared", "ids are compared again"));
    this.unchecked =
        Counter.builder("sallyport_queue_ids_unchecked")
            .description("Messages whose own id could not be compared, because Redis was away")
            .register(metrics);
  }

  /**
   * Remembers the contents of these messages of one sender under their ids.
   *
   * @return which of them is the first whose id was used with another content; none where Redis is
   *     away. Never fails
   */
  Future<OptionalInt> remember(String queue, List<QueuedMessage> messages) {
    return redis
        .ask(open -> open.send(request(queue, messages)))
        .map(IdScript::place)
        .otherwise(failure -> {
          unchecked.increment(messages.size());
          return OptionalInt.empty();
        });
  }

  private static Request request(String queue, List<QueuedMessage> messages) {
    var request = Request.cmd(Command.EVAL).arg(REMEMBER).arg(messages.size());
    for (var message : messages) {
      // Neither a queue nor a user's id has a colon in it.
      request.arg("sallyport:queue:id:" + queue + ":" + message.sender() + ":" + message.id());
    }
    request.arg(REMEMBERED_FOR.toSeconds());
    for (var message : messages) {
      request.arg(Buffer.buffer(Arrays.copyOf(message.contentHash(), HASH_BYTES)));
    }
    return request;
  }

  private static OptionalInt place(@Nullable Response response) {
    var place = response == null ? null : response.toInteger();
    return place == null || place == 0 ? OptionalInt.empty() : OptionalInt.of(place - 1);
  }
}
