package dev.sallyport.data.room;

import dev.sallyport.data.binding.Caller;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may enter a room. Immutable.
 *
 * @param owner who set its access first; null before anybody did
 * @param access null before anybody set it: the policy alone decides
 * @param members who may enter where access is {@link Access#MEMBERS}, beside the owner
 */
record Standing(@Nullable String owner, @Nullable Access access, Set<String> members) {
  /** What an owner can say of a room. */
  enum Access {
    /** Whoever the policy lets in. */
    OPEN,
    /** The owner and those named. */
    MEMBERS
  }

  Standing {
    members = Set.copyOf(members);
  }

  boolean mayRead(Caller.User user, String room, RoomPolicy policy) {
    return user.isAdmin()
        || (access == Access.MEMBERS
            ? user.id().equals(owner) || members.contains(user.id())
            : policy.mayRead(user, room));
  }

  boolean mayPublish(Caller.User user, String room, RoomPolicy policy) {
    return user.isAdmin()
        || (mayRead(user, room, policy)
            && (access == Access.MEMBERS || policy.mayPublish(user, room)));
  }

  boolean maySetAccess(Caller.User user, String room, RoomPolicy policy) {
    return user.isAdmin()
        || (owner == null ? policy.mayCreate(user, room) : user.id().equals(owner));
  }
}
