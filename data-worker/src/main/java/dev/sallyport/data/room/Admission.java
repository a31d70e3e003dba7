package dev.sallyport.data.room;

import dev.sallyport.data.binding.Refusal;
import jakarta.inject.Singleton;
import java.util.ArrayDeque;

/**
 * Lets so many in at a time, the others in the order in which they came: what a reconnect storm
 * asks for is done at a pace, and nobody is overtaken. Thread-safe, does not block.
 */
@Singleton
class Admission {
  /** Sockets that are being let in. */
  static final int AT_ONCE = 64;

  /** Those that wait; more are asked to come back. */
  static final int WAITING_MAX = 10_000;

  /** Guarded by this. */
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();

  private int inside;

  /**
   * Runs it now or later, on any thread; {@link #done} is due once it is through.
   *
   * @throws Refusal 503 where too many wait
   */
  void enter(Runnable one) {
    synchronized (this) {
      if (inside == AT_ONCE) {
        if (waiting.size() == WAITING_MAX) {
          throw RoomError.overloaded();
        }
        waiting.add(one);
        return;
      }
      inside++;
    }
    one.run();
  }

  /** One that was let in is through. */
  void done() {
    Runnable next;
    synchronized (this) {
      next = waiting.poll();
      if (next == null) {
        inside--;
      }
    }
    if (next != null) {
      next.run();
    }
  }
}
