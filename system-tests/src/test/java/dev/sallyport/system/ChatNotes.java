package dev.sallyport.system;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** What chatters have met with. Thread-safe. */
final class ChatNotes {
  private static final int WRONG_MAX = 20;

  private final Map<String, Integer> events = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
  private final AtomicInteger wrongs = new AtomicInteger();
  private final AtomicLong longest = new AtomicLong();

  /** Something that may happen. */
  void event(String what) {
    events.merge(what, 1, Integer::sum);
  }

  /** Something that should not. */
  void wrong(String what) {
    if (wrongs.incrementAndGet() <= WRONG_MAX) {
      wrong.add(what);
    }
  }

  /** How long an ack took. */
  void took(long nanos) {
    longest.accumulateAndGet(nanos, Math::max);
  }

  Duration longest() {
    return Duration.ofNanos(longest.get());
  }

  Map<String, Integer> events() {
    return new TreeMap<>(events);
  }

  /** The first of what should not have happened, in words. */
  List<String> wrong() {
    return List.copyOf(wrong);
  }
}
