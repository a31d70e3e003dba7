package dev.sallyport.data.queue;

import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import dev.sallyport.data.queue.Delivery.Origin.Logged;
import dev.sallyport.data.queue.Delivery.Origin.Stored;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;

/**
 * Records what became of deliveries. Whatever the outcome, an offset of the log is behind us in the
 * same transaction in which its message's id is remembered, and its row, if it needs one, is made:
 * so each message is taken in once. All of it happens under the partition's row lock and fence.
 */
@Singleton
class SettleSql {
  /** Locks the claim and moves on in the log, or finds another fence and changes nothing. */
  private static final String ADVANCE =
      """
      UPDATE queue.partition SET done = done + $3::text::int8multirange
      WHERE pk = $1 AND fence = $2
      RETURNING pk
      """;

  /** Locks the claim where nothing of the log is concerned. */
  private static final String HOLD =
      "SELECT pk FROM queue.partition WHERE pk = $1 AND fence = $2 FOR UPDATE";

  private static final String REMEMBERED =
      """
      INSERT INTO queue.seen (slot, partition, id, content)
      SELECT (extract(epoch FROM now())::bigint / 43200 % 4)::smallint, $1, s.id, s.content
      FROM claim, unnest($4::uuid[], $5::bigint[]) AS s (id, content)
      ON CONFLICT DO NOTHING
      """;

  /** Moves on and remembers the ids, in one statement; gives whether the fence still holds. */
  private static final String TAKE_IN =
      "WITH claim AS (" + ADVANCE + "), remembered AS (" + REMEMBERED + ") SELECT pk FROM claim";

  private static final String DELETE = "DELETE FROM queue.message WHERE pk = ANY($1::bigint[])";

  /** Stored messages whose attempt failed; those with a pause are tried again, the others dead. */
  private static final String FAILED =
      """
      UPDATE queue.message m
      SET state = CASE WHEN f.pause IS NULL THEN 'dead' ELSE 'ready' END,
        due_at = now() + coalesce(f.pause, 0) * interval '1 millisecond',
        attempts = f.attempts, reason = f.reason, receipt = NULL
      FROM unnest($1::bigint[], $2::bigint[], $3::int[], $4::text[])
        AS f (pk, pause, attempts, reason)
      WHERE m.pk = f.pk
      """;

  /**
   * Of each of these keys the first message is ready and no other one is; none is while a puller
   * holds one, which counts as the first. Needs the partition's lock, so that it sees all that
   * others have changed.
   */
  private static final String ALIGN =
      """
      WITH head AS (
        SELECT k.key, coalesce(l.pk, h.pk) AS pk FROM unnest($2::text[]) AS k (key), LATERAL (
          SELECT pk FROM queue.message
          WHERE partition = $1 AND key = k.key AND state IN ('ready', 'behind', 'leased')
          ORDER BY place, log_offset LIMIT 1) AS h
        LEFT JOIN LATERAL (SELECT pk FROM queue.message
          WHERE partition = $1 AND key = k.key AND state = 'leased' LIMIT 1) AS l ON true),
      demoted AS (
        UPDATE queue.message m SET state = 'behind' FROM head
        WHERE m.partition = $1 AND m.key = head.key AND m.state = 'ready' AND m.pk <> head.pk)
      UPDATE queue.message m SET state = 'ready' FROM head
      WHERE m.pk = head.pk AND (m.state = 'behind') IS TRUE
      """;

  private final Transactions transactions;
  private final KeepSql keep;

  @Inject
  SettleSql(Transactions transactions, KeepSql keep) {
    this.transactions = transactions;
    this.keep = keep;
  }

  /**
   * Records outcomes in a transaction of their own.
   *
   * @param gaps offsets that the log has no records for
   * @throws FencedException when the partition is somebody else's
   */
  void settle(PartitionClaim claim, List<Settled> settled, Offsets gaps) {
    if (settled.stream().allMatch(SettleSql::leavesOnlyTheLog)) {
      var log = new LogPart(settled, gaps);
      check(claim, transactions.execute(TAKE_IN, log.values(claim)).size());
      return;
    }
    transactions.call(tx -> {
      settle(tx, claim, settled, gaps);
      return null;
    });
  }

  /** The same as the last statements of a transaction that does more. */
  void settle(Tx tx, PartitionClaim claim, List<Settled> settled, Offsets gaps) {
    var log = new LogPart(settled, gaps);
    check(
        claim,
        log.isEmpty()
            ? tx.execute(HOLD, claim.partition(), claim.fence()).size()
            : tx.execute(TAKE_IN, log.values(claim)).size());
    keep.insert(tx, claim, settled);
    var stored = settled.stream().filter(one -> one.delivery().origin() instanceof Stored).toList();
    delete(tx, stored);
    fail(tx, stored);
    var keys = new HashSet<String>();
    for (var one : settled) {
      var key = one.delivery().key();
      if (key != null && !leavesOnlyTheLog(one)) {
        keys.add(key);
      }
    }
    align(tx, claim.partition(), keys);
  }

  /** Puts the rows of these keys in order. */
  void align(Tx tx, int partition, Collection<String> keys) {
    if (!keys.isEmpty()) {
      tx.execute(ALIGN, partition, keys.toArray(String[]::new));
    }
  }

  /** Locks the claim until the transaction ends. */
  void hold(Tx tx, PartitionClaim claim) {
    check(claim, tx.execute(HOLD, claim.partition(), claim.fence()).size());
  }

  private static boolean leavesOnlyTheLog(Settled one) {
    return one.delivery().origin() instanceof Logged
        && (one.outcome() instanceof Outcome.Done || one.outcome() instanceof Outcome.Duplicate);
  }

  private static void check(PartitionClaim claim, int held) {
    if (held == 0) {
      throw new FencedException(claim);
    }
  }

  private static void delete(Tx tx, List<Settled> stored) {
    var done =
        stored.stream()
            .filter(one -> one.outcome() instanceof Outcome.Done)
            .map(SettleSql::pk)
            .toArray(Long[]::new);
    if (done.length > 0) {
      tx.execute(DELETE, (Object) done);
    }
  }

  private static void fail(Tx tx, List<Settled> stored) {
    var pks = new ArrayList<Long>();
    var pauses = new ArrayList<Long>();
    var attempts = new ArrayList<Integer>();
    var reasons = new ArrayList<String>();
    for (var one : stored) {
      switch (one.outcome()) {
        case Outcome.Again(var after, var reason) -> {
          pauses.add(after.toMillis());
          attempts.add(one.delivery().attempt());
          reasons.add(reason);
          pks.add(pk(one));
        }
        case Outcome.Dead(var reason, var made) -> {
          pauses.add(null);
          attempts.add(made);
          reasons.add(reason);
          pks.add(pk(one));
        }
        case Outcome.Done done -> {}
        case Outcome.Kept kept -> {}
        case Outcome.Delayed delayed -> {}
        case Outcome.Duplicate duplicate -> {}
        case Outcome.Clash clash -> {}
      }
    }
    if (!pks.isEmpty()) {
      tx.execute(
          FAILED,
          pks.toArray(Long[]::new),
          pauses.toArray(Long[]::new),
          attempts.toArray(Integer[]::new),
          reasons.toArray(String[]::new));
    }
  }

  private static Long pk(Settled one) {
    return switch (one.delivery().origin()) {
      case Stored(var pk) -> pk;
      case Logged logged -> throw new IllegalArgumentException("has no row: " + logged);
    };
  }

  /** What moves on in the log, and the ids that come with it. */
  private static final class LogPart {
    private final Offsets done = new Offsets();
    private final List<UUID> ids = new ArrayList<>();
    private final List<Long> content = new ArrayList<>();

    LogPart(List<Settled> settled, Offsets gaps) {
      done.addAll(gaps);
      for (var one : settled) {
        if (one.delivery().origin() instanceof Logged(var offset, var key)) {
          done.add(offset, offset + 1);
          if (one.takesId()) {
            ids.add(key.id());
            content.add(key.content());
          }
        }
      }
    }

    boolean isEmpty() {
      return done.isEmpty();
    }

    /** For {@link #TAKE_IN}. */
    Object[] values(PartitionClaim claim) {
      return new Object[] {
        claim.partition(),
        claim.fence(),
        done.toString(),
        ids.toArray(UUID[]::new),
        content.toArray(Long[]::new)
      };
    }
  }
}
