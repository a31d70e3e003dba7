package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import dev.sallyport.data.workflow.Ledger.Arrival;
import dev.sallyport.data.workflow.Ledger.Inbox;
import io.vertx.sqlclient.Row;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What executions load: journals, and what has come for runs. Blocks. */
@Singleton
class JournalSql {
  /** What these runs have recorded in their present generations. */
  private static final String ENTRIES =
      """
      SELECT e.run, e.branch, e.ordinal, e.kind, e.key, e.status, e.attempts, e.result, e.shape,
        e.error, e.due_at, e.started_at, e.ended_at
      FROM unnest($1::bigint[], $2::int[]) AS c (run, generation)
      JOIN workflow.entry e ON e.run = c.run AND e.generation = c.generation
      """;

  /** What came for these runs, oldest first. */
  private static final String ARRIVALS =
      """
      SELECT run, number, name, payload, failed FROM workflow.arrival
      WHERE run = ANY($1::bigint[]) ORDER BY run, number
      """;

  private static final String ARRIVED = "SELECT arrived FROM workflow.run WHERE pk = $1";

  private static final String FENCE = "SELECT fence FROM workflow.run WHERE pk = $1";

  /**
   * Something comes for a run that is not over: it is numbered under the run's lock, and a run that
   * waits becomes ready.
   */
  private static final String DELIVER =
      """
      WITH receiver AS (
        UPDATE workflow.run SET
          arrived = arrived + 1,
          due_at = CASE WHEN status = 'waiting' THEN now() ELSE due_at END,
          waiting_for = CASE WHEN status = 'waiting' THEN NULL ELSE waiting_for END,
          seq = seq + CASE WHEN status = 'waiting' THEN 1 ELSE 0 END,
          status = CASE WHEN status = 'waiting' THEN 'queued' ELSE status END,
          updated_at = clock_timestamp()
        WHERE pk = $1 AND status IN ('queued', 'running', 'waiting', 'paused')
        RETURNING pk, arrived, status
      ), kept AS (
        INSERT INTO workflow.arrival (run, number, name, payload, failed)
        SELECT pk, arrived, $2, $3, $4 FROM receiver
      )
      SELECT pk, status,
        pg_notify('workflow', CASE status WHEN 'queued' THEN 'ready' ELSE 'news ' || pk END)
      FROM receiver WHERE status IN ('queued', 'running')
      """;

  /** A parent is locked before its child: the order in which they were made. */
  private static final String LOCK = "SELECT pk FROM workflow.run WHERE pk = $1 FOR NO KEY UPDATE";

  private final Transactions transactions;
  private final Payloads payloads;

  @Inject
  JournalSql(Transactions transactions, Payloads payloads) {
    this.transactions = transactions;
    this.payloads = payloads;
  }

  /** The journals of runs, each in its present generation. Blocks. */
  Map<Long, List<Entry>> entries(List<Claim> taken) {
    var journals = new HashMap<Long, List<Entry>>();
    var rows =
        transactions.execute(
            ENTRIES, Columns.longs(taken, Claim::run), Columns.ints(taken, Claim::generation));
    for (var row : rows) {
      journals.computeIfAbsent(row.getLong("run"), first -> new ArrayList<>()).add(entry(row));
    }
    return journals;
  }

  private Entry entry(Row row) {
    var error = row.getString("error");
    return new Entry(
        new Position(row.getString("branch"), row.getInteger("ordinal")),
        Entry.Kind.ofWire(row.getString("kind")),
        row.getString("key"),
        Entry.Status.ofWire(row.getString("status")),
        row.getInteger("attempts"),
        row.getString("result"),
        row.getString("shape"),
        error == null ? null : payloads.own(error, ErrorNote.class),
        instant(row, "due_at"),
        row.getOffsetDateTime("started_at").toInstant(),
        instant(row, "ended_at"));
  }

  private static @Nullable Instant instant(Row row, String column) {
    var time = row.getOffsetDateTime(column);
    return time == null ? null : time.toInstant();
  }

  /** What came for runs. Blocks. */
  Map<Long, List<Arrival>> arrivals(Collection<Long> runs) {
    var inboxes = new HashMap<Long, List<Arrival>>();
    for (var row : transactions.execute(ARRIVALS, (Object) runs.toArray(Long[]::new))) {
      inboxes
          .computeIfAbsent(row.getLong("run"), first -> new ArrayList<>())
          .add(
              new Arrival(
                  row.getLong("number"),
                  row.getString("name"),
                  row.getString("payload"),
                  row.getBoolean("failed")));
    }
    return inboxes;
  }

  /** Blocks. */
  Inbox inbox(long run) {
    // Counted first: what comes in between is news once more, not lost.
    var seen = transactions.execute(ARRIVED, run).iterator().next().getLong(0);
    return new Inbox(seen, arrivals(List.of(run)).getOrDefault(run, List.of()));
  }

  /** The fence of a run; 0 when there is no such run. Blocks. */
  long fence(long run) {
    for (var row : transactions.execute(FENCE, run)) {
      return row.getLong(0);
    }
    return 0;
  }

  /** Brings something to a run; nothing happens when that is over. */
  void deliver(Tx tx, long run, String name, String payload, boolean failed) {
    tx.execute(DELIVER, run, name, payload, failed);
  }

  void lock(Tx tx, long run) {
    tx.execute(LOCK, run);
  }
}
