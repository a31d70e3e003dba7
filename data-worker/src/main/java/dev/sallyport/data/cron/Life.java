package dev.sallyport.data.cron;

import dev.sallyport.data.lease.WorkerLease;
import dev.sallyport.data.platform.Notifications;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.model.News;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Begins the threads with the worker's first lease, and hands jobs over at the end. */
@Singleton
class Life {
  /** How late a fire may come whose notification was lost. */
  private static final Duration POLL = Duration.ofSeconds(1);

  private static final Logger LOG = Logger.getLogger(Life.class);

  private final WorkerLease lease;
  private final Notifications notifications;
  private final Firing firing;
  private final JobRuns runs;
  private final JobSql sql;
  private final Upkeep upkeep;
  private final Schedules schedules;
  private final Jobs jobs;

  /** A permit means that there may be something; many mean no more. */
  private final Semaphore bell = new Semaphore(0);

  private final List<Thread> threads = new ArrayList<>();
  private boolean stopped;

  @Inject
  Life(
      WorkerLease lease,
      Notifications notifications,
      Firing firing,
      JobRuns runs,
      JobSql sql,
      Upkeep upkeep,
      Schedules schedules,
      Jobs jobs) {
    this.lease = lease;
    this.notifications = notifications;
    this.firing = firing;
    this.runs = runs;
    this.sql = sql;
    this.upkeep = upkeep;
    this.schedules = schedules;
    this.jobs = jobs;
  }

  void start(@Observes StartupEvent start) {
    runs.onRoom(bell::release);
    notifications.on(ScheduleSql.CHANNEL, heard -> bell.release());
    lease.onGrant(owner -> Thread.startVirtualThread(this::begin));
    lease.onLapse(owner -> Thread.startVirtualThread(() -> runs.drop(owner)));
  }

  private synchronized void begin() {
    if (threads.isEmpty() && !stopped) {
      threads.add(Thread.ofVirtual().name("cron-clock").start(() -> tick()));
      threads.add(Thread.ofVirtual().name("cron-upkeep").start(() -> keepUp()));
    }
    bell.release();
  }

  private void tick() {
    var news = new News(System::nanoTime);
    boolean declared = false;
    try {
      while (true) {
        var wait = POLL;
        try {
          if (!declared) {
            declare();
            declared = true;
          }
          wait = round();
          news.over();
        } catch (StoreFailure | StatementRefused e) {
          trouble(news, "nothing can fire", e);
        } catch (RuntimeException e) {
          LOG.error("nothing can fire", e);
        }
        var _ = bell.tryAcquire(spread(wait), TimeUnit.NANOSECONDS);
        bell.drainPermits();
      }
    } catch (InterruptedException e) {
      LOG.debug("fires nothing any more");
    }
  }

  private Duration round() {
    var owner = lease.incarnation();
    if (owner.isEmpty()) {
      return POLL;
    }
    // Jobs after schedules, so that what has just fired begins at once.
    var next = firing.round(POLL);
    var job = runs.round(owner.getAsLong(), POLL);
    return next.compareTo(job) < 0 ? next : job;
  }

  /** Workers that look together would find each other's locks. */
  private static long spread(Duration wait) {
    long nanos = wait.toNanos();
    return nanos < POLL.toNanos() ? nanos : nanos - ThreadLocalRandom.current().nextLong(nanos / 4);
  }

  /** What beans say; the last worker that starts is right. */
  private void declare() {
    for (var job : jobs.all()) {
      schedules.declare(job);
    }
  }

  private void keepUp() {
    var news = new News(System::nanoTime);
    var pause = new Semaphore(0);
    try {
      while (true) {
        var _ = pause.tryAcquire(Upkeep.EVERY.toMillis(), TimeUnit.MILLISECONDS);
        try {
          var owner = lease.incarnation();
          if (owner.isPresent() && upkeep.round(owner.getAsLong())) {
            bell.release();
          }
          news.over();
        } catch (StoreFailure | StatementRefused e) {
          trouble(news, "fires cannot be looked after", e);
        } catch (RuntimeException e) {
          LOG.error("fires cannot be looked after", e);
        }
      }
    } catch (InterruptedException e) {
      LOG.debug("looks after fires no more");
    }
  }

  private static void trouble(News news, String what, RuntimeException failure)
      throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (news.is(String.valueOf(failure.getMessage()))) {
      LOG.warnf("%s: %s", what, failure.getMessage());
    }
  }

  /** Before the lease is ended: others go on with the jobs at once. */
  void leave(@Observes @Priority(5) ShutdownDelayInitiatedEvent stop) {
    synchronized (this) {
      stopped = true;
      threads.forEach(Thread::interrupt);
    }
    lease.incarnation().ifPresent(this::handOver);
  }

  private void handOver(long owner) {
    var dropped = runs.drop(owner);
    if (dropped.isEmpty()) {
      return;
    }
    try {
      long given = sql.release(owner, dropped);
      LOG.infof("%d jobs are handed over", given);
    } catch (StoreFailure | StatementRefused e) {
      LOG.warnf("jobs could not be handed over, others take them later: %s", e.getMessage());
    }
  }
}
