package dev.sallyport.data.queue;

import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.queue.Delivery.Origin.Stored;
import dev.sallyport.model.QueuedMessage;
import io.vertx.sqlclient.Row;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Messages in Postgres whose time comes. */
@Singleton
class DueSql {
  static final int BATCH_MAX = 500;

  /** Those with a key take their places in it, the earliest first. */
  private static final String BECOME_DUE =
      """
      UPDATE queue.message SET state = 'behind'
      WHERE pk = ANY (ARRAY(SELECT pk FROM queue.message
        WHERE partition = $1 AND state = 'delayed' AND due_at <= now()
        ORDER BY due_at, pk LIMIT $2))
      RETURNING key
      """;

  /** What may be handled now, without what is being handled. */
  private static final String LOAD =
      """
      SELECT pk, id, sender, key, body, sent_at, attempts, place FROM queue.message
      WHERE partition = $1 AND state = 'ready' AND due_at <= now() AND pk <> ALL ($2::bigint[])
      ORDER BY due_at, pk LIMIT $3
      """;

  private static final String NEXT_DUE =
      """
      SELECT (extract(epoch FROM min(due_at) - now()) * 1000)::bigint FROM (
        (SELECT due_at FROM queue.message
          WHERE partition = $1 AND state = 'ready' AND due_at > now() ORDER BY due_at, pk LIMIT 1)
        UNION ALL
        (SELECT due_at FROM queue.message
          WHERE partition = $1 AND state = 'delayed' ORDER BY due_at, pk LIMIT 1)) AS soonest
      """;

  private final Transactions transactions;
  private final SettleSql settle;

  @Inject
  DueSql(Transactions transactions, SettleSql settle) {
    this.transactions = transactions;
    this.settle = settle;
  }

  /**
   * Lets at most {@link #BATCH_MAX} delayed messages take their places; gives how many.
   *
   * @throws FencedException when the partition is somebody else's
   */
  int becomeDue(PartitionClaim claim) {
    return transactions.call(tx -> {
      settle.hold(tx, claim);
      var keys = new HashSet<String>();
      int count = 0;
      for (var row : tx.execute(BECOME_DUE, claim.partition(), BATCH_MAX)) {
        keys.add(row.getString(0));
        count++;
      }
      settle.align(tx, claim.partition(), keys);
      return count;
    });
  }

  /** What may be handled now; the order is that of becoming due. */
  List<Delivery> load(PartitionClaim claim, Collection<Long> flying, int max) {
    var loaded = new ArrayList<Delivery>();
    for (var row :
        transactions.execute(LOAD, claim.partition(), flying.toArray(Long[]::new), max)) {
      loaded.add(delivery(row));
    }
    return loaded;
  }

  private static Delivery delivery(Row row) {
    var sentAt = Objects.requireNonNull(row.getOffsetDateTime("sent_at"));
    var place = Objects.requireNonNull(row.getOffsetDateTime("place"));
    return new Delivery(
        new Stored(row.getLong("pk")),
        new QueuedMessage(
            row.getString("id"),
            row.getString("sender"),
            row.getString("key"),
            delay(sentAt, place),
            row.getString("body").getBytes(StandardCharsets.UTF_8)),
        sentAt.toInstant(),
        row.getInteger("attempts"));
  }

  /** What was brought back from the dead letters may have got its place much later. */
  private static Duration delay(OffsetDateTime sentAt, OffsetDateTime place) {
    var delay = Duration.between(sentAt, place);
    if (delay.isNegative()) {
      return Duration.ZERO;
    }
    return delay.compareTo(QueuedMessage.DELAY_MAX) > 0 ? QueuedMessage.DELAY_MAX : delay;
  }

  /** How long until the next message may be handled; null when none waits for its time. */
  @Nullable Duration nextDue(int partition) {
    var millis = transactions.execute(NEXT_DUE, partition).iterator().next().getLong(0);
    return millis == null ? null : Duration.ofMillis(Math.max(0, millis));
  }
}
