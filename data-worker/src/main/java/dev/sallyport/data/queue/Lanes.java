package dev.sallyport.data.queue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The deliveries of a partition that are in memory: those that may be handled now, and behind each
 * that has a key the later ones of that key. Not thread-safe.
 */
final class Lanes {
  private final ArrayDeque<Delivery> ready = new ArrayDeque<>();

  /** What waits behind the first of each key, which is ready or being handled. */
  private final Map<String, ArrayDeque<Delivery>> waiting = new HashMap<>();

  void add(Delivery delivery) {
    var key = delivery.key();
    if (key == null) {
      ready.add(delivery);
      return;
    }
    var lane = waiting.get(key);
    if (lane == null) {
      waiting.put(key, new ArrayDeque<>());
      ready.add(delivery);
    } else {
      lane.add(delivery);
    }
  }

  /** Whether one of this key is ready or being handled. */
  boolean isBusy(String key) {
    return waiting.containsKey(key);
  }

  int ready() {
    return ready.size();
  }

  /** Hands out at most so many; they are being handled until {@link #over} or {@link #clear}. */
  List<Delivery> take(int max) {
    var taken = new ArrayList<Delivery>(Math.min(max, ready.size()));
    while (taken.size() < max && !ready.isEmpty()) {
      taken.add(ready.remove());
    }
    return taken;
  }

  /** Gives up all that is not being handled. The keys of what is remain busy. */
  List<Delivery> giveUp() {
    var all = new ArrayList<Delivery>();
    for (var first : ready) {
      all.add(first);
      var lane = first.key() == null ? null : waiting.remove(first.key());
      if (lane != null) {
        all.addAll(lane);
      }
    }
    ready.clear();
    for (var lane : waiting.values()) {
      all.addAll(lane);
      lane.clear();
    }
    return all;
  }

  /** One that was handed out is settled for good: the next of its key is ready. */
  void over(Delivery delivery) {
    var key = delivery.key();
    if (key != null) {
      var lane = waiting.get(key);
      var next = lane == null ? null : lane.poll();
      if (next == null) {
        waiting.remove(key);
      } else {
        ready.add(next);
      }
    }
  }

  /** One that was handed out has to wait elsewhere: so do those behind it, which leave. */
  List<Delivery> clear(Delivery delivery) {
    var key = delivery.key();
    var lane = key == null ? null : waiting.remove(key);
    return lane == null ? List.of() : List.copyOf(lane);
  }
}
