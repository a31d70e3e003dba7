package dev.sallyport.user.queue;

import dev.sallyport.model.News;
import dev.sallyport.model.QueuedMessage;
import dev.sallyport.user.platform.Ticker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
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

  private static final Logger LOG = Logger.getLogger(IdScript.class);
  private static final Duration REMEMBERED_FOR = Duration.ofHours(24);
  private static final Duration PATIENCE = Duration.ofMillis(100);

  /** The first time there is a connection to make and code to load. */
  private static final Duration FIRST_PATIENCE = Duration.ofSeconds(1);

  private static final Duration LEFT_ALONE_FOR = Duration.ofSeconds(1);

  /** So long without a failure it counts as back. */
  private static final Duration BELIEVED_AFTER = Duration.ofSeconds(5);

  /** Half of a SHA-256 tells two contents apart. */
  private static final int HASH_BYTES = 16;

  private final Redis redis;
  private final Ticker ticker;
  private final News news;
  private final Counter unchecked;
  private @Nullable Future<RedisConnection> connecting;
  private volatile @Nullable RedisConnection connection;
  private volatile boolean tried;
  private volatile boolean away;
  private volatile boolean told;
  private volatile long awaySince;

  @Inject
  IdScript(Redis redis, Ticker ticker, MeterRegistry metrics) {
    this.redis = redis;
    this.ticker = ticker;
    this.news = new News(ticker::nanos);
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
    if (away && !mayTry()) {
      unchecked.increment(messages.size());
      return Future.succeededFuture(OptionalInt.empty());
    }
    var patience = tried ? PATIENCE : FIRST_PATIENCE;
    return connection()
        .compose(
            open -> open.send(request(queue, messages)).onFailure(failure -> failed(open, failure)))
        .timeout(patience.toMillis(), TimeUnit.MILLISECONDS)
        .map(this::answered)
        .otherwise(failure -> {
          failed(failure);
          unchecked.increment(messages.size());
          return OptionalInt.empty();
        });
  }

  /** One finds out whether it is back. */
  private synchronized boolean mayTry() {
    if (ticker.nanos() - awaySince < LEFT_ALONE_FOR.toNanos()) {
      return false;
    }
    awaySince = ticker.nanos();
    return true;
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

  private OptionalInt answered(@Nullable Response response) {
    tried = true;
    away = false;
    // Where it answers every now and then only, that is no news each time.
    if (told && ticker.nanos() - awaySince > BELIEVED_AFTER.toNanos()) {
      told = false;
      if (news.over()) {
        LOG.info("Redis is back: ids are compared again");
      }
    }
    var place = response == null ? null : response.toInteger();
    return place == null || place == 0 ? OptionalInt.empty() : OptionalInt.of(place - 1);
  }

  private void failed(Throwable failure) {
    tried = true;
    awaySince = ticker.nanos();
    away = true;
    told = true;
    if (news.is("away")) {
      LOG.warnf("Redis is away: the ids of messages are not compared (%s)", failure);
    }
  }

  /** One connection for all, on which requests follow each other without waiting for answers. */
  private Future<RedisConnection> connection() {
    var open = connection;
    return open == null ? connect() : Future.succeededFuture(open);
  }

  private synchronized Future<RedisConnection> connect() {
    var others = connecting;
    if (others != null) {
      return others;
    }
    var begun = redis.connect();
    // Kept before it is listened to: it may be done already, and is then forgotten at once.
    connecting = begun;
    begun.onSuccess(this::opened).onComplete(done -> settled());
    return begun;
  }

  private synchronized void settled() {
    connecting = null;
  }

  private void opened(RedisConnection opened) {
    opened.exceptionHandler(broken -> lost(opened));
    opened.endHandler(ended -> lost(opened));
    connection = opened;
  }

  /** One that ended before anybody listened to its end is told of here alone. */
  private void failed(RedisConnection open, Throwable failure) {
    if (!(failure instanceof ErrorType)) {
      lost(open);
    }
  }

  private void lost(RedisConnection lost) {
    if (lost.equals(connection)) {
      connection = null;
    }
    // It may be told twice of its end; closing twice does nothing.
    var _ = lost.close();
  }
}
