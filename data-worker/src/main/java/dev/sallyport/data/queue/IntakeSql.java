package dev.sallyport.data.queue;

import dev.sallyport.data.platform.Transactions;
import io.vertx.sqlclient.Row;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** What is known about messages that arrive from the log. */
@Singleton
class IntakeSql {
  /** Of those remembered in several slots any one will do: their content was compared then. */
  private static final String SEEN =
      "SELECT id, content FROM queue.seen WHERE partition = $1 AND id = ANY($2::uuid[])";

  /** Which of these keys have rows that come first. */
  private static final String HELD_UP =
      """
      SELECT k.key FROM unnest($2::text[]) AS k (key)
      WHERE EXISTS (SELECT FROM queue.message
        WHERE partition = $1 AND key = k.key AND state IN ('ready', 'behind', 'leased'))
      """;

  /**
   * Rows of these ids: they may be older than what is remembered. Dead letters without an attempt
   * had another one's id.
   */
  private static final String STORED =
      """
      SELECT sender, id FROM queue.message
      WHERE partition = $1 AND id = ANY($2::text[]) AND NOT (state = 'dead' AND attempts = 0)
      """;

  private static final String HAS_ROWS =
      "SELECT EXISTS (SELECT FROM queue.message WHERE partition = $1)";

  private final Transactions transactions;

  @Inject
  IntakeSql(Transactions transactions) {
    this.transactions = transactions;
  }

  /** The content hash of each of these that was taken in before. */
  Map<UUID, Long> seen(int partition, Collection<UUID> ids) {
    var seen = new HashMap<UUID, Long>();
    for (var row : transactions.execute(SEEN, partition, ids.toArray(UUID[]::new))) {
      seen.put(row.getUUID(0), row.getLong(1));
    }
    return seen;
  }

  /** Which of these keys have rows that are not dead, and due. */
  Set<String> heldUp(int partition, Collection<String> keys) {
    var held = new HashSet<String>();
    for (var row : transactions.execute(HELD_UP, partition, keys.toArray(String[]::new))) {
      held.add(row.getString(0));
    }
    return held;
  }

  /** A message by what its sender calls it. */
  record Name(String sender, String id) {}

  /** Which of these ids have rows, and whose. */
  Set<Name> stored(int partition, Collection<String> ids) {
    var stored = new HashSet<Name>();
    for (Row row : transactions.execute(STORED, partition, ids.toArray(String[]::new))) {
      stored.add(new Name(row.getString(0), row.getString(1)));
    }
    return stored;
  }

  boolean hasRows(int partition) {
    return transactions.execute(HAS_ROWS, partition).iterator().next().getBoolean(0);
  }
}
