package dev.sallyport.data.queue;

import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import io.vertx.sqlclient.Row;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Leases messages to pullers, and takes back what they held for too long. Time is the database's.
 *
 * <p>What concerns messages with keys happens under the locks of their partitions, in the order of
 * these: whoever puts a key in order there sees all that pullers have done, and a message of which
 * an earlier one of its key is held is never handed out.
 */
@Singleton
class PullSql {
  /** How many bytes of bodies one answer has, unless the first message alone has more. */
  static final int BYTES_MAX = 1024 * 1024;

  /** Leases that are ended in one transaction. */
  static final int ENDED_MAX = 500;

  /** So that pullers who look at the same time find something for each of them. */
  private static final int LOOK_FACTOR = 4;

  private static final int LOOK_MAX = 400;

  private static final String LOOK =
      """
      SELECT pk, partition, key IS NOT NULL AS keyed FROM queue.message
      WHERE queue = $1 AND state = 'ready' AND due_at <= now()
        AND EXISTS (SELECT FROM queue.queue WHERE pk = $1 AND paused_at IS NULL)
      ORDER BY due_at, pk LIMIT $2
      """;

  private static final String LOCK =
      "SELECT pk FROM queue.partition WHERE pk = ANY ($1::int[]) ORDER BY pk FOR UPDATE";

  /** At most one puller gets a message: what another one has just locked is left to that. */
  private static final String LEASE =
      """
      WITH open AS (
        SELECT pk, due_at, octet_length(body) AS bytes FROM queue.message
        WHERE pk = ANY ($1::bigint[]) AND state = 'ready' AND due_at <= now()
        ORDER BY due_at, pk LIMIT $2::int FOR UPDATE SKIP LOCKED),
      fit AS (
        SELECT pk, row_number() OVER earlier AS nth, sum(bytes) OVER earlier AS bytes
        FROM open WINDOW earlier AS (ORDER BY due_at, pk))
      UPDATE queue.message m
      SET state = 'leased', due_at = now() + $3::bigint * interval '1 millisecond',
        attempts = attempts + 1, receipt = gen_random_uuid()
      FROM fit WHERE m.pk = fit.pk AND (fit.nth = 1 OR fit.bytes <= $4)
      RETURNING fit.nth, m.pk, m.id, m.sender, m.key, m.body, m.sent_at, m.attempts, m.receipt,
        m.due_at
      """;

  private static final String LAPSED =
      """
      SELECT pk, partition, key IS NOT NULL AS keyed FROM queue.message
      WHERE queue = $1 AND state = 'leased' AND due_at <= now() ORDER BY due_at, pk LIMIT $2
      """;

  /** Those that have had all their attempts are dead; the others can be handed out at once. */
  private static final String END =
      """
      UPDATE queue.message
      SET state = CASE WHEN attempts >= $2 THEN 'dead' ELSE 'ready' END,
        due_at = now(), receipt = NULL, reason = 'its lease ended without a word of its puller'
      WHERE pk = ANY ($1::bigint[]) AND state = 'leased' AND due_at <= now()
      RETURNING partition, key, state
      """;

  private final Transactions transactions;
  private final SettleSql settle;

  @Inject
  PullSql(Transactions transactions, SettleSql settle) {
    this.transactions = transactions;
    this.settle = settle;
  }

  /** A message in a puller's hands. */
  record Lent(
      int nth,
      Receipt receipt,
      String id,
      String sender,
      @Nullable String key,
      String body,
      Instant sentAt,
      int attempt,
      Instant until) {}

  /**
   * Messages that may be leased.
   *
   * @param partitions of those that have keys
   */
  record Look(List<Long> pks, Set<Integer> partitions) {
    boolean isEmpty() {
      return pks.isEmpty();
    }
  }

  /** Which messages may be leased, the earliest due first; none of a queue that is paused. */
  Look look(int queue, int max) {
    return look(LOOK, queue, Math.min(LOOK_MAX, LOOK_FACTOR * max));
  }

  private Look look(String sql, int queue, int max) {
    var pks = new ArrayList<Long>();
    var partitions = new TreeSet<Integer>();
    for (var row : transactions.execute(sql, queue, max)) {
      pks.add(row.getLong("pk"));
      if (row.getBoolean("keyed")) {
        partitions.add(row.getInteger("partition"));
      }
    }
    return new Look(pks, partitions);
  }

  /** Leases at most so many of these, those first that were due first. */
  List<Lent> lease(Look look, int max, Duration time) {
    return transactions.call(tx -> {
      lock(tx, look.partitions());
      var lent = new ArrayList<Lent>();
      for (var row :
          tx.execute(
              LEASE, look.pks().toArray(Long[]::new), max, time.toMillis(), (long) BYTES_MAX)) {
        lent.add(lent(row));
      }
      lent.sort(Comparator.comparingInt(Lent::nth));
      return lent;
    });
  }

  private static Lent lent(Row row) {
    return new Lent(
        Math.toIntExact(row.getLong("nth")),
        new Receipt(row.getLong("pk"), row.getUUID("receipt")),
        row.getString("id"),
        row.getString("sender"),
        row.getString("key"),
        row.getString("body"),
        Objects.requireNonNull(row.getOffsetDateTime("sent_at")).toInstant(),
        row.getInteger("attempts"),
        Objects.requireNonNull(row.getOffsetDateTime("due_at")).toInstant());
  }

  /** Locks these partitions until the transaction ends, in the order in which all do so. */
  static void lock(Tx tx, Collection<Integer> partitions) {
    if (!partitions.isEmpty()) {
      tx.execute(LOCK, (Object) partitions.toArray(Integer[]::new));
    }
  }

  /** Puts keys in order in partitions that are locked. */
  static void align(SettleSql settle, Tx tx, Map<Integer, Set<String>> keys) {
    keys.forEach((partition, of) -> settle.align(tx, partition, of));
  }

  /**
   * How many leases ended.
   *
   * @param dead of those, how many messages have had all their attempts
   */
  record Ended(int leases, int dead) {
    static final Ended NONE = new Ended(0, 0);
  }

  /** Ends at most {@link #ENDED_MAX} leases that are over. */
  Ended endLapsed(int queue, int attemptsMax) {
    var look = look(LAPSED, queue, ENDED_MAX);
    if (look.isEmpty()) {
      return Ended.NONE;
    }
    return transactions.call(tx -> {
      lock(tx, look.partitions());
      var keys = new HashMap<Integer, Set<String>>();
      int leases = 0;
      int dead = 0;
      for (var row : tx.execute(END, look.pks().toArray(Long[]::new), attemptsMax)) {
        leases++;
        dead += "dead".equals(row.getString("state")) ? 1 : 0;
        note(keys, row);
      }
      align(settle, tx, keys);
      return new Ended(leases, dead);
    });
  }

  /** Remembers the key of a row that changed. */
  static void note(Map<Integer, Set<String>> keys, Row row) {
    var key = row.getString("key");
    if (key != null) {
      keys.computeIfAbsent(row.getInteger("partition"), pk -> new HashSet<>()).add(key);
    }
  }
}
