package dev.sallyport.data.queue;

import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What pullers do with the messages that they hold. Only a lease that is not over counts: its row,
 * its receipt and its time are compared by the statement that changes it.
 */
@Singleton
class ReceiptSql {
  private static final String HELD =
      """
      FROM unnest($2::bigint[], $3::uuid[]) AS r (pk, receipt)
      WHERE m.pk = r.pk AND m.queue = $1 AND m.state = 'leased' AND m.receipt = r.receipt
        AND m.due_at > now()
      """;

  private static final String KEYED =
      "SELECT DISTINCT m.partition FROM queue.message m, unnest($2::bigint[], $3::uuid[])"
          + " AS r (pk, receipt) WHERE m.pk = r.pk AND m.queue = $1 AND m.receipt = r.receipt"
          + " AND m.key IS NOT NULL";

  private static final String RETURNING = " RETURNING m.pk, r.receipt, m.partition, m.key, m.state";

  private static final String ACKNOWLEDGE =
      "DELETE FROM queue.message m USING"
          + " unnest($2::bigint[], $3::uuid[]) AS r (pk, receipt)"
          + " WHERE m.pk = r.pk AND m.queue = $1 AND m.state = 'leased'"
          + " AND m.receipt = r.receipt AND m.due_at > now()"
          + RETURNING;

  private static final String EXTEND =
      "UPDATE queue.message m SET due_at = now() + $4::bigint * interval '1 millisecond' "
          + HELD
          + RETURNING;

  /** As a consumer's again(after): the last attempt makes it a dead letter. */
  private static final String RETRY =
      """
      UPDATE queue.message m SET
        state = CASE WHEN attempts >= $4 THEN 'dead' ELSE 'ready' END,
        due_at = CASE WHEN attempts >= $4 THEN now() ELSE
          now() + coalesce($5::bigint, least($7::bigint,
            $6::bigint * power(2, least(attempts - 1, 40)))) * interval '1 millisecond' END,
        receipt = NULL, reason = 'its puller asked for it'
      """
          + HELD
          + RETURNING;

  private static final String PARK =
      "UPDATE queue.message m SET state = 'dead', due_at = now(), receipt = NULL, reason = $4 "
          + HELD
          + RETURNING;

  private static final String THERE =
      "SELECT pk FROM queue.message WHERE queue = $1 AND pk = ANY ($2::bigint[])";

  private final Transactions transactions;
  private final SettleSql settle;

  @Inject
  ReceiptSql(Transactions transactions, SettleSql settle) {
    this.transactions = transactions;
    this.settle = settle;
  }

  /**
   * What was done.
   *
   * @param state of the message, by the receipt that counted
   * @param there rows whose receipt did not count, but that are there
   */
  record Result(Map<Receipt, String> state, Set<Long> there) {}

  Result acknowledge(int queue, List<Receipt> receipts) {
    return change(
        queue, receipts, true, (tx, pks, leases) -> tx.execute(ACKNOWLEDGE, queue, pks, leases));
  }

  Result extend(int queue, List<Receipt> receipts, Duration time) {
    return change(
        queue,
        receipts,
        false,
        (tx, pks, leases) -> tx.execute(EXTEND, queue, pks, leases, time.toMillis()));
  }

  /**
   * To be attempted again.
   *
   * @param after null for a pause that doubles from the queue's first to its longest
   */
  Result retry(int queue, List<Receipt> receipts, QueueOptions options, @Nullable Duration after) {
    return change(
        queue,
        receipts,
        true,
        (tx, pks, leases) ->
            tx.execute(
                RETRY,
                queue,
                pks,
                leases,
                options.retry().max(),
                after == null ? null : after.toMillis(),
                options.retry().first().toMillis(),
                options.retry().longest().toMillis()));
  }

  Result park(int queue, List<Receipt> receipts, String reason) {
    return change(
        queue, receipts, true, (tx, pks, leases) -> tx.execute(PARK, queue, pks, leases, reason));
  }

  private interface Change {
    RowSet<Row> in(Tx tx, Long[] pks, UUID[] leases);
  }

  /**
   * Does it to those that are held.
   *
   * @param lets whether it lets the next message of a key go
   */
  private Result change(int queue, List<Receipt> receipts, boolean lets, Change change) {
    var pks = receipts.stream().map(Receipt::pk).toArray(Long[]::new);
    var leases = receipts.stream().map(Receipt::lease).toArray(UUID[]::new);
    return transactions.call(tx -> {
      if (lets) {
        var partitions = new TreeSet<Integer>();
        tx.execute(KEYED, queue, pks, leases).forEach(row -> partitions.add(row.getInteger(0)));
        PullSql.lock(tx, partitions);
      }
      var states = new HashMap<Receipt, String>();
      var keys = new HashMap<Integer, Set<String>>();
      for (var row : change.in(tx, pks, leases)) {
        states.put(new Receipt(row.getLong("pk"), row.getUUID("receipt")), row.getString("state"));
        PullSql.note(keys, row);
      }
      if (lets) {
        PullSql.align(settle, tx, keys);
      }
      var there = new HashSet<Long>();
      if (states.size() < receipts.size()) {
        tx.execute(THERE, queue, pks).forEach(row -> there.add(row.getLong(0)));
      }
      return new Result(states, there);
    });
  }
}
