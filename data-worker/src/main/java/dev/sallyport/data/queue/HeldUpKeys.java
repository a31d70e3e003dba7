package dev.sallyport.data.queue;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys whose messages have to go to Postgres, since earlier ones are there or on their way, and
 * what is on its way. Not thread-safe.
 */
final class HeldUpKeys {
  /** Keys that were blocked, and when: a look into Postgres since then knows of it. */
  private final Map<String, Long> blocked = new HashMap<>();

  private long blocks;
  private List<Delivery> leaving = new ArrayList<>();

  /** The time of now, among the blocks of keys. */
  long mark() {
    return blocks;
  }

  /**
   * These of one key have to go to Postgres, in this order, and the next of that key after them.
   */
  void leave(@Nullable String key, Collection<Delivery> deliveries) {
    leaving.addAll(deliveries);
    if (key != null) {
      blocked.put(key, ++blocks);
    }
  }

  /** Gives what has to go to Postgres, once. */
  List<Delivery> takeLeaving() {
    var taken = leaving;
    leaving = new ArrayList<>();
    return taken;
  }

  /**
   * The keys of which no message may be handled that arrived now.
   *
   * @param found those of which Postgres has messages, when it was asked after {@code mark}
   * @param left what goes to Postgres before that message
   */
  Set<String> heldUp(Set<String> found, long mark, List<Delivery> left) {
    // What blocked before that look is in Postgres, where the look found it, or nothing is left of
    // it but those who leave.
    blocked.values().removeIf(when -> when <= mark);
    var all = new HashSet<>(found);
    all.addAll(blocked.keySet());
    for (var one : left) {
      if (one.key() != null) {
        all.add(one.key());
      }
    }
    return all;
  }
}
