package dev.sallyport.data.room;

import dev.sallyport.data.actor.Tenancy;
import dev.sallyport.data.lease.WorkerLease;
import dev.sallyport.data.platform.Ticker;
import io.netty.channel.EventLoop;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicLong;

/** What all rooms of a worker work with. Thread-safe. */
@Singleton
class RoomTools {
  /** Of the heap: what was sent and is not appended yet. */
  private static final int SHARE_OF_HEAP = 32;

  /** Of the heap: what rooms keep in memory. */
  private static final int SHARE_OF_HEAP_KEPT = 8;

  private final Vertx vertx;
  private final WorkerLease lease;
  private final Tenancy tenancy;
  private final RoomSql rooms;
  private final LogSql log;
  private final Policies policies;
  private final RoomMeters meters;
  private final Ticker ticker;
  private final FrameParser parser = new FrameParser();
  private final RoomMemory memory =
      new RoomMemory(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP_KEPT);
  private final AtomicLong coming = new AtomicLong();
  private final long comingMax = Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP;

  @Inject
  RoomTools(
      Vertx vertx,
      WorkerLease lease,
      Tenancy tenancy,
      RoomSql rooms,
      LogSql log,
      Policies policies,
      RoomMeters meters,
      Ticker ticker) {
    this.vertx = vertx;
    this.lease = lease;
    this.tenancy = tenancy;
    this.rooms = rooms;
    this.log = log;
    this.policies = policies;
    this.meters = meters;
    this.ticker = ticker;
  }

  /** One for a room to live on, another one each time. */
  EventLoop loop() {
    return ((ContextInternal) vertx.getOrCreateContext()).nettyEventLoop();
  }

  WorkerLease lease() {
    return lease;
  }

  Tenancy tenancy() {
    return tenancy;
  }

  RoomSql rooms() {
    return rooms;
  }

  LogSql log() {
    return log;
  }

  Policies policies() {
    return policies;
  }

  RoomMeters meters() {
    return meters;
  }

  Ticker ticker() {
    return ticker;
  }

  RoomMemory memory() {
    return memory;
  }

  FrameParser parser() {
    return parser;
  }

  /** Takes so much more that waits to be appended; false where that would be too much. */
  boolean takes(int chars) {
    boolean fits = coming.addAndGet(chars) <= comingMax;
    if (!fits) {
      gives(chars);
    }
    return fits;
  }

  /** So much less waits. */
  void gives(int chars) {
    coming.addAndGet(-chars);
  }
}
