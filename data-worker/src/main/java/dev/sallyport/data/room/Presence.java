package dev.sallyport.data.room;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Who is in a room: users, however many sockets each has, and who came and went since that was said
 * last. Whoever came and went again is said to have left: others were welcomed in between, and were
 * told that it is here. Confined to the room's event loop.
 */
final class Presence {
  private final Supplier<Allowance> allowances;
  private final Map<String, Present> present = new HashMap<>();
  private final Set<String> joined = new HashSet<>();
  private final Set<String> left = new HashSet<>();

  private static final class Present {
    private final Allowance allowance;
    private int sockets;

    Present(Allowance allowance) {
      this.allowance = allowance;
    }
  }

  /** Who came and who went. */
  record Change(Set<String> joined, Set<String> left) {
    boolean isEmpty() {
      return joined.isEmpty() && left.isEmpty();
    }
  }

  /**
   * @param allowances one for each user: what it may send
   */
  Presence(Supplier<Allowance> allowances) {
    this.allowances = allowances;
  }

  void enters(String user) {
    var here = present.computeIfAbsent(user, first -> new Present(allowances.get()));
    if (here.sockets++ == 0) {
      left.remove(user);
      joined.add(user);
    }
  }

  void leaves(String user) {
    var here = present.get(user);
    if (here != null && --here.sockets == 0) {
      present.remove(user);
      joined.remove(user);
      left.add(user);
    }
  }

  Set<String> users() {
    return present.keySet();
  }

  /** Whether this user may send one more frame; who is not here may not. */
  boolean allows(String user) {
    var here = present.get(user);
    return here != null && here.allowance.take();
  }

  /** What is to be said; it counts as said from now on. */
  Change change() {
    var change = new Change(Set.copyOf(joined), Set.copyOf(left));
    joined.clear();
    left.clear();
    return change;
  }
}
