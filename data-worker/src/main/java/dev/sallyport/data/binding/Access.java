package dev.sallyport.data.binding;

/** Who may reach something over HTTP; closed unless opened. Immutable. */
public sealed interface Access {
  /** No client at all; it looks as if it were not there. */
  record Nobody() implements Access {}

  /** Everyone who signed in. */
  record Users() implements Access {}

  /** Those with this role, and admins. */
  record Role(String name) implements Access {}

  static Access nobody() {
    return new Nobody();
  }

  static Access users() {
    return new Users();
  }

  static Access role(String name) {
    return new Role(name);
  }

  /** Whether this user may. */
  default boolean admits(Caller.User user) {
    return switch (this) {
      case Nobody() -> false;
      case Users() -> true;
      case Role(var name) -> user.roles().contains(name) || user.isAdmin();
    };
  }
}
