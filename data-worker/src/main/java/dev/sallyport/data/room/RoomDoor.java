package dev.sallyport.data.room;

import dev.sallyport.data.actor.Address;
import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.Refusal;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.concurrent.CompletableFuture;

/** The way to a room, for users and for what transactions have published. Thread-safe. */
@Singleton
class RoomDoor {
  private static final int TRIES = 8;

  private final RoomTools tools;

  @Inject
  RoomDoor(RoomTools tools) {
    this.tools = tools;
  }

  /**
   * A name that rooms can have.
   *
   * @throws Refusal 404
   */
  static String checked(String name) {
    if (!Rooms.isName(name)) {
      throw RoomError.badName();
    }
    return name;
  }

  /**
   * Whether this user may read, as far as that can be known without having the room. So a stranger
   * neither makes a room nor brings one into memory.
   */
  CompletableFuture<Boolean> knows(Caller.User user, String name) {
    var policy = tools.policies().of(name);
    if (user.isAdmin() || policy.mayRead(user, name) || policy.mayCreate(user, name)) {
      return CompletableFuture.completedFuture(true);
    }
    var known = new CompletableFuture<Boolean>();
    Thread.ofVirtual()
        .name("room-stranger")
        .start(() -> {
          try {
            known.complete(
                tools.rooms().find(name).stream()
                    .anyMatch(found -> found.standing().mayRead(user, name, policy)));
          } catch (RuntimeException e) {
            known.completeExceptionally(e);
          }
        });
    return known;
  }

  /**
   * A room, which stays here until its {@link Room#exit}, to be called once. Does not block.
   *
   * @param here whether this worker is to take it, if nobody has it, wherever it should live
   * @throws Refusal 503
   */
  Room enter(String name, boolean here) {
    var address = new Address(Room.TYPE, name);
    for (int i = 0; i < TRIES; i++) {
      var room =
          tools.tenancy().find(address, incarnation -> new Room(address, incarnation, tools), here);
      if (room.enter()) {
        return room;
      }
      tools.tenancy().gone(room);
    }
    throw RoomError.moving();
  }
}
