package dev.sallyport.data.actor;

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
import org.jboss.logging.Logger;

/** Begins with the worker's first lease, and hands the actors over at the end. */
@Singleton
class ActorLife {
  /** Before the lease is ended. */
  private static final int EARLY = 4;

  private static final Logger LOG = Logger.getLogger(ActorLife.class);

  private final WorkerLease lease;
  private final Directory directory;
  private final Alarms alarms;
  private final Carrier carrier;
  private final Answers answers;
  private final Notifications notifications;
  private final List<Thread> threads = new ArrayList<>();
  private boolean stopped;

  @Inject
  ActorLife(
      WorkerLease lease,
      Directory directory,
      Alarms alarms,
      Carrier carrier,
      Answers answers,
      Notifications notifications) {
    this.lease = lease;
    this.directory = directory;
    this.alarms = alarms;
    this.carrier = carrier;
    this.answers = answers;
    this.notifications = notifications;
  }

  void start(@Observes StartupEvent start) {
    notifications.on(MessageSql.CHANNEL, carrier::heard);
    notifications.on(AnswerSql.CHANNEL, answers::heard);
    lease.onGrant(owner -> begin());
    lease.onLapse(owner -> Thread.startVirtualThread(() -> directory.drop(owner)));
  }

  private synchronized void begin() {
    if (threads.isEmpty() && !stopped) {
      threads.add(Thread.ofVirtual().name("actor-alarms").start(alarms::run));
      threads.add(Thread.ofVirtual().name("actor-carrier").start(carrier::run));
      threads.add(Thread.ofVirtual().name("actor-answers").start(answers::run));
    }
  }

  void leave(@Observes @Priority(EARLY) ShutdownDelayInitiatedEvent stop) {
    synchronized (this) {
      stopped = true;
      threads.forEach(Thread::interrupt);
    }
    try {
      directory.leave();
      carrier.leave();
    } catch (StoreFailure | StatementRefused e) {
      LOG.warnf("actors could not be handed over, others take them later: %s", e.getMessage());
    }
  }
}
