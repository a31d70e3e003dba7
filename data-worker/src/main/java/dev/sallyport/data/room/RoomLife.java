package dev.sallyport.data.room;

import dev.sallyport.data.lease.WorkerLease;
import dev.sallyport.data.platform.Notifications;
import io.quarkus.runtime.ShutdownDelayInitiatedEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/** Begins with the worker's first lease. Rooms are handed over with the actors that they are. */
@Singleton
class RoomLife {
  /** Before actors are handed over, and rooms with them. */
  private static final int EARLY = 3;

  private final WorkerLease lease;
  private final Notifications notifications;
  private final Inbox inbox;
  private @Nullable Thread thread;
  private boolean stopped;

  @Inject
  RoomLife(WorkerLease lease, Notifications notifications, Inbox inbox) {
    this.lease = lease;
    this.notifications = notifications;
    this.inbox = inbox;
  }

  void start(@Observes StartupEvent start) {
    notifications.on(InboxSql.CHANNEL, message -> inbox.look());
    lease.onGrant(owner -> begin());
  }

  private synchronized void begin() {
    if (thread == null && !stopped) {
      thread = Thread.ofVirtual().name("room-inbox-looker").start(inbox::run);
    }
  }

  synchronized void leave(@Observes @Priority(EARLY) ShutdownDelayInitiatedEvent stop) {
    stopped = true;
    if (thread != null) {
      thread.interrupt();
    }
  }
}
