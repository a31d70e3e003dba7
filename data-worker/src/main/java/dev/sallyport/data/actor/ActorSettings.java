package dev.sallyport.data.actor;

import dev.sallyport.data.binding.Access;
import io.smallrye.config.ConfigMapping;
import java.util.Optional;
import java.util.Set;

/** Which of the built-in actors are open. */
@ConfigMapping(prefix = "sallyport.actor")
interface ActorSettings {
  /**
   * The built-in types, {@code counter} and {@code lock}, that every signed-in user may call over
   * HTTP. Default none; both in the local profile and in tests. Read at the start.
   */
  Optional<Set<String>> open();

  /** Who may call a built-in type. */
  default Access accessTo(String type) {
    return open().filter(types -> types.contains(type)).isPresent()
        ? Access.users()
        : Access.nobody();
  }
}
