package dev.sallyport.user.edge;

import java.util.List;
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
          "/auth/me", Requirement.AUTHENTICATED,
          "/auth/tickets", Requirement.AUTHENTICATED);

  /** Whoever has no page there answers that it does not exist. */
  private static final String DEMO = "/demo/";

  private static final String QUEUES = "/api/queues/";
  private static final List<String> SENDS = List.of("/messages", "/batches");

  private OwnPaths() {}

  /** What this path requires, or null where there is nothing. */
  static @Nullable Requirement requirement(RequestTarget target) {
    if (target.isPrivate() || isSend(target.path())) {
      return Requirement.AUTHENTICATED;
    }
    return target.path().startsWith(DEMO) ? Requirement.ANONYMOUS : EXACT.get(target.path());
  }

  /** One segment, the queue, between the two. */
  private static boolean isSend(String path) {
    int end = path.lastIndexOf('/');
    return path.startsWith(QUEUES)
        && end > QUEUES.length()
        && path.indexOf('/', QUEUES.length()) == end
        && SENDS.contains(path.substring(end));
  }
}
