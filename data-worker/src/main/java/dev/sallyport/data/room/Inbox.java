package dev.sallyport.data.room;

import dev.sallyport.data.lease.WorkerLease;
import dev.sallyport.data.platform.Doorbell;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.data.platform.Ticker;
import dev.sallyport.data.room.LogSql.Appended;
import dev.sallyport.model.News;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Puts what transactions have published into the logs of rooms that this worker has, or that nobody
 * has. A row and its message change places in one commit, so each is appended once. One thread
 * looks which rooms have something; each room's is seen to on a virtual thread.
 */
@Singleton
class Inbox {
  /** How late a message may be noticed whose notification was lost. */
  private static final Duration POLL = Duration.ofSeconds(1);

  private static final Duration FORGET_EVERY = Duration.ofMinutes(1);
  private static final int DAYS_KEPT = 30;
  private static final int BATCH_MAX = 200;
  private static final int ROOMS_AT_ONCE = 32;
  private static final Duration STEP_WITHIN = Duration.ofSeconds(15);
  private static final Logger LOG = Logger.getLogger(Inbox.class);

  private final WorkerLease lease;
  private final InboxSql sql;
  private final LogSql log;
  private final RoomDoor door;
  private final Ticker ticker;
  private final Doorbell bell = new Doorbell();
  private final News news;
  private final Set<String> busy = ConcurrentHashMap.newKeySet();
  private final Semaphore rooms = new Semaphore(ROOMS_AT_ONCE);

  @Inject
  Inbox(WorkerLease lease, InboxSql sql, LogSql log, RoomDoor door, Ticker ticker) {
    this.lease = lease;
    this.sql = sql;
    this.log = log;
    this.door = door;
    this.ticker = ticker;
    this.news = new News(ticker::nanos);
  }

  /** There may be something. */
  void look() {
    bell.ring();
  }

  /** The thread: until it is interrupted. */
  void run() {
    long forgot = ticker.nanos() - FORGET_EVERY.toNanos();
    try {
      while (true) {
        try {
          round();
          if (ticker.nanos() - forgot >= FORGET_EVERY.toNanos()) {
            forgot = ticker.nanos();
            forget();
          }
          news.over();
        } catch (StoreFailure | StatementRefused e) {
          if (Thread.interrupted()) {
            throw new InterruptedException();
          }
          if (news.is(String.valueOf(e.getMessage()))) {
            LOG.warnf("what was published to rooms waits: %s", e.getMessage());
          }
        }
        bell.await(POLL);
      }
    } catch (InterruptedException stopped) {
      LOG.debug("looks for nothing any more");
    }
  }

  private void forget() {
    while (log.forget(DAYS_KEPT) > 0) {
      LOG.debug("old messages were removed");
    }
  }

  private void round() throws InterruptedException {
    var incarnation = lease.incarnation();
    if (incarnation.isEmpty()) {
      return;
    }
    for (var name : sql.waiting(incarnation.getAsLong())) {
      if (busy.add(name)) {
        rooms.acquire();
        Thread.ofVirtual().name("room-inbox").start(() -> seeTo(name));
      }
    }
  }

  private void seeTo(String name) {
    try {
      var room = door.enter(name, true);
      try {
        empty(name, room.open().get(STEP_WITHIN.toMillis(), TimeUnit.MILLISECONDS));
      } finally {
        room.exit();
      }
    } catch (InterruptedException | ExecutionException | TimeoutException | RuntimeException e) {
      // The rows are there still, and are found again.
      LOG.debugf("what was published to room %s waits: %s", name, e);
    } finally {
      busy.remove(name);
      rooms.release();
    }
  }

  private void empty(String name, OpenRoom room)
      throws InterruptedException, ExecutionException, TimeoutException {
    long after = 0;
    while (true) {
      var waiting = sql.of(name, after, BATCH_MAX);
      if (waiting.isEmpty()) {
        return;
      }
      var appended = new ArrayList<CompletableFuture<Appended>>();
      for (var one : waiting) {
        appended.add(room.ask(() -> room.publish(one.from(), one.id(), one.data(), one.pk())));
        after = one.pk();
      }
      for (var one : appended) {
        if (one.get(STEP_WITHIN.toMillis(), TimeUnit.MILLISECONDS) instanceof Appended.Clash) {
          LOG.warnf("a message for room %s had an id with other data; it is left out", name);
        }
      }
    }
  }
}
