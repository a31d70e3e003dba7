package dev.sallyport.user.route;

import dev.sallyport.model.SigningKeys;
import java.util.Optional;

/**
 * What routes need to know of the bindings, which they do not know themselves: the edge, which
 * knows both, tells. Thread-safe.
 */
public interface RouteTargets {
  /** Whether a route may name this binding. */
  boolean has(String binding);

  /** The keys that all user-workers have and nobody else but the data-workers; maybe none. */
  Optional<SigningKeys> signingKeys();
}
