package dev.sallyport.user.auth;

import dev.sallyport.user.auth.AuthSql.Revoked;
import dev.sallyport.user.platform.Database;
import dev.sallyport.user.platform.Ticker;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that have ended although tokens of theirs have not, and the API keys of which
 * something has changed: that they are gone, or what their owner may do. Numbered rows in Postgres,
 * read into memory every quarter of a second and whenever Postgres says that there is one; rows
 * become visible in the order of their numbers, so reading on from the last one misses none.
 * Thread-safe.
 *
 * <p>Memory that is more than a second behind is not believed: then each request asks Postgres, and
 * where Postgres does not answer nobody is let in. It holds one entry for each of them within the
 * life of an access token.
 */
@ApplicationScoped
class Revocations {
  private static final Logger LOG = Logger.getLogger(Revocations.class);
  private static final Duration POLL_EVERY = Duration.ofMillis(250);
  private static final Duration LISTEN_AGAIN_AFTER = Duration.ofSeconds(1);
  private static final Duration BELIEVED_FOR = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int PAGE = 1000;

  private final Database database;
  private final AuthSql sql;
  private final Vertx vertx;
  private final InstantSource clock;
  private final Ticker ticker;
  private final ConcurrentHashMap<String, Latest> latest = new ConcurrentHashMap<>();
  private final CopyOnWriteArrayList<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
  private final AtomicBoolean listenDue = new AtomicBoolean();
  private volatile long last;
  private @Nullable Future<Void> reading;
  private @Nullable Promise<Void> next;
  private volatile long readAt;
  private volatile boolean loaded;

  /** The last revocation of one id. */
  private record Latest(long number, Instant until) {}

  @Inject
  Revocations(
      Database database,
      AuthSql sql,
      Vertx vertx,
      InstantSource clock,
      Ticker ticker,
      MeterRegistry metrics) {
    this.database = database;
    this.sql = sql;
    this.vertx = vertx;
    this.clock = clock;
    this.ticker = ticker;
    Gauge.builder("sallyport_auth_revocations_age", this, Revocations::ageSeconds)
        .baseUnit("seconds")
        .description("Since the revocations were last read; not a number before the first time")
        .register(metrics);
    Gauge.builder("sallyport_auth_revocations_sessions", latest, Map::size)
        .description("Sessions that ended while tokens of theirs had not expired")
        .register(metrics);
  }

  private double ageSeconds() {
    return loaded ? (ticker.nanos() - readAt) / 1e9 : Double.NaN;
  }

  /** Begins to read; to be called once the tables are there. */
  void start() {
    vertx.setPeriodic(1, POLL_EVERY.toMillis(), tick -> read());
    listen();
    vertx.setPeriodic(Duration.ofMinutes(1).toMillis(), tick -> forget());
  }

  /** Polling alone is enough; this makes a second into a moment. */
  private void listen() {
    sql.listen(this::read, this::listenAgain)
        .onFailure(failure -> {
          LOG.debugf("revocations are not listened for: %s", failure);
          listenAgain();
        });
  }

  /** A connection may report its end twice, as a failure and as closed. */
  private void listenAgain() {
    if (listenDue.compareAndSet(false, true)) {
      vertx.setTimer(
          LISTEN_AGAIN_AFTER.toMillis(),
          due -> {
            listenDue.set(false);
            listen();
          });
    }
  }

  /** Tells {@code listener} each session or key that is revoked from now on, on some event loop. */
  void onRevoked(Consumer<String> listener) {
    listeners.add(listener);
  }

  /** The number of the last one in memory: whatever Postgres says from now on knows of it. */
  long lastNumber() {
    return last;
  }

  /** Whether memory has a revocation that is newer than what is known of this caller. */
  boolean isKnown(Principal principal) {
    var known = latest.get(principal.sessionId());
    return known != null && known.number() > principal.asOf();
  }

  /** Whether what is known of this caller no longer counts; fails with {@code STORE_DOWN}. */
  Future<Boolean> isRevoked(Principal principal) {
    if (isKnown(principal)) {
      return REVOKED;
    }
    if (loaded && ticker.nanos() - readAt <= BELIEVED_FOR.toNanos()) {
      return LIVE;
    }
    return database.ask(
        () -> sql.isRevoked(UUID.fromString(principal.sessionId()), principal.asOf()));
  }

  private static final Future<Boolean> REVOKED = Future.succeededFuture(true);
  private static final Future<Boolean> LIVE = Future.succeededFuture(false);

  /**
   * Reads what is new; completes when all that was committed before this call is in memory, or was
   * tried. One read at a time: a call during one waits for the next.
   */
  Future<Void> read() {
    synchronized (this) {
      if (reading == null) {
        var begun = readPage(ticker.nanos());
        reading = begun;
        begun.onComplete(done -> finished());
        return begun;
      }
      if (next == null) {
        next = Promise.promise();
      }
      return next.future();
    }
  }

  private void finished() {
    Promise<Void> waiting;
    synchronized (this) {
      reading = null;
      waiting = next;
      next = null;
    }
    if (waiting != null) {
      read().onComplete(waiting);
    }
  }

  private Future<Void> readPage(long began) {
    return sql.revocationsAfter(last, PAGE)
        .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .compose(revoked -> {
          take(revoked);
          if (revoked.size() == PAGE) {
            return readPage(began);
          }
          readAt = began;
          loaded = true;
          return Future.<Void>succeededFuture();
        })
        .onFailure(failure -> LOG.debugf("revocations were not read: %s", failure))
        .otherwiseEmpty();
  }

  private void take(List<Revoked> revoked) {
    for (var one : revoked) {
      latest.put(one.session(), new Latest(one.number(), one.until()));
      last = one.number();
      listeners.forEach(listener -> listener.accept(one.session()));
    }
  }

  private void forget() {
    var now = clock.instant();
    latest.values().removeIf(one -> now.isAfter(one.until()));
  }
}
