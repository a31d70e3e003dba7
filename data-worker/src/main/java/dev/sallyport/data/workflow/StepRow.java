package dev.sallyport.data.workflow;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An entry of a journal as clients see it. Immutable.
 *
 * @param branch as in {@link Position}
 * @param name with its occurrence
 * @param output JSON, once done
 * @param outputOmitted whether there is an output that was too much for this answer
 * @param error JSON, of a failure
 * @param seq the number of the change that wrote it last; 0 where nobody asks for it
 */
record StepRow(
    String branch,
    int ordinal,
    Entry.Kind kind,
    String name,
    Entry.Status status,
    int attempts,
    Instant startedAt,
    @Nullable Instant endedAt,
    @Nullable String output,
    boolean outputOmitted,
    @Nullable String error,
    long seq) {
  /** Entries in memory, their results to {@link RunSql#OUTPUT_BYTES_MAX} in all. */
  static List<StepRow> of(List<Entry> entries) {
    var steps = new ArrayList<StepRow>(entries.size());
    long bytes = 0;
    for (var entry : entries) {
      var result = entry.status() == Entry.Status.DONE ? entry.result() : null;
      bytes += result == null ? 0 : result.length();
      steps.add(of(entry, bytes <= RunSql.OUTPUT_BYTES_MAX ? result : null, result != null));
    }
    return steps;
  }

  /** A moment as Postgres keeps it. */
  static Instant kept(Instant moment) {
    return moment.truncatedTo(ChronoUnit.MICROS);
  }

  private static StepRow of(Entry entry, @Nullable String output, boolean hasOutput) {
    return new StepRow(
        entry.at().branch(),
        entry.at().ordinal(),
        entry.kind(),
        entry.key(),
        entry.status(),
        entry.attempts(),
        kept(entry.startedAt()),
        entry.endedAt() == null ? null : kept(entry.endedAt()),
        output,
        hasOutput && output == null,
        entry.error() == null ? null : RunView.error(entry.error()),
        0);
  }
}
