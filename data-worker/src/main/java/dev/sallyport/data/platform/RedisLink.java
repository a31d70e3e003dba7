package dev.sallyport.data.platform;

import dev.sallyport.data.platform.SpareTime.Outcome;
import dev.sallyport.model.News;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.arc.ClientProxy;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.impl.VertxInternal;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisConnection;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import io.vertx.redis.client.impl.types.ErrorType;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs scripts on Redis for code on virtual threads, each within a {@link RedisPatience}. All goes
 * over one connection, on which questions follow each other without waiting for answers, and over
 * one event loop, in whose spare time an answer is waited for. After {@value #FAILURES_MAX}
 * failures in a row nothing is asked for {@link #PAUSE}; then one caller finds out whether Redis is
 * back, while the others are told at once that it is not. Thread-safe.
 */
@Singleton
public class RedisLink {
  static final int FAILURES_MAX = 3;
  static final Duration PAUSE = Duration.ofSeconds(1);

  /** For so long this worker may be late itself before a caller goes on without an answer. */
  static final Duration LATE_MAX = Duration.ofSeconds(2);

  private static final Logger LOG = Logger.getLogger(RedisLink.class);

  private final Supplier<@Nullable Redis> redis;
  private final Context loop;
  private final Ticker ticker;
  private final News news;
  private final Counter failed;
  private final Counter skipped;
  private @Nullable RedisConnection connection;
  private @Nullable Future<RedisConnection> connecting;
  private int failuresInARow;
  private long closedUntil;

  @Inject
  RedisLink(Instance<Redis> redis, Vertx vertx, Ticker ticker, MeterRegistry metrics) {
    // Not looked up before it is needed: without an address there is no such bean. Without its
    // proxy: that makes the client at its first use, on the loop, when a start that failed may
    // have ended all beans.
    this(
        () -> redis.isResolvable() ? ClientProxy.unwrap(redis.get()) : null,
        vertx,
        ticker,
        metrics);
  }

  /**
   * @param redis the client, or null where no address is configured
   */
  public RedisLink(
      Supplier<@Nullable Redis> redis, Vertx vertx, Ticker ticker, MeterRegistry metrics) {
    this.redis = redis;
    this.loop = ((VertxInternal) vertx).createEventLoopContext();
    this.ticker = ticker;
    this.news = new News(ticker::nanos);
    this.failed = failures(metrics, "failed");
    this.skipped = failures(metrics, "skipped");
    Gauge.builder("sallyport_platform_redis_usable", () -> isOpen() ? 1 : 0)
        .description("0 while Redis is not asked because it did not answer before")
        .register(metrics);
  }

  private static Counter failures(MeterRegistry metrics, String how) {
    return Counter.builder("sallyport_platform_redis_failures")
        .description("Calls that Redis did not answer, or that were not made because of those")
        .tag("how", how)
        .register(metrics);
  }

  private synchronized boolean isOpen() {
    return failuresInARow < FAILURES_MAX;
  }

  /** Makes a first connection, so that the first caller need not; nobody waits for it. */
  void start(@Observes StartupEvent start) {
    var client = redis.get();
    if (client != null) {
      loop.runOnContext(now ->
          connection(client)
              .compose(open -> open.send(Request.cmd(Command.PING)))
              .onFailure(
                  failure -> LOG.debugf("Redis is not there yet: %s", failure.getMessage())));
    }
  }

  /**
   * Runs a script and waits for its result.
   *
   * @param keys all keys that it touches; they share a hash tag
   * @param arguments strings, byte arrays or numbers
   * @param patience what this takes of it is spent; with none left nothing is asked
   * @throws RedisAway where there was no answer in that time
   */
  public @Nullable Response run(
      RedisScript script, List<String> keys, List<?> arguments, RedisPatience patience)
      throws RedisAway {
    if (patience.isOver() || !mayAsk()) {
      skipped.increment();
      throw new RedisAway("it did not answer before");
    }
    var client = redis.get();
    if (client == null) {
      throw failed("quarkus.redis.hosts is not set");
    }
    long within = patience.nanosLeft();
    var answer = new CompletableFuture<Outcome<@Nullable Response>>();
    loop.runOnContext(now ->
        SpareTime.await(
            loop.owner(),
            ticker,
            connection(client)
                .compose(open ->
                    send(open, script, keys, arguments)
                        .onFailure(failure -> failed(open, failure))),
            within,
            answer::complete));
    return await(answer, patience);
  }

  private static Future<@Nullable Response> send(
      RedisConnection open, RedisScript script, List<String> keys, List<?> arguments) {
    return open.send(request(Command.EVALSHA, script.sha(), keys, arguments))
        .recover(failure ->
            isUnknownScript(failure)
                ? open.send(request(Command.EVAL, script.text(), keys, arguments))
                : Future.failedFuture(failure));
  }

  /** On the loop. */
  private Future<RedisConnection> connection(Redis client) {
    if (connection != null) {
      return Future.succeededFuture(connection);
    }
    if (connecting != null) {
      return connecting;
    }
    var begun = client.connect();
    // Kept before it is listened to: it may be done already, and is then forgotten at once.
    connecting = begun;
    begun.onSuccess(this::opened).onComplete(done -> connecting = null);
    return begun;
  }

  private void opened(RedisConnection opened) {
    opened.exceptionHandler(broken -> lost(opened));
    opened.endHandler(ended -> lost(opened));
    connection = opened;
  }

  /** One that ended before anybody listened to its end is told of here alone. */
  private void failed(RedisConnection open, Throwable failure) {
    if (!(failure instanceof ErrorType)) {
      loop.runOnContext(now -> lost(open));
    }
  }

  private void lost(RedisConnection lost) {
    if (lost.equals(connection)) {
      connection = null;
    }
    // It may be told twice of its end; closing twice does nothing.
    var _ = lost.close();
  }

  private static Request request(
      Command command, String script, List<String> keys, List<?> arguments) {
    var request = Request.cmd(command).arg(script).arg(keys.size());
    keys.forEach(request::arg);
    for (var argument : arguments) {
      switch (argument) {
        case byte[] bytes -> request.arg(bytes);
        case Number number -> request.arg(number.toString());
        default -> request.arg(argument.toString());
      }
    }
    return request;
  }

  private static boolean isUnknownScript(Throwable failure) {
    return failure instanceof ErrorType said && said.is("NOSCRIPT");
  }

  private @Nullable Response await(
      CompletableFuture<Outcome<@Nullable Response>> answer, RedisPatience patience)
      throws RedisAway {
    Blocking.refuseEventLoops();
    try {
      var answered = answer.get(patience.nanosLeft() + LATE_MAX.toNanos(), TimeUnit.NANOSECONDS);
      patience.spend(answered.nanos());
      var failure = answered.failure();
      if (failure != null) {
        throw failed(String.valueOf(failure.getMessage()));
      }
      answered();
      return answered.answer();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RedisAway("interrupted");
    } catch (TimeoutException e) {
      patience.end();
      throw failed("this worker is too busy to ask it");
    } catch (ExecutionException e) {
      throw new IllegalStateException("it is only ever completed with a result", e);
    }
  }

  /** One caller passes each {@link #PAUSE} while it is closed. */
  private synchronized boolean mayAsk() {
    if (failuresInARow < FAILURES_MAX) {
      return true;
    }
    if (ticker.nanos() - closedUntil < 0) {
      return false;
    }
    closedUntil = ticker.nanos() + PAUSE.toNanos();
    return true;
  }

  private RedisAway failed(String why) {
    failed.increment();
    synchronized (this) {
      failuresInARow = Math.min(FAILURES_MAX, failuresInARow + 1);
      if (failuresInARow == FAILURES_MAX) {
        closedUntil = ticker.nanos() + PAUSE.toNanos();
        if (news.is("away")) {
          LOG.warnf("Redis is not used for now: %s", why);
        }
      }
    }
    return new RedisAway(why);
  }

  private void answered() {
    synchronized (this) {
      if (failuresInARow == 0) {
        return;
      }
      failuresInARow = 0;
      if (news.over()) {
        LOG.info("Redis answers again");
      }
    }
  }
}
