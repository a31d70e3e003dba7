package dev.sallyport.data.workflow;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run has recorded from its beginning, as long as that is little: enough to tell whoever
 * waits for its end without asking the database. Thread-safe.
 */
final class Recollection {
  private static final int ENTRIES_MAX = 32;
  private static final int CHARS_MAX = 16 * 1024;

  private final Map<Position, Entry> entries = new LinkedHashMap<>();
  private int chars;
  private boolean whole;

  /**
   * @param whole whether it begins with the run's beginning
   */
  Recollection(boolean whole) {
    this.whole = whole;
  }

  /** One more, or the later state of one. */
  synchronized void add(Entry entry) {
    if (!whole) {
      return;
    }
    chars += entry.result() == null ? 0 : entry.result().length();
    if (chars > CHARS_MAX || entries.size() >= ENTRIES_MAX) {
      whole = false;
      entries.clear();
      return;
    }
    entries.remove(entry.at()); // its number is that of its last change
    entries.put(entry.at(), entry);
  }

  /** All, in the order of their last changes; null when that is too much. */
  synchronized @Nullable List<Entry> all() {
    return whole ? List.copyOf(entries.values()) : null;
  }
}
