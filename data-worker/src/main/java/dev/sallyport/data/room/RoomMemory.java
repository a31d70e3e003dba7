package dev.sallyport.data.room;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How much all rooms of a worker keep in memory: the ends of their logs and what they share. Where
 * it gets short each keeps less of its log; where it is full no more rooms come. Thread-safe.
 */
final class RoomMemory {
  private final AtomicLong bytes = new AtomicLong();
  private final long most;

  /**
   * @param most bytes, or nearly so
   */
  RoomMemory(long most) {
    this.most = most;
  }

  void add(long more) {
    bytes.addAndGet(more);
  }

  long bytes() {
    return bytes.get();
  }

  boolean isShort() {
    return bytes.get() > most / 2;
  }

  boolean isFull() {
    return bytes.get() > most;
  }
}
