package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.Transactions;
import java.time.Duration;
import java.util.OptionalLong;

/** Deletes finished runs with all that belongs to them. Blocks. */
final class RetentionSql {
  /**
   * Looks at so many, from the index alone; a run is locked so that a restart and this exclude each
   * other.
   */
  private static final String DELETE =
      """
      WITH seen AS (
        SELECT pk FROM workflow.run WHERE status = $1 AND type = $2 AND pk > $3
        ORDER BY pk LIMIT $4
      ), old AS (
        SELECT r.pk FROM workflow.run r JOIN seen USING (pk)
        WHERE r.status = $1 AND r.updated_at < now() - $5 * interval '1 millisecond'
        ORDER BY r.pk FOR UPDATE OF r SKIP LOCKED
      ), entries AS (
        DELETE FROM workflow.entry e USING old WHERE e.run = old.pk
      ), arrivals AS (
        DELETE FROM workflow.arrival a USING old WHERE a.run = old.pk
      ), runs AS (
        DELETE FROM workflow.run r USING old WHERE r.pk = old.pk
      )
      SELECT max(pk), count(*) FROM seen
      """;

  private final Transactions transactions;

  RetentionSql(Transactions transactions) {
    this.transactions = transactions;
  }

  /** Gives the last run that was looked at; empty when there are no more. */
  OptionalLong delete(RunStatus status, String type, long after, int max, Duration retention) {
    var row =
        transactions
            .execute(DELETE, status.wire(), type, after, max, (double) retention.toMillis())
            .iterator()
            .next();
    return row.getLong(1) < max ? OptionalLong.empty() : OptionalLong.of(row.getLong(0));
  }
}
