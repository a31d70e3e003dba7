package dev.sallyport.data.workflow;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run that this worker may execute, with all that it has recorded. Immutable.
 *
 * @param owner this worker's incarnation
 * @param fence what every write is made under
 * @param params JSON
 * @param now the database's time when it was claimed
 */
record Claim(
    long run,
    String type,
    String id,
    int version,
    int generation,
    String principal,
    String params,
    @Nullable Long parent,
    long owner,
    long fence,
    Instant now,
    List<Entry> entries,
    Ledger.Inbox inbox) {
  Claim {
    entries = List.copyOf(entries);
  }

  /** Whom its end concerns. */
  Ledger.@Nullable Parent told() {
    return parent == null ? null : new Ledger.Parent(parent, id);
  }
}
