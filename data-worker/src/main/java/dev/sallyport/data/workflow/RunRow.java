package dev.sallyport.data.workflow;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A run as it stands in its table. Immutable.
 *
 * @param waitingFor JSON, as its last execution left it
 * @param params JSON
 * @param output JSON, once complete
 * @param error JSON, once errored
 * @param seq the number of its last change
 * @param generationSeq the number of the first change of this generation
 */
record RunRow(
    long pk,
    String type,
    String id,
    int version,
    int generation,
    String principal,
    RunStatus status,
    String params,
    @Nullable String output,
    @Nullable String error,
    @Nullable String waitingFor,
    long seq,
    long generationSeq,
    Instant createdAt,
    Instant updatedAt) {
  /** A run that was just made. */
  static RunRow begun(Ledger.NewRun run, long pk, RunStatus status, Instant createdAt) {
    return new RunRow(
        pk,
        run.type(),
        run.id(),
        run.version(),
        1,
        run.principal(),
        status,
        run.params(),
        null,
        null,
        null,
        1,
        1,
        createdAt,
        createdAt);
  }
}
