package dev.sallyport.data.actor;

import dev.sallyport.data.actor.PlaceSql.Placed;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The rows that wait in mailboxes of this worker. Bounded in all, so that they fit into memory when
 * they are served, and for each actor, so that none keeps the others waiting. Thread-safe.
 */
final class InHand {
  /** Rows at most. */
  static final int MAX = 2_000;

  /** Of an actor that has so many no more are wanted: two of its commits. */
  static final int BUSY = 128;

  /** What all of them bring; one more may pass it. */
  private static final long BYTES_MAX = 32L * 1024 * 1024;

  private final Runnable wanted;

  /** Guarded by this, as all below. */
  private final Set<Long> messages = new HashSet<>();

  private final Map<Address, Integer> counts = new HashMap<>();
  private long bytes;
  private boolean refused;

  /**
   * @param wanted told when there is room again after there was none
   */
  InHand(Runnable wanted) {
    this.wanted = wanted;
  }

  /** Takes one; false where it is there already. */
  synchronized boolean take(Placed message) {
    if (!messages.add(message.pk())) {
      return false;
    }
    counts.merge(message.address(), 1, Integer::sum);
    bytes += message.bytes();
    return true;
  }

  /** One has been seen to. */
  void release(Placed message) {
    boolean isWanted;
    synchronized (this) {
      if (!messages.remove(message.pk())) {
        return;
      }
      bytes -= message.bytes();
      int left = counts.getOrDefault(message.address(), 1) - 1;
      if (left == 0) {
        counts.remove(message.address());
      } else {
        counts.put(message.address(), left);
      }
      isWanted = left == BUSY / 2 || (refused && messages.size() <= MAX / 2);
      refused = refused && !isWanted;
    }
    if (isWanted) {
      wanted.run();
    }
  }

  synchronized boolean isFull() {
    boolean full = messages.size() >= MAX || bytes >= BYTES_MAX;
    refused |= full;
    return full;
  }

  /** Actors that have as many as they should. */
  synchronized List<Address> busy() {
    return counts.entrySet().stream()
        .filter(entry -> entry.getValue() > BUSY / 2)
        .map(Map.Entry::getKey)
        .toList();
  }

  synchronized int size() {
    return messages.size();
  }
}
