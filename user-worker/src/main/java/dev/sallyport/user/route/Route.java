package dev.sallyport.user.route;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One line of {@code routes.json}: which requests go to which binding. Immutable.
 *
 * @param key what the request must be for
 * @param binding the name of a binding of this worker
 * @param requirement what the caller must be
 * @param limitsOrNull how often, where that is not the same as everywhere
 */
public record Route(
    Key key, String binding, Requirement requirement, @Nullable RouteLimits limitsOrNull) {
  /** What a request must be for. */
  public sealed interface Key {
    /** How {@code routes.json} says it. */
    String text();

    /**
     * These whole segments, whatever the host.
     *
     * @param text begins with a slash and does not end with one
     */
    record PathPrefix(String text) implements Key {}

    /**
     * This host, whatever the path.
     *
     * @param text as {@link HostName} writes it
     */
    record Domain(String text) implements Key {}

    /**
     * Every host below this one, however deep, but not itself.
     *
     * @param parent a name in lower case
     */
    record Wildcard(String parent) implements Key {
      @Override
      public String text() {
        return "*." + parent;
      }
    }
  }

  /** How often it may be called, where the route says so. */
  public Optional<RouteLimits> limits() {
    return Optional.ofNullable(limitsOrNull);
  }
}
