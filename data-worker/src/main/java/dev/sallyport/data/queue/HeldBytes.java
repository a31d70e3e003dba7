package dev.sallyport.data.queue;

import java.util.concurrent.atomic.AtomicLong;

/**
 * How many bytes of messages all partitions of this worker hold together. When it is too much, each
 * may go on with a little, so that none stands still because of the others. Thread-safe.
 */
final class HeldBytes {
  /** What one partition may hold although all together hold too much. */
  static final long LITTLE = 256 * 1024;

  /** Of the heap: messages are there twice while they are read and written. */
  private static final int SHARE_OF_HEAP = 8;

  private final AtomicLong held = new AtomicLong();
  private final long max;

  HeldBytes(long max) {
    this.max = max;
  }

  /** As much as this process's heap allows. */
  static HeldBytes ofThisHeap() {
    return new HeldBytes(Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
  }

  void add(long bytes) {
    held.addAndGet(bytes);
  }

  boolean isTooMuch() {
    return held.get() >= max;
  }
}
