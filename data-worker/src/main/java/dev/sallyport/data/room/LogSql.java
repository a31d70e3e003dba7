package dev.sallyport.data.room;

import dev.sallyport.data.actor.Tenant.Claim;
import dev.sallyport.data.platform.GroupCommit;
import dev.sallyport.data.platform.Postgres;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.Transactions;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The logs of rooms. Messages of many rooms are appended in one statement, each room's only as far
 * as its row still has the fence they were sent under. Thread-safe.
 */
@Singleton
class LogSql {
  /** Rows in one statement. */
  private static final int BATCH_MAX = 512;

  /** Messages that wait to be written, of all rooms. */
  private static final int QUEUE_MAX = 20_000;

  /**
   * Numbers what is new, in the order in which it was given, and finds what came before under the
   * same id. The claims' rows stay locked until the commit, so no other owner can write meanwhile.
   */
  private static final String APPEND =
      """
      WITH given AS (
        SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[],
            $6::bigint[]) WITH ORDINALITY AS g (room, fence, sender, id, data, inbox, nth)),
      held AS (
        SELECT a.pk, a.fence FROM actor.actor AS a
          WHERE (a.pk, a.fence) IN (SELECT room, fence FROM given) AND a.owner IS NOT NULL
          ORDER BY a.pk FOR NO KEY UPDATE),
      valid AS (
        SELECT g.* FROM given AS g JOIN held AS h ON h.pk = g.room AND h.fence = g.fence),
      known AS (
        SELECT v.nth, m.log_offset, m.at, m.data = v.data AS same
          FROM valid AS v JOIN room.message AS m
          ON m.room = v.room AND m.sender = v.sender AND m.id = v.id),
      fresh AS MATERIALIZED (
        SELECT v.*, date_trunc('milliseconds', statement_timestamp()) AS at,
            r.head + row_number() OVER (PARTITION BY v.room ORDER BY v.nth) AS log_offset
          FROM valid AS v JOIN room.room AS r ON r.pk = v.room
          WHERE NOT EXISTS (SELECT FROM known AS k WHERE k.nth = v.nth)),
      written AS (
        INSERT INTO room.message (room, log_offset, sender, id, data, at)
          SELECT room, log_offset, sender, id, data, at FROM fresh),
      moved AS (
        UPDATE room.room AS r SET head = f.head
          FROM (SELECT room, max(log_offset) AS head FROM fresh GROUP BY room) AS f
          WHERE r.pk = f.room),
      taken AS (
        DELETE FROM room.inbox WHERE pk IN (SELECT inbox FROM valid WHERE inbox IS NOT NULL))
      SELECT nth, log_offset, at, NULL::boolean AS same FROM fresh
        UNION ALL SELECT nth, log_offset, at, same FROM known\
      """;

  /** Bytes that are read at once; of a page the first message is read whatever it has. */
  private static final long PAGE_BYTES_MAX = 256 * 1024;

  private static final String PAGE =
      """
      SELECT log_offset, sender, data, at FROM (
        SELECT *, sum(octet_length(data)) OVER (ORDER BY log_offset) - octet_length(data) AS before
          FROM (SELECT * FROM room.message WHERE room = $1 AND log_offset > $2
            ORDER BY log_offset LIMIT $3) AS next) AS page
        WHERE before < $4 ORDER BY log_offset\
      """;

  private static final String NEWEST =
      """
      SELECT log_offset, sender, data, at FROM (
        SELECT *, sum(octet_length(data)) OVER (ORDER BY log_offset DESC) AS until
          FROM (SELECT * FROM room.message WHERE room = $1
            ORDER BY log_offset DESC LIMIT $2) AS last) AS newest
        WHERE until < $3 ORDER BY log_offset\
      """;

  private static final String FORGET =
      """
      DELETE FROM room.message WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM room.message WHERE at < now() - make_interval(days => $1)
          LIMIT 5000 FOR UPDATE SKIP LOCKED))\
      """;

  private final Postgres postgres;
  private final Transactions transactions;
  private final GroupCommit<Append, Appended> appends;

  /**
   * What is to be appended.
   *
   * @param inbox the row it came in, which is gone with the same commit; null for none
   */
  record Append(Claim claim, String from, @Nullable String id, String data, @Nullable Long inbox) {}

  /** What became of it. */
  sealed interface Appended {
    /** It is in the log. */
    record New(long offset, Instant at) implements Appended {}

    /** It was in the log before. */
    record Before(long offset, Instant at) implements Appended {}

    /** Its id has another content. */
    record Clash() implements Appended {}

    /** The fence was lost, and nothing was written. */
    record Lost() implements Appended {}
  }

  @Inject
  LogSql(Vertx vertx, Postgres postgres, Transactions transactions, MeterRegistry metrics) {
    this.postgres = postgres;
    this.transactions = transactions;
    this.appends =
        new GroupCommit<>(
            GroupCommit.on(vertx),
            this::appendAll,
            failure -> failure instanceof StatementRefused,
            append -> append.claim().pk(),
            DistributionSummary.builder("sallyport.room.flush.messages")
                .description("Messages that were appended in one statement, of all rooms")
                .register(metrics),
            BATCH_MAX,
            QUEUE_MAX,
            append -> RoomError.overloaded());
  }

  /** Appends; those of one room in the order in which they are given. Does not block. */
  CompletionStage<Appended> append(Append append) {
    return appends.write(append);
  }

  private Future<List<Appended>> appendAll(List<Append> all) {
    return postgres
        .execute(
            APPEND,
            Tuple.from(
                Arrays.<Object>asList(
                    all.stream().map(one -> one.claim().pk()).toArray(Long[]::new),
                    all.stream().map(one -> one.claim().fence()).toArray(Long[]::new),
                    all.stream().map(Append::from).toArray(String[]::new),
                    all.stream().map(Append::id).toArray(String[]::new),
                    all.stream().map(Append::data).toArray(String[]::new),
                    all.stream().map(Append::inbox).toArray(Long[]::new))))
        .map(rows -> outcomes(rows, all.size()));
  }

  private static List<Appended> outcomes(RowSet<Row> rows, int count) {
    var outcomes = new ArrayList<Appended>(count);
    for (int i = 0; i < count; i++) {
      outcomes.add(new Appended.Lost());
    }
    for (var row : rows) {
      long offset = row.getLong(1);
      var at = row.getOffsetDateTime(2).toInstant();
      var same = row.getBoolean(3);
      outcomes.set(
          row.getLong(0).intValue() - 1,
          same == null
              ? new Appended.New(offset, at)
              : same ? new Appended.Before(offset, at) : new Appended.Clash());
    }
    return outcomes;
  }

  /** What comes after an offset, at most so many, and some when there are any. Blocks. */
  List<Message> page(long room, long after, int limit) {
    return messages(transactions.execute(PAGE, room, after, limit, PAGE_BYTES_MAX));
  }

  /** The newest, in order, at most so many. Blocks. */
  List<Message> newest(long room, int count) {
    return messages(transactions.execute(NEWEST, room, count, PAGE_BYTES_MAX));
  }

  private static List<Message> messages(RowSet<Row> rows) {
    var messages = new ArrayList<Message>(rows.size());
    for (var row : rows) {
      messages.add(
          new Message(
              row.getLong(0),
              row.getString(1),
              row.getString(2),
              row.getOffsetDateTime(3).toInstant()));
    }
    return messages;
  }

  /** Removes some that are older; gives how many. Blocks. */
  int forget(int days) {
    return transactions.execute(FORGET, days).rowCount();
  }
}
