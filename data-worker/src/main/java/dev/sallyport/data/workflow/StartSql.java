package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.Postgres;
import dev.sallyport.data.platform.Tx;
import dev.sallyport.data.workflow.Ledger.NewRun;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How runs come into being. */
@Singleton
class StartSql {
  /**
   * New runs; one whose id or idempotency key is in use is left out. A run with an owner is claimed
   * by it from the beginning.
   */
  private static final String INSERT =
      """
      INSERT INTO workflow.run (type, id, version, principal, params, priority, parent,
        status, owner, due_at, idempotency_key, idempotency_hash)
      SELECT n.type, n.id, n.version, n.principal, n.params, n.priority, n.parent,
        CASE WHEN n.owner IS NULL THEN 'queued' ELSE 'running' END, n.owner,
        CASE WHEN n.owner IS NULL THEN now() END, n.key, n.hash
      FROM unnest($1::text[], $2::text[], $3::int[], $4::text[], $5::text[], $6::int[],
          $7::bigint[], $8::bigint[], $9::text[], $10::text[])
        AS n (type, id, version, principal, params, priority, parent, owner, key, hash)
      ON CONFLICT DO NOTHING
      RETURNING pk, type, id, created_at
      """;

  /** Who is in the way of a new run: the one with its key first. */
  private static final String IN_THE_WAY =
      """
      SELECT pk, idempotency_hash FROM workflow.run
      WHERE principal = $2 AND type = $1 AND idempotency_key = $3
      """;

  private static final String IS_GOING =
      """
      SELECT 1 FROM workflow.run WHERE type = $1 AND id = $2
        AND status NOT IN ('complete', 'errored', 'terminated')
      """;

  /**
   * One run to be made.
   *
   * @param owner the incarnation that begins it at once, or null to queue it
   */
  record Start(NewRun run, @Nullable Long owner, @Nullable Idempotency idempotency) {}

  /** One run that was made. */
  record Made(long run, Instant createdAt) {}

  /** An earlier run under the same key. */
  record Earlier(long run, boolean sameRequest) {}

  private final Postgres postgres;

  @Inject
  StartSql(Postgres postgres) {
    this.postgres = postgres;
  }

  /** One answer for each, in order; null for those that were left out. Does not block. */
  Future<List<@Nullable Made>> insert(List<Start> starts) {
    return postgres.execute(INSERT, values(starts)).map(rows -> answers(starts, rows));
  }

  /** Of two with one id in the same statement only the first was made. */
  private static List<@Nullable Made> answers(List<Start> starts, RowSet<Row> rows) {
    var made = HashMap.<List<String>, Made>newHashMap(rows.size());
    for (var row : rows) {
      made.put(
          List.of(row.getString("type"), row.getString("id")),
          new Made(row.getLong("pk"), row.getOffsetDateTime("created_at").toInstant()));
    }
    var answers = new ArrayList<@Nullable Made>(starts.size());
    for (var start : starts) {
      answers.add(made.remove(List.of(start.run().type(), start.run().id())));
    }
    return answers;
  }

  /**
   * Makes runs that some worker will begin, as part of a transaction.
   *
   * @return one answer for each, in order; null for those whose ids are in use
   */
  List<@Nullable Made> insertQueued(Tx tx, List<NewRun> runs) {
    var starts = runs.stream().map(run -> new Start(run, null, null)).toList();
    return answers(starts, tx.execute(INSERT, values(starts)));
  }

  boolean isGoing(Tx tx, String type, String id) {
    return tx.execute(IS_GOING, type, id).rowCount() == 1;
  }

  /** The run that an idempotency key has made before; null when there is none. Does not block. */
  Future<@Nullable Earlier> earlier(NewRun run, Idempotency idempotency) {
    return postgres
        .execute(IN_THE_WAY, Tuple.of(run.type(), run.principal(), idempotency.key()))
        .map(rows -> {
          for (var row : rows) {
            return new Earlier(
                row.getLong("pk"), idempotency.hash().equals(row.getString("idempotency_hash")));
          }
          return null;
        });
  }

  private static Tuple values(List<Start> starts) {
    return Tuple.tuple(new ArrayList<>(10))
        .addArrayOfString(Columns.texts(starts, start -> start.run().type()))
        .addArrayOfString(Columns.texts(starts, start -> start.run().id()))
        .addArrayOfInteger(Columns.ints(starts, start -> start.run().version()))
        .addArrayOfString(Columns.texts(starts, start -> start.run().principal()))
        .addArrayOfString(Columns.texts(starts, start -> start.run().params()))
        .addArrayOfInteger(Columns.ints(starts, start -> start.run().priority()))
        .addArrayOfLong(Columns.longs(starts, start -> start.run().parent()))
        .addArrayOfLong(Columns.longs(starts, Start::owner))
        .addArrayOfString(
            Columns.texts(
                starts, start -> start.idempotency() == null ? null : start.idempotency().key()))
        .addArrayOfString(
            Columns.texts(
                starts, start -> start.idempotency() == null ? null : start.idempotency().hash()));
  }
}
