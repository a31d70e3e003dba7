package dev.sallyport.user.edge;

import dev.sallyport.user.platform.Methods;
import dev.sallyport.user.route.Requirement;
import io.vertx.core.http.HttpMethod;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The public paths of our own that there are, what each requires and which methods it takes. */
final class OwnPaths {
  private static final Methods READ = Methods.of(HttpMethod.GET);
  private static final Methods CALL = Methods.of(HttpMethod.POST);

  /**
   * One path.
   *
   * @param methodsOrNull null where its handler alone knows what is there and what that takes
   */
  record OwnPath(Requirement requirement, @Nullable Methods methodsOrNull) {
    boolean takes(HttpMethod method) {
      return methodsOrNull == null || methodsOrNull.take(method);
    }

    /** For a path that does not take everything. */
    Methods methods() {
      return Objects.requireNonNull(methodsOrNull);
    }
  }

  private static final String QUESTION = "/auth/validate-session";

  private static final Map<String, OwnPath> EXACT =
      Map.ofEntries(
          Map.entry("/health", new OwnPath(Requirement.ANONYMOUS, READ)),
          Map.entry("/.well-known/jwks.json", new OwnPath(Requirement.ANONYMOUS, READ)),
          Map.entry("/auth/register", new OwnPath(Requirement.ANONYMOUS, CALL)),
          Map.entry("/auth/login", new OwnPath(Requirement.ANONYMOUS, CALL)),
          Map.entry("/auth/refresh", new OwnPath(Requirement.ANONYMOUS, CALL)),
          Map.entry("/auth/logout", new OwnPath(Requirement.AUTHENTICATED, CALL)),
          Map.entry("/auth/me", new OwnPath(Requirement.AUTHENTICATED, READ)),
          Map.entry("/auth/tickets", new OwnPath(Requirement.AUTHENTICATED, CALL)),
          Map.entry(QUESTION, new OwnPath(Requirement.AUTHENTICATED, CALL)),
          Map.entry(
              "/auth/api-keys",
              new OwnPath(Requirement.AUTHENTICATED, Methods.of(HttpMethod.GET, HttpMethod.POST))),
          Map.entry("/auth/users", new OwnPath(Requirement.ADMIN, READ)));

  /** Below these one segment more, an id, is a path too. */
  private static final Map<String, OwnPath> WITH_ID =
      Map.of(
          "/auth/api-keys/",
          new OwnPath(Requirement.AUTHENTICATED, Methods.of(HttpMethod.DELETE)),
          "/auth/users/",
          new OwnPath(Requirement.ADMIN, Methods.of(HttpMethod.PATCH)));

  /** Whoever has no page there answers that it does not exist. */
  private static final String DEMO = "/demo/";

  private static final OwnPath DEMO_PAGE = new OwnPath(Requirement.ANONYMOUS, null);
  private static final String QUEUES = "/api/queues/";
  private static final List<String> SENDS = List.of("/messages", "/batches");
  private static final OwnPath SEND = new OwnPath(Requirement.AUTHENTICATED, CALL);

  private OwnPaths() {}

  /** What is at this path, or null where there is nothing of ours. */
  static @Nullable OwnPath find(String path) {
    if (isSend(path)) {
      return SEND;
    }
    if (path.startsWith(DEMO)) {
      return DEMO_PAGE;
    }
    int end = path.lastIndexOf('/') + 1;
    return end > 0 && end < path.length() && WITH_ID.containsKey(path.substring(0, end))
        ? WITH_ID.get(path.substring(0, end))
        : EXACT.get(path);
  }

  /** Whether a POST to this path is only a question, for the sake of its body. */
  static boolean isQuestion(String path) {
    return path.equals(QUESTION);
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
