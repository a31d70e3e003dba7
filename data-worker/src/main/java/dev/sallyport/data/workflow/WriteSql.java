package dev.sallyport.data.workflow;

import static java.time.ZoneOffset.UTC;

import dev.sallyport.data.platform.Postgres;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.Tx;
import dev.sallyport.data.workflow.Ledger.Change;
import dev.sallyport.data.workflow.Ledger.Next;
import dev.sallyport.data.workflow.Ledger.Outcome;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What executions write: changes of runs under their fences, many in a statement. */
@Singleton
class WriteSql {
  /**
   * Changes of any number of runs, each at most once. A run whose fence is another by now is left
   * out, and nothing of its change is written; the answer has the others. The comparison locks the
   * run's row, and there is no later statement in its transaction.
   */
  private static final String WRITE =
      """
      WITH change AS (
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[], $5::text[],
            $6::timestamptz[], $7::text[], $8::bigint[], $9::text[], $10::text[])
          AS c (run, fence, entries, next, status, due_at, why, seen, output, error)
      ), held AS (
        UPDATE workflow.run r SET
          seq = r.seq + c.entries + CASE WHEN c.next = 'go' THEN 0 ELSE 1 END,
          status = CASE WHEN c.next = 'end' THEN c.status
            WHEN c.next = 'wait' AND r.arrived <= c.seen THEN 'waiting' ELSE r.status END,
          owner = CASE WHEN c.next = 'end' OR (c.next = 'wait' AND r.arrived <= c.seen) THEN NULL
            ELSE r.owner END,
          due_at = CASE WHEN c.next = 'wait' AND r.arrived <= c.seen THEN c.due_at END,
          waiting_for = CASE WHEN c.next = 'wait' AND r.arrived <= c.seen THEN c.why END,
          output = c.output,
          error = c.error,
          recoveries = CASE WHEN c.entries > 0 THEN 0 ELSE r.recoveries END,
          updated_at = clock_timestamp()
        FROM change c
        WHERE r.pk = c.run AND r.fence = c.fence AND r.status = 'running'
        RETURNING r.pk, r.generation, r.status,
          r.seq - c.entries - CASE WHEN c.next = 'go' THEN 0 ELSE 1 END AS base
      ), written AS (
        INSERT INTO workflow.entry (run, generation, branch, ordinal, kind, key, status, attempts,
          result, shape, error, due_at, started_at, ended_at, seq)
        SELECT e.run, h.generation, e.branch, e.ordinal, e.kind, e.key, e.status, e.attempts,
          e.result, e.shape, e.error, e.due_at, e.started_at, e.ended_at, h.base + e.nth
        FROM unnest($11::bigint[], $12::int[], $13::text[], $14::int[], $15::text[], $16::text[],
            $17::text[], $18::int[], $19::text[], $20::text[], $21::text[], $22::timestamptz[],
            $23::timestamptz[], $24::timestamptz[])
          AS e (run, nth, branch, ordinal, kind, key, status, attempts, result, shape, error,
            due_at, started_at, ended_at)
        JOIN held h ON h.pk = e.run
        ON CONFLICT (run, generation, branch, ordinal) DO UPDATE SET
          status = excluded.status, attempts = excluded.attempts, result = excluded.result,
          shape = excluded.shape, error = excluded.error, due_at = excluded.due_at,
          ended_at = excluded.ended_at, seq = excluded.seq
      ), consumed AS (
        DELETE FROM workflow.arrival a
        USING unnest($25::bigint[], $26::bigint[]) AS d (run, number), held h
        WHERE h.pk = d.run AND a.run = d.run AND a.number = d.number
      )
      SELECT pk, status FROM held
      """;

  private final Postgres postgres;
  private final Payloads payloads;

  @Inject
  WriteSql(Postgres postgres, Payloads payloads) {
    this.postgres = postgres;
    this.payloads = payloads;
  }

  /** Whether Postgres said no to what was to be written, so that it was not. */
  static boolean isRefusal(Throwable failure) {
    return failure instanceof StatementRefused;
  }

  /** Writes changes in one statement, which is one transaction; one outcome for each, in order. */
  Future<List<Outcome>> write(List<Change> changes) {
    var merged = merge(changes);
    return postgres
        .execute(WRITE, values(merged))
        .map(rows -> {
          var held = held(rows);
          return changes.stream().map(change -> outcome(change, held)).toList();
        });
  }

  /** Writes one change at the end of a transaction. */
  Outcome write(Tx tx, Change change) {
    return outcome(change, held(tx.execute(WRITE, values(List.of(change)))));
  }

  private static Map<Long, String> held(RowSet<Row> rows) {
    var held = HashMap.<Long, String>newHashMap(rows.size());
    for (var row : rows) {
      held.put(row.getLong(0), row.getString(1));
    }
    return held;
  }

  private static Outcome outcome(Change change, Map<Long, String> held) {
    var status = held.get(change.run());
    if (status == null) {
      return Outcome.FENCE_LOST;
    }
    return change.next() instanceof Next.Wait && status.equals(RunStatus.RUNNING.wire())
        ? Outcome.WRITTEN_WITH_NEWS
        : Outcome.WRITTEN;
  }

  /** A run that gave several changes is written once: all entries, and what became of it last. */
  private static List<Change> merge(List<Change> changes) {
    var byRun = LinkedHashMap.<Long, Change>newLinkedHashMap(changes.size());
    for (var change : changes) {
      byRun.merge(change.run(), change, WriteSql::merge);
    }
    return List.copyOf(byRun.values());
  }

  private static Change merge(Change earlier, Change later) {
    if (earlier.fence() > later.fence()) {
      return earlier;
    }
    if (earlier.fence() < later.fence()) {
      return later;
    }
    var entries = new LinkedHashMap<Position, Entry>();
    earlier.entries().forEach(entry -> entries.put(entry.at(), entry));
    later.entries().forEach(entry -> entries.put(entry.at(), entry));
    var consumed = new ArrayList<>(earlier.consumed());
    consumed.addAll(later.consumed());
    return new Change(
        later.run(),
        later.fence(),
        later.generation(),
        List.copyOf(entries.values()),
        consumed,
        later.next());
  }

  private record Written(long run, int nth, Entry entry) {}

  private Tuple values(List<Change> changes) {
    var entries = new ArrayList<Written>();
    var runs = new ArrayList<Long>();
    var numbers = new ArrayList<Long>();
    for (var change : changes) {
      int nth = 0;
      for (var entry : change.entries()) {
        nth++;
        entries.add(new Written(change.run(), nth, entry));
      }
      for (var number : change.consumed()) {
        runs.add(change.run());
        numbers.add(number);
      }
    }
    var values = Tuple.tuple(new ArrayList<>(26));
    addRuns(values, changes);
    addEntries(values, entries);
    values.addArrayOfLong(runs.toArray(Long[]::new));
    values.addArrayOfLong(numbers.toArray(Long[]::new));
    return values;
  }

  private void addRuns(Tuple values, List<Change> changes) {
    values.addArrayOfLong(Columns.longs(changes, Change::run));
    values.addArrayOfLong(Columns.longs(changes, Change::fence));
    values.addArrayOfInteger(Columns.ints(changes, change -> change.entries().size()));
    values.addArrayOfString(Columns.texts(changes, change -> word(change.next())));
    values.addArrayOfString(
        Columns.texts(
            changes, change -> change.next() instanceof Next.End end ? end.status().wire() : null));
    values.addArrayOfOffsetDateTime(
        times(
            changes.stream()
                .map(change -> change.next() instanceof Next.Wait wait ? wait.until() : null)
                .toList()));
    values.addArrayOfString(
        Columns.texts(
            changes, change -> change.next() instanceof Next.Wait wait ? wait.why() : null));
    values.addArrayOfLong(
        Columns.longs(
            changes, change -> change.next() instanceof Next.Wait wait ? wait.seen() : 0L));
    values.addArrayOfString(
        Columns.texts(
            changes, change -> change.next() instanceof Next.End end ? end.output() : null));
    values.addArrayOfString(
        Columns.texts(
            changes, change -> change.next() instanceof Next.End end ? json(end.error()) : null));
  }

  private static String word(Next next) {
    return switch (next) {
      case Next.GoOn() -> "go";
      case Next.Wait wait -> "wait";
      case Next.End end -> "end";
    };
  }

  private void addEntries(Tuple values, List<Written> rows) {
    values.addArrayOfLong(Columns.longs(rows, Written::run));
    values.addArrayOfInteger(Columns.ints(rows, Written::nth));
    values.addArrayOfString(Columns.texts(rows, row -> row.entry().at().branch()));
    values.addArrayOfInteger(Columns.ints(rows, row -> row.entry().at().ordinal()));
    values.addArrayOfString(Columns.texts(rows, row -> row.entry().kind().wire()));
    values.addArrayOfString(Columns.texts(rows, row -> row.entry().key()));
    values.addArrayOfString(Columns.texts(rows, row -> row.entry().status().wire()));
    values.addArrayOfInteger(Columns.ints(rows, row -> row.entry().attempts()));
    values.addArrayOfString(Columns.texts(rows, row -> row.entry().result()));
    values.addArrayOfString(Columns.texts(rows, row -> row.entry().shape()));
    values.addArrayOfString(Columns.texts(rows, row -> json(row.entry().error())));
    values.addArrayOfOffsetDateTime(times(rows.stream().map(row -> row.entry().dueAt()).toList()));
    values.addArrayOfOffsetDateTime(
        times(rows.stream().map(row -> row.entry().startedAt()).toList()));
    values.addArrayOfOffsetDateTime(
        times(rows.stream().map(row -> row.entry().endedAt()).toList()));
  }

  private static @Nullable OffsetDateTime[] times(List<? extends @Nullable Instant> moments) {
    @Nullable OffsetDateTime[] column = new @Nullable OffsetDateTime[moments.size()];
    for (int i = 0; i < column.length; i++) {
      var moment = moments.get(i);
      column[i] = moment == null ? null : moment.atOffset(UTC);
    }
    return column;
  }

  private @Nullable String json(@Nullable ErrorNote error) {
    return error == null ? null : note(error);
  }

  /** A failure as it is kept. */
  String note(ErrorNote error) {
    return payloads.json(error);
  }
}
