package dev.sallyport.data.room;

import dev.sallyport.data.binding.Caller;
import io.quarkus.arc.All;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;

/** All policies of this worker. Immutable once made. */
@Singleton
class Policies {
  private final List<Named> policies;

  private record Named(String prefix, RoomPolicy policy) {}

  @Inject
  Policies(@All List<RoomPolicy> all) {
    this.policies =
        all.stream()
            .filter(RoomPolicy::enabled)
            .map(policy -> new Named(policy.prefix(), policy))
            .sorted(Comparator.comparingInt((Named named) -> named.prefix().length()).reversed())
            .toList();
    var prefixes = new HashSet<String>();
    for (var named : policies) {
      if (!prefixes.add(named.prefix())) {
        throw new IllegalArgumentException(
            "two policies decide for rooms that begin with '" + named.prefix() + "'");
      }
    }
  }

  /** What decides for this room. */
  RoomPolicy of(String room) {
    for (var named : policies) {
      if (room.startsWith(named.prefix())) {
        return named.policy();
      }
    }
    return Closed.TO_ALL;
  }

  /** Decides for what nobody decides for. */
  private enum Closed implements RoomPolicy {
    TO_ALL;

    @Override
    public String prefix() {
      return "";
    }

    @Override
    public boolean mayCreate(Caller.User user, String room) {
      return false;
    }

    @Override
    public boolean mayRead(Caller.User user, String room) {
      return false;
    }
  }
}
