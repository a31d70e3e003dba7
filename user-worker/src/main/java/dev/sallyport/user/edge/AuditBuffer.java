package dev.sallyport.user.edge;

import dev.sallyport.model.AuditedCalls;
import dev.sallyport.model.QueuedMessage;
import dev.sallyport.user.binding.EndedCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Calls that wait to be put on the trail: a bounded number with bounded texts. Adding never waits,
 * and wakes nobody. Thread-safe for any number that add and one that takes.
 */
final class AuditBuffer {
  static final long BYTES_MAX = 4 * 1024 * 1024;

  /** What a call takes besides its path. */
  private static final int CALL_BYTES = 300;

  /**
   * Where a message is full: half of what one holds, since a character may take two in JSON, and
   * since the last one comes on top.
   */
  private static final int TOGETHER_BYTES = QueuedMessage.BODY_BYTES_MAX / 2 - 1024;

  private record Waiting(EndedCall call, long at, int bytes) {}

  private final int callsMax;
  private final ConcurrentLinkedQueue<Waiting> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  AuditBuffer(int callsMax) {
    this.callsMax = callsMax;
  }

  /**
   * Keeps a call.
   *
   * @param at when it ended, in milliseconds since 1970
   * @return whether there was room
   */
  boolean add(EndedCall call, long at) {
    int size = CALL_BYTES + Math.min(call.path().length(), AuditedCalls.PATH_CHARS_MAX);
    int calls = count.incrementAndGet();
    if (bytes.addAndGet(size) > BYTES_MAX || calls > callsMax) {
      forget(size);
      return false;
    }
    waiting.add(new Waiting(call, at, size));
    return true;
  }

  /** Takes the oldest, as many as travel together; none where there are none. */
  List<AuditedCalls.Call> take() {
    var taken = new ArrayList<AuditedCalls.Call>();
    int size = 0;
    while (size < TOGETHER_BYTES && taken.size() < AuditedCalls.CALLS_MAX) {
      var next = waiting.poll();
      if (next == null) {
        break;
      }
      forget(next.bytes());
      size += next.bytes();
      taken.add(audited(next));
    }
    return taken;
  }

  int count() {
    return count.get();
  }

  private void forget(long size) {
    count.decrementAndGet();
    bytes.addAndGet(-size);
  }

  private static AuditedCalls.Call audited(Waiting one) {
    var call = one.call();
    return new AuditedCalls.Call(
        call.id(),
        one.at(),
        call.userId(),
        call.keyId(),
        call.binding(),
        cut(call.method(), AuditedCalls.METHOD_CHARS_MAX),
        cut(call.path(), AuditedCalls.PATH_CHARS_MAX),
        call.outcome().name().toLowerCase(Locale.ROOT),
        call.status(),
        call.took().toNanos() / 1000);
  }

  private static String cut(String text, int charsMax) {
    return text.length() > charsMax ? text.substring(0, charsMax) : text;
  }
}
