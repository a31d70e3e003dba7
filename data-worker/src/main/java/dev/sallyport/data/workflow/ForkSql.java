package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.Tx;
import jakarta.inject.Singleton;
import java.util.List;

/** Makes a run from the beginning of another. Blocks. */
@Singleton
class ForkSql {
  /** The entries that a name means: in the run itself, or with the branch before it. */
  private static final String NAMED =
      """
      SELECT branch, ordinal, seq FROM workflow.entry
      WHERE run = $1 AND generation = $2 AND kind <> 'undo'
        AND (key = $3 OR branch || '/' || key = $3)
      ORDER BY branch <> '', branch || '/' || key <> $3, seq\
      """;

  private static final String MAKE =
      """
      INSERT INTO workflow.run (type, id, version, principal, status, priority, due_at, params, seq)
      SELECT type, $2, version, $3, 'queued', priority, now(), params, $4
      FROM workflow.run WHERE pk = $1
      RETURNING pk\
      """;

  /**
   * What is over and comes before a place: in its own branch what the code asked for earlier, in
   * others what was recorded earlier. A branch goes on only when the ones it waits for are over, so
   * of each branch this is a beginning.
   */
  private static final String COPY =
      """
      INSERT INTO workflow.entry (run, generation, branch, ordinal, kind, key, status, attempts,
        result, shape, error, due_at, started_at, ended_at, seq)
      SELECT $1, 1, branch, ordinal, kind, key, status, attempts,
        result, shape, error, due_at, started_at, ended_at, seq
      FROM workflow.entry
      WHERE run = $2 AND generation = $3 AND status IN ('done', 'failed') AND kind <> 'undo'
        AND CASE WHEN branch = $4 THEN ordinal < $5 ELSE seq < $6 END\
      """;

  /** A named entry. */
  record Named(Position at, long seq) {}

  /** What a name means, the best first; empty when nothing is called so. */
  List<Named> named(Tx tx, ControlSql.Held run, String step) {
    return RunSql.all(
        tx.execute(NAMED, run.pk(), run.generation(), step),
        row ->
            new Named(
                new Position(row.getString("branch"), row.getInteger("ordinal")),
                row.getLong("seq")));
  }

  /** Makes the run, queued, with the entries before; gives its key. */
  long fork(Tx tx, ControlSql.Held from, Named step, String id, String principal) {
    long made =
        tx.execute(MAKE, from.pk(), id, principal, step.seq() + 1).iterator().next().getLong(0);
    tx.execute(
        COPY,
        made,
        from.pk(),
        from.generation(),
        step.at().branch(),
        step.at().ordinal(),
        step.seq());
    return made;
  }
}
