package dev.sallyport.data.queue;

import dev.sallyport.data.lease.WorkerLease;
import dev.sallyport.data.platform.Notifications;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;

/** Begins with the worker's first lease, and hands its partitions over at the end. */
@Singleton
class QueueLife {
  /** Before the lease is ended. */
  private static final int EARLY = 5;

  private final WorkerLease lease;
  private final Notifications notifications;
  private final QueueRegistry registry;
  private final Partitions partitions;
  private final Shards shards;
  private final LogTopic log;
  private final Relay relay;
  private final QueueHousekeeping housekeeping;
  private final QueueSampler sampler;
  private final List<Thread> threads = new ArrayList<>();
  private boolean stopped;

  @Inject
  QueueLife(
      WorkerLease lease,
      Notifications notifications,
      QueueRegistry registry,
      Partitions partitions,
      Shards shards,
      LogTopic log,
      Relay relay,
      QueueHousekeeping housekeeping,
      QueueSampler sampler) {
    this.lease = lease;
    this.notifications = notifications;
    this.registry = registry;
    this.partitions = partitions;
    this.shards = shards;
    this.log = log;
    this.relay = relay;
    this.housekeeping = housekeeping;
    this.sampler = sampler;
  }

  void start(@Observes StartupEvent start) {
    if (registry.all().isEmpty()) {
      return;
    }
    notifications.on(QueueSql.CHANNEL, this::heard);
    lease.onGrant(owner -> begin());
    lease.onLapse(owner -> Thread.startVirtualThread(partitions::drop));
  }

  private synchronized void begin() {
    partitions.look();
    if (threads.isEmpty() && !stopped) {
      threads.add(Thread.ofVirtual().name("queue-partitions").start(partitions::run));
      threads.add(Thread.ofVirtual().name("queue-relay").start(relay::run));
      threads.add(Thread.ofVirtual().name("queue-housekeeping").start(housekeeping::run));
      threads.add(Thread.ofVirtual().name("queue-sampler").start(sampler::run));
      log.start();
    }
  }

  /** On an event loop. */
  private void heard(String message) {
    switch (message) {
      case OutboxSql.OUTBOX -> relay.look();
      case QueueSql.PARTITIONS -> partitions.look();
      case QueueSql.QUEUES -> {
        partitions.look();
        shards.lookForRows();
      }
      default -> {
        relay.look();
        partitions.look();
        shards.lookForRows();
      }
    }
  }

  void leave(@Observes @Priority(EARLY) ShutdownDelayInitiatedEvent stop) {
    synchronized (this) {
      stopped = true;
      threads.forEach(Thread::interrupt);
    }
    relay.close();
    lease.incarnation().ifPresent(partitions::handOver);
    partitions.drop();
    log.stop();
  }
}
