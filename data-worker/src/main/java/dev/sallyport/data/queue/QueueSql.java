package dev.sallyport.data.queue;

import dev.sallyport.data.binding.Access;
import dev.sallyport.data.platform.Transactions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The queues themselves. */
@Singleton
class QueueSql {
  /** Where workers tell each other that something concerns them at once. */
  static final String CHANNEL = "queue";

  /** A partition was given back. */
  static final String PARTITIONS = "partitions";

  /** A queue was paused or resumed, or messages were brought back. */
  static final String QUEUES = "queues";

  /** A queue whose topic was found keeps the number of its partitions. */
  private static final String DECLARE =
      """
      INSERT INTO queue.queue (name, senders, closed) VALUES ($1, $2, $3)
      ON CONFLICT (name) DO UPDATE SET senders = $2, closed = $3
      RETURNING pk
      """;

  private static final String HAS_PARTITIONS =
      "UPDATE queue.queue SET partitions = $2 WHERE pk = $1 AND partitions IS DISTINCT FROM $2";

  private static final String PAUSED =
      "SELECT pk, paused_at IS NOT NULL FROM queue.queue WHERE pk = ANY($1::int[])";

  private static final String PAUSE =
      "UPDATE queue.queue SET paused_at = coalesce(paused_at, now()) WHERE pk = $1";

  private static final String RESUME = "UPDATE queue.queue SET paused_at = NULL WHERE pk = $1";

  private static final String NOTIFY = "SELECT pg_notify('" + CHANNEL + "', '" + QUEUES + "')";

  private final Transactions transactions;

  @Inject
  QueueSql(Transactions transactions) {
    this.transactions = transactions;
  }

  /** Makes or finds the row of a queue. */
  int declare(Declared queue) {
    return transactions
        .execute(
            DECLARE, queue.name(), senders(queue.options().senders()), queue.options().closed())
        .iterator()
        .next()
        .getInteger(0);
  }

  private static @Nullable String senders(Access access) {
    return switch (access) {
      case Access.Nobody() -> null;
      case Access.Users() -> "users";
      case Access.Role(var name) -> "role:" + name;
    };
  }

  /** Remembers how many partitions its topic has; from then on it is open. */
  void hasPartitions(int queue, int partitions) {
    transactions.execute(HAS_PARTITIONS, queue, partitions);
  }

  /** Which of these queues are paused. */
  Map<Integer, Boolean> paused(Collection<Integer> queues) {
    var paused = new HashMap<Integer, Boolean>();
    for (var row : transactions.execute(PAUSED, (Object) queues.toArray(Integer[]::new))) {
      paused.put(row.getInteger(0), row.getBoolean(1));
    }
    return paused;
  }

  void pause(int queue) {
    transactions.execute(PAUSE, queue);
    tell();
  }

  void resume(int queue) {
    transactions.execute(RESUME, queue);
    tell();
  }

  /** Tells all workers to look at their queues. */
  void tell() {
    transactions.execute(NOTIFY);
  }
}
