package dev.sallyport.data.room;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** Counts what happens in rooms. Thread-safe. */
@Singleton
class RoomMeters {
  private final AtomicInteger members = new AtomicInteger();
  private final AtomicInteger rooms = new AtomicInteger();
  private final LongAdder deliveries = new LongAdder();
  private final Counter published;
  private final Counter repeated;
  private final Counter refused;
  private final Counter slow;

  @Inject
  RoomMeters(MeterRegistry metrics) {
    Gauge.builder("sallyport_room_member_sockets", members, AtomicInteger::get)
        .description("Sockets that are in a room")
        .register(metrics);
    Gauge.builder("sallyport_room_open_rooms", rooms, AtomicInteger::get)
        .description("Rooms that this worker owns and has in memory")
        .register(metrics);
    FunctionCounter.builder("sallyport.room.deliveries", deliveries, LongAdder::doubleValue)
        .description("Frames that were written to sockets")
        .register(metrics);
    this.published = counter(metrics, "published.messages", "Messages that were appended to logs");
    this.repeated = counter(metrics, "repeated.messages", "Messages that were in the log before");
    this.refused = counter(metrics, "refused.frames", "Frames that were answered with an error");
    this.slow = counter(metrics, "slow.sockets", "Sockets that were closed for not reading");
  }

  private static Counter counter(MeterRegistry metrics, String name, String what) {
    return Counter.builder("sallyport.room." + name).description(what).register(metrics);
  }

  void entered(int more) {
    members.addAndGet(more);
  }

  void opened(int more) {
    rooms.addAndGet(more);
  }

  void delivered(int frames) {
    deliveries.add(frames);
  }

  void published() {
    published.increment();
  }

  void repeated() {
    repeated.increment();
  }

  void refused() {
    refused.increment();
  }

  void tooSlow() {
    slow.increment();
  }
}
