package dev.sallyport.data.queue;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The ids that messages in memory have taken, each with the content that took it. Not thread-safe.
 */
final class HeldIds {
  private final Map<UUID, Long> pending = new HashMap<>();

  /** What was settled since the last intake: a look into Postgres may have missed it. */
  private final Map<UUID, Long> settledSince = new HashMap<>();

  /** Postgres is asked from now on: it knows all that was settled until now. */
  void look() {
    settledSince.clear();
  }

  void take(MessageKey key) {
    pending.put(key.id(), key.content());
  }

  /** It is in Postgres now. */
  void settled(MessageKey key) {
    pending.remove(key.id());
    settledSince.put(key.id(), key.content());
  }

  /** The content that has this id, or null. */
  @Nullable Long content(UUID id) {
    var held = pending.get(id);
    return held != null ? held : settledSince.get(id);
  }
}
