package dev.sallyport.data.lease;

import dev.sallyport.data.platform.Postgres;
import dev.sallyport.data.platform.Transactions;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** The rows of {@code lease.worker}. Every time in them is the clock of Postgres. Thread-safe. */
@Singleton
class LeaseSql {
  /** A new incarnation; the one that its worker had before is ended with it. */
  private static final String GRANT =
      """
      WITH before AS (
        UPDATE lease.worker SET ended_at = clock_timestamp()
          WHERE incarnation = $4 AND ended_at IS NULL)
      INSERT INTO lease.worker (name, address, expires_at)
        VALUES ($1, $2, clock_timestamp() + make_interval(secs => $3))
        RETURNING incarnation\
      """;

  /** No row if it has expired, though nobody may have noticed: a lapse is for good. */
  private static final String RENEW =
      """
      UPDATE lease.worker SET expires_at = clock_timestamp() + make_interval(secs => $2)
        WHERE incarnation = $1 AND ended_at IS NULL AND expires_at > clock_timestamp()\
      """;

  private static final String END =
      """
      UPDATE lease.worker SET ended_at = clock_timestamp()
        WHERE incarnation = ANY($1) AND ended_at IS NULL\
      """;

  /**
   * Ends what has expired, then says what is not there or ended. A row that is locked is being
   * renewed, or ended by another who asks: it is not waited for but taken for alive, this time.
   */
  private static final String DEAD =
      """
      WITH expired AS MATERIALIZED (
        SELECT incarnation FROM lease.worker
          WHERE incarnation = ANY($1) AND ended_at IS NULL AND expires_at <= clock_timestamp()
          ORDER BY incarnation FOR UPDATE SKIP LOCKED),
      ended AS (
        UPDATE lease.worker SET ended_at = clock_timestamp()
          WHERE incarnation IN (SELECT incarnation FROM expired)
          RETURNING incarnation)
      SELECT asked.incarnation FROM unnest($1::bigint[]) AS asked(incarnation)
        LEFT JOIN lease.worker ON worker.incarnation = asked.incarnation
        WHERE worker.incarnation IS NULL OR worker.ended_at IS NOT NULL
          OR asked.incarnation IN (SELECT incarnation FROM ended)\
      """;

  /** A hundred at a time; nobody waits for another who does the same. */
  private static final String FORGET =
      """
      DELETE FROM lease.worker WHERE incarnation IN (
        SELECT incarnation FROM lease.worker
          WHERE coalesce(ended_at, expires_at) < clock_timestamp() - make_interval(secs => $1)
          ORDER BY incarnation LIMIT 100 FOR UPDATE SKIP LOCKED)\
      """;

  private final Postgres postgres;
  private final Transactions transactions;

  @Inject
  LeaseSql(Postgres postgres, Transactions transactions) {
    this.postgres = postgres;
    this.transactions = transactions;
  }

  Future<Long> grant(String name, Optional<String> address, Duration lease, long before) {
    return postgres
        .execute(GRANT, Tuple.of(name, address.orElse(null), seconds(lease), before))
        .map(rows -> rows.iterator().next().getLong(0));
  }

  /** Whether it could be renewed. */
  Future<Boolean> renew(long incarnation, Duration lease) {
    return postgres
        .execute(RENEW, Tuple.of(incarnation, seconds(lease)))
        .map(rows -> rows.rowCount() == 1);
  }

  Future<?> end(Long... incarnations) {
    return postgres.execute(END, Tuple.of(incarnations));
  }

  Future<?> forget(Duration after) {
    return postgres.execute(FORGET, Tuple.of(seconds(after)));
  }

  /** Which of these are dead; blocks. */
  Set<Long> dead(Collection<Long> incarnations) {
    RowSet<Row> rows = transactions.execute(DEAD, (Object) incarnations.toArray(Long[]::new));
    var dead = HashSet.<Long>newHashSet(rows.size());
    rows.forEach(row -> dead.add(row.getLong(0)));
    return dead;
  }

  private static double seconds(Duration duration) {
    return duration.toNanos() / 1e9;
  }
}
