package dev.sallyport.user.edge;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The public paths there are, and what each requires. Every other path does not exist. */
final class OwnPaths {
  private static final Map<String, Requirement> EXACT =
      Map.of(
          "/health", Requirement.ANONYMOUS,
          "/.well-known/jwks.json", Requirement.ANONYMOUS,
          "/auth/register", Requirement.ANONYMOUS,
          "/auth/login", Requirement.ANONYMOUS,
          "/auth/refresh", Requirement.ANONYMOUS,
          "/auth/logout", Requirement.AUTHENTICATED,
          "/auth/me", Requirement.AUTHENTICATED);

  private OwnPaths() {}

  /** What this path requires, or null where there is nothing. */
  static @Nullable Requirement requirement(RequestTarget target) {
    return target.isPrivate() ? Requirement.AUTHENTICATED : EXACT.get(target.path());
  }
}
