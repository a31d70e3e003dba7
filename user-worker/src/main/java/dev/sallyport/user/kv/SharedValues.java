package dev.sallyport.user.kv;

import dev.sallyport.model.News;
import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.SharedEntry;
import dev.sallyport.user.platform.ProblemException;
import dev.sallyport.user.platform.Ticker;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/**
 * Shared values by space and key, as data-workers last committed them, give or take moments. Redis
 * is waited for {@link #REDIS_WITHIN} at the most; after {@value #FAILURES_MAX} failures in a row
 * it is left alone for {@link #PAUSE}. What the data-worker said meanwhile is remembered for {@link
 * #REMEMBERED_FOR}. Thread-safe; does not block.
 */
@ApplicationScoped
public class SharedValues {
  static final Duration REDIS_WITHIN = Duration.ofMillis(50);
  static final Duration PAUSE = Duration.ofSeconds(1);
  static final Duration REMEMBERED_FOR = Duration.ofSeconds(1);

  /** So long without a failure it counts as back, in the log. */
  static final Duration BELIEVED_AFTER = Duration.ofSeconds(5);

  static final int FAILURES_MAX = 3;
  static final int ASKED_MAX = 1_000;
  static final int REMEMBERED_MAX = 1_000;

  private static final Logger LOG = Logger.getLogger(SharedValues.class);

  /** A value of one space. */
  private record Name(String space, String key) {}

  private record Said(Optional<String> value, long at) {}

  private final KvScript redis;
  private final Origin origin;
  private final Ticker ticker;
  private final News news;
  private final Counter fromRedis;
  private final Counter fromOrigin;
  private final Counter fromMemory;
  private final Counter unavailable;
  private final ConcurrentHashMap<Name, Future<Optional<String>>> asked = new ConcurrentHashMap<>();
  private final Map<Name, Said> remembered = new LinkedHashMap<>();
  private final AtomicInteger failuresInARow = new AtomicInteger();
  private volatile long closedUntil;
  private volatile long failedAt;
  private volatile boolean told;

  @Inject
  SharedValues(KvScript redis, Origin origin, Ticker ticker, MeterRegistry metrics) {
    this.redis = redis;
    this.origin = origin;
    this.ticker = ticker;
    this.news = new News(ticker::nanos);
    this.fromRedis = answers(metrics, "redis");
    this.fromOrigin = answers(metrics, "data-worker");
    this.fromMemory = answers(metrics, "memory");
    this.unavailable =
        Counter.builder("sallyport_kv_redis_unavailable")
            .description("Shared values that were read without Redis, because it did not answer")
            .register(metrics);
  }

  private static Counter answers(MeterRegistry metrics, String source) {
    return Counter.builder("sallyport_kv_answers")
        .description("Shared values that were read, by where they came from")
        .tag("source", source)
        .register(metrics);
  }

  /**
   * The value, or nothing where there is none, as for a key that there cannot be.
   *
   * @return a future that fails with a {@link ProblemException} where neither Redis nor the
   *     data-worker could say
   */
  public Future<Optional<String>> get(String space, String key) {
    if (!SharedEntry.isName(space, key)) {
      return Future.succeededFuture(Optional.empty());
    }
    var name = new Name(space, key);
    if (isClosed()) {
      return withoutRedis(name);
    }
    return redis
        .get(space, key, REDIS_WITHIN)
        .transform(found -> {
          if (found.failed()) {
            failed(found.cause());
            return withoutRedis(name);
          }
          works();
          return found
              .result()
              .map(entry -> {
                fromRedis.increment();
                return Future.succeededFuture(Optional.ofNullable(entry.value()));
              })
              .orElseGet(() -> ask(name));
        });
  }

  private Future<Optional<String>> withoutRedis(Name name) {
    unavailable.increment();
    var said = remembered(name);
    if (said.isPresent()) {
      fromMemory.increment();
      return Future.succeededFuture(said.get().value());
    }
    return ask(name).onSuccess(value -> remember(name, value));
  }

  /** Asks the data-worker, unless somebody is asking that already. */
  private Future<Optional<String>> ask(Name name) {
    var promise = Promise.<Optional<String>>promise();
    var others = asked.putIfAbsent(name, promise.future());
    if (others != null) {
      return others;
    }
    fromOrigin.increment();
    var answer =
        asked.size() > ASKED_MAX ? Future.<SharedEntry>failedFuture(overloaded()) : asking(name);
    answer
        .map(entry -> Optional.ofNullable(entry.value()))
        .onComplete(done -> {
          asked.remove(name, promise.future());
          promise.handle(done);
        });
    return promise.future();
  }

  /** Whatever is thrown on the way must not leave the others waiting. */
  private Future<SharedEntry> asking(Name name) {
    return Future.succeededFuture(name).compose(one -> origin.ask(one.space(), one.key()));
  }

  private static ProblemException overloaded() {
    return new ProblemException(
        Problem.retryable(ProblemType.OVERLOADED, "Too many shared values are asked for.", PAUSE));
  }

  private synchronized Optional<Said> remembered(Name name) {
    var said = remembered.get(name);
    return said != null && ticker.nanos() - said.at() < REMEMBERED_FOR.toNanos()
        ? Optional.of(said)
        : Optional.empty();
  }

  private synchronized void remember(Name name, Optional<String> value) {
    remembered.remove(name);
    remembered.put(name, new Said(value, ticker.nanos()));
    if (remembered.size() > REMEMBERED_MAX) {
      var oldest = remembered.keySet().iterator();
      oldest.next();
      oldest.remove();
    }
  }

  private boolean isClosed() {
    return failuresInARow.get() >= FAILURES_MAX && !mayTry();
  }

  /** One finds out whether Redis is back. */
  private synchronized boolean mayTry() {
    if (ticker.nanos() - closedUntil < 0) {
      return false;
    }
    closedUntil = ticker.nanos() + PAUSE.toNanos();
    return true;
  }

  private synchronized void failed(Throwable why) {
    failedAt = ticker.nanos();
    if (failuresInARow.incrementAndGet() >= FAILURES_MAX) {
      told = true;
      closedUntil = ticker.nanos() + PAUSE.toNanos();
      if (news.is("away")) {
        LOG.warnf("shared values are read without Redis: %s", why.getMessage());
      }
    }
  }

  private void works() {
    if (failuresInARow.get() != 0) {
      failuresInARow.set(0);
    }
    // Where it answers every now and then only, that is no news each time.
    if (told && ticker.nanos() - failedAt > BELIEVED_AFTER.toNanos()) {
      told = false;
      if (news.over()) {
        LOG.info("shared values are read from Redis again");
      }
    }
  }
}
