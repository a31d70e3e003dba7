package dev.sallyport.data.rpc;

import java.util.List;

/** What came. Immutable. */
sealed interface Incoming {
  /** It is not JSON. */
  record Broken() implements Incoming {}

  /** A batch of more entries than are taken. */
  record TooMany() implements Incoming {}

  record Single(Entry entry) implements Incoming {}

  /**
   * A batch.
   *
   * @param entries at least one
   */
  record Batch(List<Entry> entries) implements Incoming {
    public Batch {
      entries = List.copyOf(entries);
    }
  }
}
