package dev.sallyport.user.queue;

import dev.sallyport.user.auth.Principal;

/** Who may send to a queue over HTTP. Immutable. */
sealed interface Senders {
  /** Everybody who is signed in. */
  record Users() implements Senders {}

  /** Whoever has this role, and admins. */
  record Role(String name) implements Senders {}

  /** A column of {@code queue.open_queue}: {@code users}, or {@code role:} and its name. */
  static Senders of(String stored) {
    return stored.startsWith("role:") ? new Role(stored.substring(5)) : new Users();
  }

  /** Whether this caller is one of them. */
  default boolean include(Principal caller) {
    return switch (this) {
      case Users() -> true;
      case Role(var name) -> caller.hasRole(name) || caller.hasRole("admin");
    };
  }
}
