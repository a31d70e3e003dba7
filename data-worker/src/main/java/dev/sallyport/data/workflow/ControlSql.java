package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.Tx;
import io.vertx.sqlclient.Row;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is done to runs from outside, each within a transaction that locks the run first. Whatever
 * takes a run from its holder raises the fence. Blocks.
 */
@Singleton
class ControlSql {
  /** Children that are ended in one statement. */
  private static final int CHILDREN_MAX = 1000;

  private static final String PARENT =
      "SELECT pk, parent, principal FROM workflow.run WHERE type = $1 AND id = $2";

  private static final String LOCK =
      """
      SELECT pk, type, id, status, generation, parent, error FROM workflow.run
      WHERE pk = $1 FOR NO KEY UPDATE\
      """;

  /** Takes the run from whoever holds it. */
  private static final String SET =
      """
      UPDATE workflow.run SET owner = NULL, fence = fence + 1, seq = seq + 1, waiting_for = NULL,
        updated_at = clock_timestamp(), status = $2,
        due_at = CASE WHEN $2 = 'queued' THEN now() END\
      """;

  private static final String OF_RUN = " WHERE pk = $1";

  private static final String MOVE = SET + OF_RUN;

  /** For another try: what was counted against it is forgotten. */
  private static final String TRY_AGAIN =
      SET + ", error = NULL, output = NULL, recoveries = 0" + OF_RUN;

  private static final String BEGIN_ANEW =
      SET
          + """
          , error = NULL, output = NULL, recoveries = 0, generation = generation + 1,
            generation_seq = seq + 1\
          """
          + OF_RUN;

  private static final String FORGET_ARRIVALS = "DELETE FROM workflow.arrival WHERE run = $1";
  private static final String FORGET_ENTRIES = "DELETE FROM workflow.entry WHERE run = $1";

  /** Ends children that are not over, so many at a time; gives who was executed. */
  private static final String TERMINATE_CHILDREN =
      """
      UPDATE workflow.run SET owner = NULL, fence = fence + 1, seq = seq + 1, waiting_for = NULL,
        updated_at = clock_timestamp(), status = 'terminated', due_at = NULL
      FROM (
        SELECT pk AS child, status AS was FROM workflow.run
        WHERE parent = ANY($1::bigint[]) AND status IN ('queued', 'running', 'waiting', 'paused')
        ORDER BY pk LIMIT $2 FOR NO KEY UPDATE) AS theirs
      WHERE pk = child
      RETURNING pk, was = 'running'\
      """;

  private static final String NOTIFY =
      "SELECT pg_notify('" + ClaimSql.CHANNEL + "', said) FROM unnest($1::text[]) AS said";

  private static final String HAS_UNDO =
      """
      SELECT EXISTS (
        SELECT FROM workflow.entry WHERE run = $1 AND generation = $2 AND kind = 'undo')\
      """;

  /** The failed entries that nothing in their branch comes after. */
  private static final String LAST_FAILED =
      """
      SELECT e.branch, e.ordinal, e.key FROM workflow.entry e
      WHERE e.run = $1 AND e.generation = $2 AND e.status = 'failed' AND NOT EXISTS (
        SELECT FROM workflow.entry later
        WHERE later.run = e.run AND later.generation = e.generation AND later.branch = e.branch
          AND later.ordinal > e.ordinal)
      ORDER BY e.seq DESC\
      """;

  private static final String FORGET_ENTRY =
      """
      DELETE FROM workflow.entry
      WHERE run = $1 AND generation = $2 AND (branch, ordinal) IN (
        SELECT * FROM unnest($3::text[], $4::int[]))\
      """;

  /**
   * A run as its row says while it is locked.
   *
   * @param error JSON
   */
  record Held(
      long pk,
      String type,
      String id,
      RunStatus status,
      int generation,
      @Nullable Long parent,
      @Nullable String error) {}

  /** Where a run is found, before it is locked. */
  record Found(long pk, @Nullable Long parent, String principal) {}

  /** An entry that failed. */
  record Failed(Position at, String key) {}

  Optional<Found> find(Tx tx, String type, String id) {
    for (var row : tx.execute(PARENT, type, id)) {
      return Optional.of(
          new Found(row.getLong("pk"), row.getLong("parent"), row.getString("principal")));
    }
    return Optional.empty();
  }

  /** Locks a run; empty when it is gone. */
  Optional<Held> lock(Tx tx, long pk) {
    for (var row : tx.execute(LOCK, pk)) {
      return Optional.of(held(row));
    }
    return Optional.empty();
  }

  private static Held held(Row row) {
    return new Held(
        row.getLong("pk"),
        row.getString("type"),
        row.getString("id"),
        RunStatus.ofWire(row.getString("status")),
        row.getInteger("generation"),
        row.getLong("parent"),
        row.getString("error"));
  }

  void move(Tx tx, long pk, RunStatus to) {
    tx.execute(MOVE, pk, to.wire());
  }

  void tryAgain(Tx tx, long pk) {
    tx.execute(TRY_AGAIN, pk, RunStatus.QUEUED.wire());
  }

  /** A new generation: nothing of the one before is kept. */
  void beginAnew(Tx tx, long pk) {
    tx.execute(FORGET_ARRIVALS, pk);
    tx.execute(FORGET_ENTRIES, pk);
    tx.execute(BEGIN_ANEW, pk, RunStatus.QUEUED.wire());
  }

  /** What became of descendants. */
  record Terminated(List<Long> all, List<Long> executed) {}

  /** Ends all that are not over of a run's children and theirs, parents before children. */
  Terminated terminateChildren(Tx tx, long pk) {
    var all = new ArrayList<Long>();
    var executed = new ArrayList<Long>();
    var parents = List.of(pk);
    while (!parents.isEmpty()) {
      var children = new ArrayList<Long>();
      int found;
      do {
        var rows =
            tx.execute(TERMINATE_CHILDREN, parents.toArray(Long[]::new), (long) CHILDREN_MAX);
        found = rows.size();
        for (var row : rows) {
          children.add(row.getLong(0));
          if (row.getBoolean(1)) {
            executed.add(row.getLong(0));
          }
        }
      } while (found == CHILDREN_MAX);
      all.addAll(children);
      parents = children;
    }
    return new Terminated(all, executed);
  }

  /** Tells all workers when the transaction commits. */
  void tell(Tx tx, List<String> messages) {
    if (!messages.isEmpty()) {
      tx.execute(NOTIFY, (Object) messages.toArray(String[]::new));
    }
  }

  /** Whether a rollback has begun. */
  boolean hasUndo(Tx tx, Held run) {
    return tx.execute(HAS_UNDO, run.pk(), run.generation()).iterator().next().getBoolean(0);
  }

  /** The last entries of their branches that failed, the latest first. */
  List<Failed> lastFailed(Tx tx, Held run) {
    return RunSql.all(
        tx.execute(LAST_FAILED, run.pk(), run.generation()),
        row ->
            new Failed(
                new Position(row.getString("branch"), row.getInteger("ordinal")),
                row.getString("key")));
  }

  void forget(Tx tx, Held run, List<Position> entries) {
    var branches = entries.stream().map(Position::branch).toArray(String[]::new);
    var ordinals = entries.stream().map(Position::ordinal).toArray(Integer[]::new);
    tx.execute(FORGET_ENTRY, run.pk(), run.generation(), branches, ordinals);
  }

  /** The messages that a run was taken from its holder, and those of others. */
  static List<String> lost(List<Long> executed) {
    return executed.stream().map(pk -> ClaimSql.LOST + pk).toList();
  }

  static List<String> and(List<String> messages, String... more) {
    var all = new ArrayList<>(messages);
    all.addAll(Arrays.asList(more));
    return all;
  }
}
