package dev.sallyport.data.actor;

import dev.sallyport.data.actor.Change.Reply;
import dev.sallyport.data.actor.Change.Settled;
import dev.sallyport.data.platform.GroupCommit;
import dev.sallyport.data.platform.Postgres;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Writes what actors did: state, alarms and replies of many in one statement, each only as far as
 * its row still has the fence that it was done under. Thread-safe.
 */
@Singleton
class KeepSql {
  private static final int BATCH_MAX = 256;
  private static final int QUEUE_MAX = 10_000;

  /** For so long a call with the same key is answered the same. */
  private static final Duration REPLIES_KEPT = Duration.ofHours(24);

  /** For so long an answer waits for its caller: longer than that one does. */
  private static final Duration ANSWERS_KEPT = Actors.WITHIN_MAX.multipliedBy(2);

  private static final String CHANGES =
      """
      WITH held AS (
        UPDATE actor.actor AS mine SET state = coalesce(c.state, mine.state)
          FROM unnest($1::bigint[], $2::bigint[], $3::text[]) AS c(pk, fence, state)
          WHERE mine.pk = c.pk AND mine.fence = c.fence AND mine.owner IS NOT NULL
          RETURNING mine.pk),
      asleep AS (
        DELETE FROM actor.alarm AS alarm
          USING unnest($4::bigint[], $5::text[], $6::bigint[]) AS a(pk, name, millis)
          WHERE alarm.actor = a.pk AND alarm.name = a.name AND a.millis IS NULL
            AND a.pk IN (SELECT pk FROM held)),
      awake AS (
        INSERT INTO actor.alarm (actor, name, due_at)
          SELECT pk, name, clock_timestamp() + make_interval(secs => millis / 1000.0)
          FROM unnest($4::bigint[], $5::text[], $6::bigint[]) AS a(pk, name, millis)
          WHERE millis IS NOT NULL AND pk IN (SELECT pk FROM held)
          ON CONFLICT (actor, name) DO UPDATE SET due_at = excluded.due_at, attempt = 0),
      answered AS (
        INSERT INTO actor.reply (actor, principal, key, hash, reply, keep_until)
          SELECT pk, principal, key, hash, reply, clock_timestamp() + make_interval(secs => $12)
          FROM unnest($7::bigint[], $8::text[], $9::text[], $10::bytea[], $11::text[])
            AS r(pk, principal, key, hash, reply)
          WHERE pk IN (SELECT pk FROM held)
          -- Only one whose time is over is there already.
          ON CONFLICT (actor, principal, key) DO UPDATE
            SET hash = excluded.hash, reply = excluded.reply, keep_until = excluded.keep_until)\
      """;

  private static final String KEEP = CHANGES + " SELECT pk FROM held";

  /** The same, for calls that came as rows: those go, or are tried again, in the same commit. */
  private static final String KEEP_SETTLED =
      CHANGES
          + """
          ,
          settled AS (
            SELECT * FROM unnest($13::bigint[], $14::bigint[], $15::bigint[], $16::bigint[],
                $17::text[], $18::text[], $19::bigint[])
              AS s(actor, pk, caller, ticket, outcome, told, millis)
              WHERE actor IN (SELECT pk FROM held)),
          gone AS (
            DELETE FROM actor.message USING settled
              WHERE message.pk = settled.pk AND outcome NOT IN ('again', 'dead')),
          stays AS (
            UPDATE actor.message SET placed = NULL, attempt = attempt + 1, error = told,
                due_at = clock_timestamp() + make_interval(secs => millis / 1000.0),
                dead_at = CASE WHEN outcome = 'dead' THEN clock_timestamp() END
              FROM settled WHERE message.pk = settled.pk AND outcome IN ('again', 'dead')),
          told AS (
            INSERT INTO actor.answer (caller, ticket, outcome, told, keep_until)
              SELECT caller, ticket, outcome, told, clock_timestamp() + make_interval(secs => $20)
              FROM settled WHERE caller IS NOT NULL
              ON CONFLICT DO NOTHING),
          rung AS MATERIALIZED (
            SELECT pg_notify('actor_answer', caller::text)
              FROM (SELECT DISTINCT caller FROM settled WHERE caller IS NOT NULL) AS callers)
          SELECT pk, (SELECT count(*) FROM rung) FROM held\
          """;

  /** A thousand at a time; nobody waits for another who does the same. */
  private static final String FORGET_REPLIES =
      """
      DELETE FROM actor.reply WHERE (actor, principal, key) IN (
        SELECT actor, principal, key FROM actor.reply
          WHERE keep_until <= clock_timestamp()
          ORDER BY keep_until LIMIT 1000 FOR UPDATE SKIP LOCKED)\
      """;

  private final Postgres postgres;
  private final Transactions transactions;
  private final GroupCommit<Change, Boolean> changes;

  @Inject
  KeepSql(Vertx vertx, Postgres postgres, Transactions transactions, MeterRegistry metrics) {
    this.postgres = postgres;
    this.transactions = transactions;
    this.changes =
        new GroupCommit<>(
            GroupCommit.on(vertx),
            this::keepAll,
            failure -> failure instanceof StatementRefused,
            Change::pk,
            DistributionSummary.builder("sallyport.actor.flush.actors")
                .description("Actors whose changes were committed in one statement")
                .register(metrics),
            BATCH_MAX,
            QUEUE_MAX,
            change -> ActorError.overloaded());
  }

  /** Commits; false where the fence was lost and nothing was. Does not block. */
  CompletionStage<Boolean> keep(Change change) {
    return changes.write(change);
  }

  /** The same as the last statement of a transaction. Blocks. */
  boolean keep(Tx tx, Change change) {
    var one = List.of(change);
    return tx.execute(statement(one), values(one)).rowCount() == 1;
  }

  /**
   * Of two changes of one actor, which are of two lives of it here, the older one has lost its
   * fence already: the statement knows actors, and would take the one for the other.
   */
  private Future<List<Boolean>> keepAll(List<Change> all) {
    var newest = new HashMap<Long, Change>();
    for (var change : all) {
      newest.merge(change.pk(), change, (one, other) -> other.fence() >= one.fence() ? other : one);
    }
    var changes = List.copyOf(newest.values());
    return postgres
        .execute(statement(changes), values(changes))
        .map(rows -> {
          var held = pks(rows);
          return all.stream()
              .map(change -> held.contains(change.pk()) && isNewest(change, newest))
              .toList();
        });
  }

  private static boolean isNewest(Change change, Map<Long, Change> newest) {
    var last = newest.get(change.pk());
    return last != null && last.fence() == change.fence();
  }

  private static Set<Long> pks(RowSet<Row> rows) {
    var pks = HashSet.<Long>newHashSet(rows.size());
    for (var row : rows) {
      pks.add(row.getLong(0));
    }
    return pks;
  }

  private static String statement(List<Change> all) {
    return all.stream().allMatch(change -> change.settled().isEmpty()) ? KEEP : KEEP_SETTLED;
  }

  private static Tuple values(List<Change> all) {
    var alarmOf = new ArrayList<Long>();
    var alarmName = new ArrayList<String>();
    var alarmIn = new ArrayList<Long>();
    var replyOf = new ArrayList<Long>();
    var replies = new ArrayList<Reply>();
    for (var change : all) {
      change
          .alarms()
          .forEach((name, time) -> {
            alarmOf.add(change.pk());
            alarmName.add(name);
            alarmIn.add(time == null ? null : time.toMillis());
          });
      for (var reply : change.replies()) {
        replyOf.add(change.pk());
        replies.add(reply);
      }
    }
    var values = new ArrayList<@Nullable Object>();
    Collections.addAll(
        values,
        all.stream().map(Change::pk).toArray(Long[]::new),
        all.stream().map(Change::fence).toArray(Long[]::new),
        all.stream().map(Change::state).toArray(String[]::new),
        alarmOf.toArray(Long[]::new),
        alarmName.toArray(String[]::new),
        alarmIn.toArray(Long[]::new),
        replyOf.toArray(Long[]::new),
        replies.stream().map(Reply::principal).toArray(String[]::new),
        replies.stream().map(Reply::key).toArray(String[]::new),
        replies.stream().map(reply -> Buffer.buffer(reply.hash())).toArray(Buffer[]::new),
        replies.stream().map(Reply::json).toArray(String[]::new),
        (double) REPLIES_KEPT.toSeconds());
    addSettled(values, all);
    return Tuple.from(values);
  }

  /** Nothing where there is none, for the statement that has none. */
  private static void addSettled(List<@Nullable Object> values, List<Change> all) {
    var actors = new ArrayList<Long>();
    var rows = new ArrayList<Settled>();
    for (var change : all) {
      for (var row : change.settled()) {
        actors.add(change.pk());
        rows.add(row);
      }
    }
    if (!rows.isEmpty()) {
      Collections.addAll(
          values,
          actors.toArray(Long[]::new),
          rows.stream().map(Settled::message).toArray(Long[]::new),
          rows.stream().map(Settled::caller).toArray(Long[]::new),
          rows.stream().map(Settled::ticket).toArray(Long[]::new),
          rows.stream().map(row -> row.outcome().word()).toArray(String[]::new),
          rows.stream().map(Settled::told).toArray(String[]::new),
          rows.stream().map(row -> row.pause().toMillis()).toArray(Long[]::new),
          (double) ANSWERS_KEPT.toSeconds());
    }
  }

  /** Removes replies whose time is over. Blocks. */
  int forgetReplies() {
    return transactions.execute(FORGET_REPLIES).rowCount();
  }
}
