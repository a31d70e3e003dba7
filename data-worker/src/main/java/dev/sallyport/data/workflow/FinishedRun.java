package dev.sallyport.data.workflow;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The end of a run, as the one who executed it knows it. Immutable.
 *
 * @param output JSON, of one that is complete
 * @param error JSON, of one that is errored
 * @param at when it was committed
 * @param entries all it has recorded, in the order in which they were recorded; null where they
 *     must be looked up
 */
record FinishedRun(
    RunStatus status,
    @Nullable String output,
    @Nullable String error,
    Instant at,
    @Nullable List<Entry> entries) {
  FinishedRun {
    entries = entries == null ? null : List.copyOf(entries);
  }
}
