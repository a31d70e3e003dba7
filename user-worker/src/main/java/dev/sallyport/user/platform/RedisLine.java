package dev.sallyport.user.platform;

import dev.sallyport.model.News;
import io.vertx.core.Future;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One connection to Redis for all questions of a feature that can do without it. Questions follow
 * each other without waiting for answers, and nobody waits longer than the feature has patience.
 * After a failure Redis is left alone for a second; then one question finds out whether it is back.
 * Thread-safe, does not block.
 */
public final class RedisLine {
  /** What a feature does without Redis, for the log. */
  public record Words(String whileAway, String whenBack) {}

  private static final Duration LEFT_ALONE_FOR = Duration.ofSeconds(1);

  /** So long without a failure it counts as back. */
  private static final Duration BELIEVED_AFTER = Duration.ofSeconds(5);

  private static final Future<@Nullable Response> LEFT_ALONE =
      Future.failedFuture("Redis was away less than a second ago");

  private final Redis redis;
  private final Ticker ticker;
  private final Duration patience;
  private final Duration firstPatience;
  private final Logger log;
  private final Words words;
  private final News news;
  private @Nullable Future<RedisConnection> connecting;
  private volatile @Nullable RedisConnection connection;
  private volatile boolean tried;
  private volatile boolean away;
  private volatile boolean told;
  private volatile long awaySince;

  /**
   * Connects when it is first asked.
   *
   * @param firstPatience for the first question, with a connection to make and code to load
   * @param log is told when Redis goes and when it is back
   */
  public RedisLine(
      Redis redis,
      Ticker ticker,
      Duration patience,
      Duration firstPatience,
      Logger log,
      Words words) {
    this.redis = redis;
    this.ticker = ticker;
    this.patience = patience;
    this.firstPatience = firstPatience;
    this.log = log;
    this.words = words;
    this.news = new News(ticker::nanos);
  }

  /** Begins to connect, so that the first question need not; nobody waits for it. */
  public void open() {
    var _ = connection();
  }

  /** Whether the last answer did not come. */
  public boolean isAway() {
    return away;
  }

  /**
   * Asks; fails within the patience, at once while Redis is left alone.
   *
   * @param question sends it on the connection
   */
  public Future<@Nullable Response> ask(
      Function<RedisConnection, Future<@Nullable Response>> question) {
    if (away && !mayTry()) {
      return LEFT_ALONE;
    }
    return connection()
        .compose(open -> question.apply(open).onFailure(failure -> failed(open, failure)))
        .timeout((tried ? patience : firstPatience).toMillis(), TimeUnit.MILLISECONDS)
        .map(this::answered)
        .recover(failure -> {
          failed(failure);
          return Future.failedFuture(failure);
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

  private @Nullable Response answered(@Nullable Response response) {
    tried = true;
    away = false;
    // Where it answers every now and then only, that is no news each time.
    if (told && ticker.nanos() - awaySince > BELIEVED_AFTER.toNanos()) {
      told = false;
      if (news.over()) {
        log.infof("Redis is back: %s", words.whenBack());
      }
    }
    return response;
  }

  private void failed(Throwable failure) {
    tried = true;
    awaySince = ticker.nanos();
    away = true;
    told = true;
    if (news.is("away")) {
      log.warnf("Redis is away: %s (%s)", words.whileAway(), failure);
    }
  }

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
