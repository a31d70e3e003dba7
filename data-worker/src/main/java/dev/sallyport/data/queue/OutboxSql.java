package dev.sallyport.data.queue;

import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import dev.sallyport.model.QueuedMessage;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What transactions leave for the relay to send. */
@Singleton
class OutboxSql {
  /** Rung when the outbox has got something: the commit tells it. */
  static final String OUTBOX = "outbox";

  private static final String PUT =
      """
      INSERT INTO queue.outbox (queue, id, sender, key, delay_millis, body)
      VALUES ($1, $2, $3, $4, $5, $6)
      """;

  private static final String NOTIFY =
      "SELECT pg_notify('" + QueueSql.CHANNEL + "', '" + OUTBOX + "')";

  private static final String OWNER = "SELECT owner FROM queue.relay";

  /** At most one worker gets it: the row is compared and changed under its lock. */
  private static final String CLAIM =
      """
      UPDATE queue.relay SET owner = $1, fence = fence + 1
      WHERE owner IS NULL OR owner = $1 OR owner = $2
      RETURNING fence
      """;

  private static final String RELEASE =
      "UPDATE queue.relay SET owner = NULL, fence = fence + 1 WHERE owner = $1 AND fence = $2";

  /** Those of queues whose topic is there, the oldest first. */
  private static final String OLDEST =
      """
      SELECT pk, queue, id, sender, key, delay_millis, body FROM queue.outbox o
      WHERE EXISTS (SELECT FROM queue.queue q WHERE q.name = o.queue AND q.partitions IS NOT NULL)
      ORDER BY pk LIMIT $1
      """;

  /** Forgets what was sent, under the relay's row lock and fence. */
  private static final String SENT =
      """
      WITH claim AS (SELECT FROM queue.relay WHERE owner = $1 AND fence = $2 FOR UPDATE)
      DELETE FROM queue.outbox USING claim WHERE pk = ANY($3::bigint[])
      """;

  private final Transactions transactions;

  @Inject
  OutboxSql(Transactions transactions) {
    this.transactions = transactions;
  }

  /** A message that is to be sent. */
  record Waiting(long pk, String queue, QueuedMessage message) {}

  /** Leaves one message; it is sent once the transaction has committed. */
  void put(Tx tx, String queue, QueuedMessage message) {
    tx.execute(
        PUT,
        queue,
        message.id(),
        message.sender(),
        message.key(),
        message.delay().toMillis(),
        new String(message.body(), StandardCharsets.UTF_8));
    tx.execute(NOTIFY);
  }

  /** Which incarnation is the relay. */
  @Nullable Long owner() {
    return transactions.execute(OWNER).iterator().next().getLong(0);
  }

  /**
   * Makes this worker the relay.
   *
   * @param before who was it and is dead; null when nobody was
   * @return the fence, unless somebody else was faster
   */
  OptionalLong claim(long owner, @Nullable Long before) {
    for (var row : transactions.execute(CLAIM, owner, before)) {
      return OptionalLong.of(row.getLong(0));
    }
    return OptionalLong.empty();
  }

  void release(long owner, long fence) {
    transactions.execute(RELEASE, owner, fence);
  }

  /** What is to be sent next, at most so many. */
  List<Waiting> oldest(int max) {
    var waiting = new ArrayList<Waiting>();
    for (var row : transactions.execute(OLDEST, max)) {
      waiting.add(
          new Waiting(
              row.getLong("pk"),
              row.getString("queue"),
              new QueuedMessage(
                  row.getString("id"),
                  row.getString("sender"),
                  row.getString("key"),
                  Duration.ofMillis(row.getLong("delay_millis")),
                  row.getString("body").getBytes(StandardCharsets.UTF_8))));
    }
    return waiting;
  }

  /** Forgets what was sent; gives how many, which is none when another worker is the relay. */
  int sent(long owner, long fence, Collection<Long> pks) {
    return transactions.execute(SENT, owner, fence, pks.toArray(Long[]::new)).rowCount();
  }
}
