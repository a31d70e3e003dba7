package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.Postgres;
import dev.sallyport.data.platform.Tx;
import dev.sallyport.data.workflow.Ledger.NewRun;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
    return postgres
        .execute(INSERT, values(starts))
        .map(rows -> {
          var made = HashMap.<List<String>, Made>newHashMap(rows.size());
          for (var row : rows) {
            made.put(
                List.of(row.getString("type"), row.getString("id")),
                new Made(row.getLong("pk"), row.getOffsetDateTime("created_at").toInstant()));
          }
          return answers(starts, made);
        });
  }

  /** Of two with one id in the same statement only the first was made. */
  private static List<@Nullable Made> answers(List<Start> starts, Map<List<String>, Made> made) {
    var answers = new ArrayList<@Nullable Made>(starts.size());
    for (var start : starts) {
      answers.add(made.remove(List.of(start.run().type(), start.run().id())));
    }
    return answers;
  }

  /**
   * Makes a run that some worker will begin, as part of a transaction.
   *
   * @return whether its id was free
   */
  boolean insertQueued(Tx tx, NewRun run) {
    var values = values(List.of(new Start(run, null, null)));
    @Nullable Object[] array = new @Nullable Object[values.size()];
    Arrays.setAll(array, values::getValue);
    return tx.execute(INSERT, array).rowCount() == 1;
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
