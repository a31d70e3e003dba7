package dev.sallyport.data.queue;

import dev.sallyport.data.platform.Transactions;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** Forgets ids that were taken in long ago, a whole slot at a time. */
@Singleton
class SeenSql {
  /**
   * The slot of the next turn, if it still has what is two turns older than the one before this.
   * Locks it, so that one worker empties it.
   */
  private static final String NEXT =
      """
      SELECT slot, extract(epoch FROM now())::bigint / 43200 + 1 AS turn FROM queue.seen_slot
      WHERE slot = (extract(epoch FROM now())::bigint / 43200 + 1) % 4
        AND turn < extract(epoch FROM now())::bigint / 43200 + 1
      FOR UPDATE SKIP LOCKED
      """;

  private static final String[] EMPTY = {
    "TRUNCATE queue.seen_0",
    "TRUNCATE queue.seen_1",
    "TRUNCATE queue.seen_2",
    "TRUNCATE queue.seen_3"
  };

  private static final String EMPTIED = "UPDATE queue.seen_slot SET turn = $2 WHERE slot = $1";

  private final Transactions transactions;

  @Inject
  SeenSql(Transactions transactions) {
    this.transactions = transactions;
  }

  /** Empties the slot that is written next, unless that was done already. */
  void emptyNext() {
    transactions.call(tx -> {
      for (var row : tx.execute(NEXT)) {
        short slot = row.getShort("slot");
        tx.execute(EMPTY[slot]);
        tx.execute(EMPTIED, slot, row.getLong("turn"));
      }
      return null;
    });
  }
}
