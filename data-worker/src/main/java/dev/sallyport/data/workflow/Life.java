package dev.sallyport.data.workflow;

import dev.sallyport.data.lease.WorkerLease;
import dev.sallyport.data.platform.Notifications;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.StoreFailure;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Begins the engine's threads with the worker's first lease, and hands its runs over at the end.
 */
@Singleton
class Life {
  private static final int EARLY = 2;

  private static final long WATCH_EVERY_MILLIS = 200;

  private static final Logger LOG = Logger.getLogger(Life.class);

  private final WorkerLease lease;
  private final Notifications notifications;
  private final Engine engine;
  private final Dispatcher dispatcher;
  private final Housekeeping housekeeping;
  private final Registry registry;
  private final ClaimSql claims;
  private final List<Thread> threads = new ArrayList<>();

  /** Not virtual: it watches over steps that may hold all carriers of virtual threads. */
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("watch").factory());

  @Inject
  Life(
      WorkerLease lease,
      Notifications notifications,
      Engine engine,
      Dispatcher dispatcher,
      Housekeeping housekeeping,
      Registry registry,
      ClaimSql claims) {
    this.lease = lease;
    this.notifications = notifications;
    this.engine = engine;
    this.dispatcher = dispatcher;
    this.housekeeping = housekeeping;
    this.registry = registry;
    this.claims = claims;
  }

  void start(@Observes StartupEvent start) {
    notifications.on(ClaimSql.CHANNEL, this::heard);
    lease.onGrant(owner -> Thread.startVirtualThread(() -> granted(owner)));
    lease.onLapse(owner -> Thread.startVirtualThread(() -> engine.dropAll(owner)));
  }

  private void granted(long owner) {
    try {
      claims.serve(owner, registry.all());
      claims.prepare(registry.all().stream().filter(Definition::isLimited).toList());
    } catch (StoreFailure | StatementRefused e) {
      LOG.warnf("it cannot be told what this worker executes: %s", e.getMessage());
    }
    begin();
    engine.kick();
  }

  private synchronized void begin() {
    if (threads.isEmpty() && !watch.isShutdown()) {
      threads.add(Thread.ofVirtual().name("workflow-dispatcher").start(dispatcher::run));
      threads.add(Thread.ofVirtual().name("workflow-housekeeping").start(housekeeping::run));
      var _ =
          watch.scheduleWithFixedDelay(
              engine::watch, WATCH_EVERY_MILLIS, WATCH_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  /** On an event loop. */
  private void heard(String message) {
    if (message.startsWith(ClaimSql.LOST)) {
      var run = Long.parseLong(message.substring(ClaimSql.LOST.length()));
      Thread.startVirtualThread(() -> engine.lost(run));
    } else if (message.startsWith(ClaimSql.NEWS)) {
      var run = Long.parseLong(message.substring(ClaimSql.NEWS.length()));
      Thread.startVirtualThread(() -> engine.news(run));
    } else {
      engine.kick();
    }
  }

  /**
   * Before calls under way are waited for: others go on with the runs at once. Before the other
   * features, too: many runs keep Postgres so busy that nobody could hand over anything.
   */
  void leave(@Observes @Priority(EARLY) ShutdownDelayInitiatedEvent stop) {
    synchronized (this) {
      watch.shutdownNow();
      engine.stop();
      threads.forEach(Thread::interrupt);
    }
    lease.incarnation().ifPresent(this::handOver);
  }

  private void handOver(long owner) {
    engine.dropAll(owner);
    try {
      int given = claims.release(owner, null);
      claims.servesNoMore(List.of(owner));
      if (given > 0) {
        claims.notifyReady();
        LOG.infof("%d runs are handed over", given);
      }
    } catch (StoreFailure | StatementRefused e) {
      LOG.warnf("runs could not be handed over, others take them later: %s", e.getMessage());
    }
  }
}
