package dev.sallyport.user.route;

import java.util.Set;

/** The paths that are the user-worker's own, whatever {@code routes.json} says. Pure. */
final class ReservedPaths {
  private static final Set<String> FIRST_SEGMENTS =
      Set.of("api", "auth", "app", "demo", "l", "q", "openapi", "health", ".well-known");

  private ReservedPaths() {}

  /**
   * Whether no route may have it.
   *
   * @param path with its escapes undone: however it is spelled, whoever gets it may read it so
   */
  static boolean have(String path) {
    int end = path.indexOf('/', 1);
    return FIRST_SEGMENTS.contains(path.substring(1, end < 0 ? path.length() : end));
  }
}
