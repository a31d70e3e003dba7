package dev.sallyport.data.room;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the members of a room share: as it is committed, and as it will be once what is on its way
 * has been. Confined to the room's event loop.
 */
final class Shared {
  static final int KEYS_MAX = 1_000;

  /** Keys and values together, in characters: each who enters gets all of it. */
  static final int CHARS_MAX = 256 * 1024;

  /** JSON, and how often it was set. Immutable. */
  record Value(String json, long version) {}

  private final RoomMemory memory;
  private final Map<String, Value> committed;
  private final Map<String, Value> coming;
  private long chars;

  /**
   * @param memory told how much this keeps
   */
  Shared(Map<String, Value> committed, RoomMemory memory) {
    this.memory = memory;
    this.committed = new HashMap<>(committed);
    this.coming = new HashMap<>(committed);
    committed.forEach((key, value) -> grow(key.length() + value.json().length()));
  }

  private void grow(long by) {
    chars += by;
    memory.add(by);
  }

  /** Keeps nothing any more. */
  void close() {
    grow(-chars);
  }

  /** As all may see it. */
  Map<String, Value> committed() {
    return committed;
  }

  /** The version that a key will have; 0 for none. */
  long version(String key) {
    var value = coming.get(key);
    return value == null ? 0 : value.version();
  }

  /** Sets it, to be {@link #commit}ted; null where that is too much. */
  @Nullable Value set(String key, String json) {
    var before = coming.get(key);
    long more =
        before == null
            ? key.length() + json.length()
            : (long) json.length() - before.json().length();
    if ((before == null && coming.size() >= KEYS_MAX) || chars + more > CHARS_MAX) {
      return null;
    }
    grow(more);
    var value = new Value(json, version(key) + 1);
    coming.put(key, value);
    return value;
  }

  void commit(String key, Value value) {
    committed.put(key, value);
  }
}
