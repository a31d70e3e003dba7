package dev.sallyport.data.queue;

import dev.sallyport.data.platform.Transactions;
import io.vertx.sqlclient.Row;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks at dead letters. A page examines at most {@link #EXAMINED_MAX} of them, so that a filter
 * that few fit costs no more than one that all do; the next page goes on from there.
 */
@Singleton
class DeadListSql {
  static final int EXAMINED_MAX = 5_000;

  private static final String NEWEST =
      """
      WITH examined AS MATERIALIZED (
        SELECT pk, due_at, id, sender, key, reason, attempts, sent_at FROM queue.message
        WHERE queue = $1 AND state = 'dead' AND (due_at, pk) < ($9::timestamptz, $10::bigint)
        ORDER BY due_at DESC, pk DESC LIMIT 5000),
      found AS (SELECT * FROM examined WHERE\
      """
          + (" " + DeadFilter.FITS)
          + """
           ORDER BY due_at DESC, pk DESC LIMIT $2::int)
          SELECT e.examined, e.last_at, e.last_pk, found.* FROM (
            SELECT count(*) AS examined, min(due_at) AS last_at,
              (array_agg(pk ORDER BY due_at, pk))[1] AS last_pk FROM examined) AS e
          LEFT JOIN found ON true
          ORDER BY found.due_at DESC, found.pk DESC
          """;

  private static final String BY_PK =
      """
      SELECT pk, due_at, id, sender, key, reason, attempts, sent_at, body FROM queue.message
      WHERE pk = $2 AND queue = $1 AND state = 'dead'
      """;

  /** The rows of these ids, the newest first: ids are unique only together with their senders. */
  private static final String BY_ID =
      """
      SELECT pk FROM queue.message
      WHERE partition = ANY (ARRAY(SELECT pk FROM queue.partition WHERE queue = $1))
        AND id = ANY ($2::text[]) AND state = 'dead'
      ORDER BY due_at DESC, pk DESC LIMIT $3
      """;

  private final Transactions transactions;

  @Inject
  DeadListSql(Transactions transactions) {
    this.transactions = transactions;
  }

  /**
   * A dead letter.
   *
   * @param body null where only a list was asked for
   */
  record Letter(
      Position position,
      String id,
      String sender,
      @Nullable String key,
      @Nullable String reason,
      int attempts,
      Instant sentAt,
      @Nullable String body) {}

  /**
   * Some letters.
   *
   * @param end where the next look begins; null when there is nothing more
   */
  record Found(List<Letter> letters, @Nullable Position end) {}

  /** The newest before {@code from}. */
  Found newest(int queue, Position from, DeadFilter filter, int limit) {
    var letters = new ArrayList<Letter>();
    Position last = null;
    long examined = 0;
    for (var row :
        transactions.execute(
            NEWEST,
            queue,
            limit,
            filter.key(),
            filter.sender(),
            filter.reason(),
            filter.until().utc(),
            filter.since().utc(),
            filter.pks(),
            from.utc(),
            from.pk())) {
      examined = row.getLong("examined");
      last = examined == 0 ? null : position(row, "last_at", "last_pk");
      if (row.getLong("pk") != null) {
        letters.add(letter(row, null));
      }
    }
    if (letters.size() == limit) {
      return new Found(letters, letters.getLast().position());
    }
    return new Found(letters, examined < EXAMINED_MAX ? null : last);
  }

  /** One letter with its body. */
  Optional<Letter> find(int queue, long pk) {
    for (var row : transactions.execute(BY_PK, queue, pk)) {
      return Optional.of(letter(row, row.getString("body")));
    }
    return Optional.empty();
  }

  /** The rows of letters with these ids, the newest first. */
  List<Long> named(int queue, Collection<String> ids, int max) {
    var pks = new ArrayList<Long>();
    for (var row : transactions.execute(BY_ID, queue, ids.toArray(String[]::new), max)) {
      pks.add(row.getLong(0));
    }
    return pks;
  }

  private static Letter letter(Row row, @Nullable String body) {
    return new Letter(
        position(row, "due_at", "pk"),
        row.getString("id"),
        row.getString("sender"),
        row.getString("key"),
        row.getString("reason"),
        row.getInteger("attempts"),
        Objects.requireNonNull(row.getOffsetDateTime("sent_at")).toInstant(),
        body);
  }

  private static Position position(Row row, String at, String pk) {
    return new Position(
        Objects.requireNonNull(row.getOffsetDateTime(at)).toInstant(), row.getLong(pk));
  }
}
