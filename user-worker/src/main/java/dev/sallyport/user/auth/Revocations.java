package dev.sallyport.user.auth;

import dev.sallyport.user.platform.Database;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that have ended although tokens of theirs have not. Numbered rows in Postgres, read
 * into memory every quarter of a second and whenever Postgres says that there is one; rows become
 * visible in the order of their numbers, so reading on from the last one misses none. Thread-safe.
 *
 * <p>Memory that is more than a second behind is not believed: then each request asks Postgres, and
 * where Postgres does not answer nobody is let in. It holds one entry for each session that ended
 * within the life of an access token.
 */
@ApplicationScoped
class Revocations {
  private static final Logger LOG = Logger.getLogger(Revocations.class);
  private static final Duration POLL_EVERY = Duration.ofMillis(250);
  private static final Duration BELIEVED_FOR = Duration.ofSeconds(1);
  private static final Duration PATIENCE = Duration.ofSeconds(2);
  private static final int PAGE = 1000;

  private final Database database;
  private final Pool pool;
  private final Vertx vertx;
  private final InstantSource clock;
  private final ConcurrentHashMap<String, Instant> untils = new ConcurrentHashMap<>();
  private final CopyOnWriteArrayList<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
  private long last;
  private @Nullable Future<Void> reading;
  private @Nullable Promise<Void> next;
  private volatile long readAt;
  private volatile boolean loaded;

  @Inject
  Revocations(Database database, Pool pool, Vertx vertx, InstantSource clock) {
    this.database = database;
    this.pool = pool;
    this.vertx = vertx;
    this.clock = clock;
  }

  /** Begins to read; to be called once the tables are there. */
  void start() {
    vertx.setPeriodic(1, POLL_EVERY.toMillis(), tick -> read());
    vertx.setPeriodic(Duration.ofMinutes(1).toMillis(), tick -> forget());
  }

  /** Tells {@code listener} each session that ends from now on, on some event loop. */
  void onRevoked(Consumer<String> listener) {
    listeners.add(listener);
  }

  /** Whether this session's credentials no longer count; fails with {@code STORE_DOWN}. */
  Future<Boolean> isRevoked(String session) {
    if (untils.containsKey(session)) {
      return REVOKED;
    }
    if (loaded && System.nanoTime() - readAt <= BELIEVED_FOR.toNanos()) {
      return LIVE;
    }
    var subject = Tuple.of(UUID.fromString(session));
    return database
        .ask(() -> pool.preparedQuery(AuthSql.IS_REVOKED).execute(subject))
        .map(rows -> rows.iterator().next().getBoolean(0));
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
        reading = readPage(System.nanoTime());
        reading.onComplete(done -> finished());
        return reading;
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
    return pool.preparedQuery(AuthSql.REVOCATIONS_AFTER)
        .execute(Tuple.of(lastNumber(), PAGE))
        .timeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .compose(rows -> {
          if (take(rows) == PAGE) {
            return readPage(began);
          }
          readAt = began;
          loaded = true;
          return Future.<Void>succeededFuture();
        })
        .onFailure(failure -> LOG.debugf("revocations were not read: %s", failure))
        .otherwiseEmpty();
  }

  private int take(RowSet<Row> rows) {
    for (var row : rows) {
      var session = row.getUUID("session").toString();
      untils.put(session, row.getOffsetDateTime("until").toInstant());
      synchronized (this) {
        last = row.getLong("number");
      }
      listeners.forEach(listener -> listener.accept(session));
    }
    return rows.size();
  }

  private synchronized long lastNumber() {
    return last;
  }

  private void forget() {
    var now = clock.instant();
    untils.values().removeIf(now::isAfter);
  }
}
