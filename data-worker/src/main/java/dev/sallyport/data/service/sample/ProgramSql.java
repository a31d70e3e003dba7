package dev.sallyport.data.service.sample;

import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;

/** What programs leave behind to be counted from outside. Thread-safe; blocks. */
@Singleton
class ProgramSql {
  /** One more; gives the number after it. */
  private static final String COUNT =
      """
      INSERT INTO sample.program_count AS c (scope, place, count) VALUES ($1, $2, 1)
      ON CONFLICT (scope, place) DO UPDATE SET count = c.count + 1
      RETURNING count
      """;

  /** One more; gives how many there were before. */
  private static final String ATTEMPT =
      """
      WITH attempt AS (
        INSERT INTO sample.program_attempt (scope, place, nonce) VALUES ($1, $2, $3))
      SELECT count(*) FROM sample.program_attempt WHERE scope = $1 AND place = $2
      """;

  private final Transactions transactions;

  @Inject
  ProgramSql(Transactions transactions) {
    this.transactions = transactions;
  }

  /** Adds 1 in this transaction. */
  long count(Tx tx, String scope, String place) {
    return tx.execute(COUNT, scope, place).iterator().next().getInteger(0);
  }

  /** Notes that something is tried, in a transaction of its own. */
  long attempt(String scope, String place, String nonce) {
    return transactions.execute(ATTEMPT, scope, place, nonce).iterator().next().getLong(0);
  }
}
