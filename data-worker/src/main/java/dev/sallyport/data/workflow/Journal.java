package dev.sallyport.data.workflow;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * What a run had recorded when it was loaded, and what of it the code has asked for. Thread-safe.
 */
final class Journal {
  private final Map<Position, Entry> entries;
  private final Set<Position> asked = ConcurrentHashMap.newKeySet();

  Journal(List<Entry> recorded) {
    entries = HashMap.newHashMap(recorded.size());
    recorded.forEach(entry -> entries.put(entry.at(), entry));
  }

  int size() {
    return entries.size();
  }

  /**
   * What was recorded where the code now asks for something.
   *
   * @return null when it comes here for the first time
   * @throws WorkflowError {@code DIVERGED} when that was something else
   */
  @Nullable Entry recall(Position at, Entry.Kind kind, String key) {
    var entry = entries.get(at);
    if (entry != null && (entry.kind() != kind || !entry.key().equals(key))) {
      throw WorkflowError.diverged(at, describe(entry.kind(), entry.key()), describe(kind, key));
    }
    if (entry != null) {
      asked.add(at);
    }
    return entry;
  }

  /**
   * To be called when the code has come to its end.
   *
   * @throws WorkflowError {@code DIVERGED} when more was recorded than it asked for
   */
  void requireAllAsked() {
    for (var entry : entries.values()) {
      if (!asked.contains(entry.at())) {
        throw WorkflowError.divergedAtTheEnd(entry.at(), describe(entry.kind(), entry.key()));
      }
    }
  }

  /** Whether that very thing was recorded here; anything else leaves the place to what follows. */
  boolean has(Position at, Entry.Kind kind, String key) {
    var entry = entries.get(at);
    boolean same = entry != null && entry.kind() == kind && entry.key().equals(key);
    if (same) {
      asked.add(at);
    }
    return same;
  }

  /** Whether the code has been past this place before. */
  boolean isKnown(Position at) {
    return entries.containsKey(at);
  }

  private static String describe(Entry.Kind kind, String key) {
    return kind.wire() + " '" + key + "'";
  }
}
