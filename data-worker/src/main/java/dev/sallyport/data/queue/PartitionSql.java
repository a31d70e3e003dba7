package dev.sallyport.data.queue;

import dev.sallyport.data.platform.Transactions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who consumes which partition. */
@Singleton
class PartitionSql {
  private static final String MAKE =
      """
      INSERT INTO queue.partition (queue, number)
      SELECT $1, n FROM generate_series(0, $2 - 1) AS n ON CONFLICT DO NOTHING
      """;

  private static final String JOIN =
      """
      INSERT INTO queue.member (incarnation, queue) SELECT $1, unnest($2::int[])
      ON CONFLICT DO NOTHING
      """;

  private static final String MEMBERS =
      "SELECT incarnation, queue FROM queue.member WHERE queue = ANY($1::int[])";

  private static final String LEAVE =
      "DELETE FROM queue.member WHERE incarnation = ANY($1::bigint[])";

  private static final String ALL =
      "SELECT pk, queue, number, owner FROM queue.partition WHERE queue = ANY($1::int[])";

  /**
   * At most one worker gets it: the row is compared and changed under its lock. One's own is taken
   * again, under a new fence, by whoever has lost sight of it.
   */
  private static final String CLAIM =
      """
      UPDATE queue.partition SET owner = $2, fence = fence + 1
      WHERE pk = $1 AND (owner IS NULL OR owner = $2 OR owner = ANY($3::bigint[]))
      RETURNING queue, number, fence, done::text AS done
      """;

  /** Gives it back, unless somebody has taken it. */
  private static final String RELEASE =
      """
      UPDATE queue.partition SET owner = NULL, fence = fence + 1
      WHERE pk = $1 AND owner = $2 AND fence = $3
      """;

  /** For a topic that begins anew: nothing of the old one counts. */
  private static final String FORGET_LOG =
      "UPDATE queue.partition SET done = '{}' WHERE pk = $1 AND fence = $2";

  private static final String NOTIFY =
      "SELECT pg_notify('" + QueueSql.CHANNEL + "', '" + QueueSql.PARTITIONS + "')";

  private final Transactions transactions;

  @Inject
  PartitionSql(Transactions transactions) {
    this.transactions = transactions;
  }

  /** A partition and who has it. */
  record Found(int pk, int queue, int number, @Nullable Long owner) {}

  /** A worker that can consume a queue. */
  record Member(long incarnation, int queue) {}

  /** A claim that was made, and what is behind us in its log. */
  record Claimed(PartitionClaim claim, Offsets done) {}

  void make(int queue, int partitions) {
    transactions.execute(MAKE, queue, partitions);
  }

  void join(long incarnation, Collection<Integer> queues) {
    transactions.execute(JOIN, incarnation, queues.toArray(Integer[]::new));
  }

  List<Member> members(Collection<Integer> queues) {
    var members = new ArrayList<Member>();
    for (var row : transactions.execute(MEMBERS, (Object) queues.toArray(Integer[]::new))) {
      members.add(new Member(row.getLong(0), row.getInteger(1)));
    }
    return members;
  }

  void leave(Collection<Long> incarnations) {
    transactions.execute(LEAVE, (Object) incarnations.toArray(Long[]::new));
  }

  List<Found> all(Collection<Integer> queues) {
    var found = new ArrayList<Found>();
    for (var row : transactions.execute(ALL, (Object) queues.toArray(Integer[]::new))) {
      found.add(new Found(row.getInteger(0), row.getInteger(1), row.getInteger(2), row.getLong(3)));
    }
    return found;
  }

  /** Takes a partition that is free, or belongs to the dead. */
  Optional<Claimed> claim(int partition, long owner, Collection<Long> dead) {
    for (var row : transactions.execute(CLAIM, partition, owner, dead.toArray(Long[]::new))) {
      return Optional.of(
          new Claimed(
              new PartitionClaim(
                  partition,
                  row.getInteger("queue"),
                  row.getInteger("number"),
                  owner,
                  row.getLong("fence")),
              Offsets.parse(row.getString("done"))));
    }
    return Optional.empty();
  }

  /** Gives a partition back and tells the others. */
  void release(PartitionClaim claim) {
    transactions.execute(RELEASE, claim.partition(), claim.owner(), claim.fence());
  }

  void forgetLog(PartitionClaim claim) {
    transactions.execute(FORGET_LOG, claim.partition(), claim.fence());
  }

  /** Tells all workers to look at who has what. */
  void tell() {
    transactions.execute(NOTIFY);
  }
}
