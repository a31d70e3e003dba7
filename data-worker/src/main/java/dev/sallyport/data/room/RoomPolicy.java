package dev.sallyport.data.room;

import dev.sallyport.data.binding.Caller;

/**
 * Opens rooms to users. A CDI bean ({@code @ApplicationScoped}) that implements this is all there
 * is to register. It decides for rooms whose name begins with its prefix; where several do, the
 * longest prefix decides. A room for which none decides is closed to users. Admins may do
 * everything. Called on event loops: it must not block.
 */
public interface RoomPolicy {
  /** How the names begin that this decides for; the empty text for all. Read once. */
  String prefix();

  /** Whether this decides for anything on this worker. Read once. */
  default boolean enabled() {
    return true;
  }

  /** Whether this user may be the first to set the room's access, and its owner from then on. */
  boolean mayCreate(Caller.User user, String room);

  /** Whether this user may enter and read, as long as the room's own access says nothing else. */
  boolean mayRead(Caller.User user, String room);

  /** Whether this user, who may read, may publish, signal and set as well. */
  default boolean mayPublish(Caller.User user, String room) {
    return mayRead(user, room);
  }
}
