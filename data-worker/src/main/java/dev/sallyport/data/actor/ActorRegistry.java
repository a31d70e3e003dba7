package dev.sallyport.data.actor;

import io.quarkus.arc.All;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Every type of actor that this worker can be. Immutable once made. */
@Singleton
class ActorRegistry {
  private final Map<String, Behaviour<?>> types = new HashMap<>();

  @Inject
  ActorRegistry(@All List<Actor<?>> actors) {
    for (var actor : actors) {
      if (actor.enabled()) {
        var behaviour = actor.behaviour();
        if (types.put(behaviour.type(), behaviour) != null) {
          throw new IllegalArgumentException("two actors are of type " + behaviour.type());
        }
      }
    }
  }

  Optional<Behaviour<?>> find(String type) {
    return Optional.ofNullable(types.get(type));
  }

  Set<String> types() {
    return Set.copyOf(types.keySet());
  }
}
