package dev.sallyport.data.binding;

import dev.sallyport.model.ProblemType;
import java.util.List;

/** On whose behalf the user-worker calls. Immutable. */
public sealed interface Caller {
  /** The role of those who may do everything. */
  String ADMIN = "admin";

  /**
   * Somebody who signed in.
   *
   * @param id never empty
   * @param roles in the order in which the user-worker sent them, which is alphabetical
   */
  record User(String id, List<String> roles) implements Caller {
    public User {
      roles = List.copyOf(roles);
    }

    /** Whether this user sees and controls what others own. */
    public boolean isAdmin() {
      return roles.contains(ADMIN);
    }
  }

  /** Nobody in particular: the route at the edge asks for no credential. */
  record Anonymous() implements Caller {}

  /**
   * The user, for a service that serves nobody else.
   *
   * @throws Refusal 401 when nobody signed in
   */
  default User user() {
    return switch (this) {
      case User user -> user;
      case Anonymous() -> throw Refusal.of(ProblemType.UNAUTHENTICATED, "Sign in first.");
    };
  }
}
