package dev.sallyport.data.workflow;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run that this worker may execute, with all that it has recorded. Immutable.
 *
 * @param owner this worker's incarnation
 * @param fence what every write is made under
 * @param recoveries from how many dead workers it was taken since it last got on
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
    int recoveries,
    Instant now,
    List<Entry> entries,
    Ledger.Inbox inbox) {
  Claim {
    entries = List.copyOf(entries);
  }

  /** The same with what was recorded, and what has come, in the meantime loaded. */
  Claim with(List<Entry> recorded, List<Ledger.Arrival> arrivals) {
    return new Claim(
        run,
        type,
        id,
        version,
        generation,
        principal,
        params,
        parent,
        owner,
        fence,
        recoveries,
        now,
        recorded,
        new Ledger.Inbox(inbox.seen(), arrivals));
  }

  /** Whom its end concerns. */
  Ledger.@Nullable Parent told() {
    return parent == null ? null : new Ledger.Parent(parent, id);
  }
}
