package dev.sallyport.system;

import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;

/** What a {@link RoomCrowd} has counted since its last reset. Confined to the crowd's thread. */
final class CrowdTally {
  private static final long LATENCY_MAX_NANOS = 120_000_000_000L;

  /** From the time at which a message was due to be published, in nanoseconds. */
  final Histogram deliveries = new Histogram(LATENCY_MAX_NANOS, 3);

  /** The same, until it was acknowledged. */
  final Histogram acks = new Histogram(LATENCY_MAX_NANOS, 3);

  long published;
  long delivered;
  long acknowledged;

  /** Deliveries that were passed over, as far as they did not come later. */
  long lost;

  long doubled;
  long misordered;

  /** When the last delivery came, as {@link System#nanoTime} counts. */
  long deliveredAt;

  /** From the reset until a member was welcomed, in nanoseconds. */
  final Histogram waits = new Histogram(LATENCY_MAX_NANOS, 3);

  long entered;

  private long resetAt = System.nanoTime();

  /** Whatever else came, or did not, by what it was. */
  final Map<String, Integer> events = new TreeMap<>();

  /** The first answer that was no upgrade; empty while there is none. */
  String refusal = "";

  void refusal(String answer) {
    refusal = refusal.isEmpty() ? answer : refusal;
  }

  void event(String what) {
    events.merge(what, 1, Integer::sum);
  }

  void delivery(long dueAt, long now) {
    delivered++;
    deliveredAt = now;
    if (dueAt > 0) {
      deliveries.recordValue(bounded(now - dueAt));
    }
  }

  void ack(long dueAt, long now) {
    acknowledged++;
    acks.recordValue(bounded(now - dueAt));
  }

  void entered(long now) {
    entered++;
    waits.recordValue(bounded(now - resetAt));
  }

  private static long bounded(long nanos) {
    return Math.clamp(nanos, 0, LATENCY_MAX_NANOS);
  }

  void reset() {
    resetAt = System.nanoTime();
    waits.reset();
    entered = 0;
    deliveries.reset();
    acks.reset();
    published = 0;
    delivered = 0;
    acknowledged = 0;
    lost = 0;
    doubled = 0;
    misordered = 0;
    events.clear();
  }
}
