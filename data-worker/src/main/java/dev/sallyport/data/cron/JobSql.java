package dev.sallyport.data.cron;

import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Which worker executes which fire of a job. Thread-safe; blocks. */
@Singleton
class JobSql {
  /** At most one claimer: SKIP LOCKED. */
  private static final String CLAIM =
      """
      WITH picked AS (
        SELECT q.pk FROM unnest($3::text[]) AS mine (server)
        CROSS JOIN LATERAL (
          SELECT f.pk, f.run_at FROM cron.fire f
          WHERE f.status = 'queued' AND f.server = mine.server AND f.run_at <= now()
          ORDER BY f.run_at LIMIT $4
          FOR NO KEY UPDATE SKIP LOCKED) q
        ORDER BY q.run_at LIMIT $4)
      UPDATE cron.fire f SET status = 'running', owner = $1, worker = $2, fence = f.fence + 1,
        attempt = f.attempt + 1, claimed_at = clock_timestamp(), run_at = NULL,
        started_at = coalesce(f.started_at, clock_timestamp())
      FROM picked, cron.schedule s WHERE f.pk = picked.pk AND s.pk = f.schedule
      RETURNING f.pk, s.name, f.due_at, f.manual, f.server, f.payload, f.attempt, f.fence
      """;

  private static final String NEXT =
      """
      SELECT (extract(epoch FROM min(d.run_at) - clock_timestamp()) * 1000)::bigint
      FROM unnest($1::text[]) AS mine (server)
      CROSS JOIN LATERAL (
        SELECT f.run_at FROM cron.fire f
        WHERE f.status = 'queued' AND f.server = mine.server
        ORDER BY f.run_at LIMIT 1) d
      """;

  /** Locks the claim and compares its fence: nothing is changed when it is another's by now. */
  private static final String COMPLETE =
      """
      UPDATE cron.fire SET status = 'complete', owner = NULL, payload = NULL, error = NULL,
        ended_at = clock_timestamp()
      WHERE pk = $1 AND fence = $2 AND status = 'running'
      """;

  private static final String FAIL =
      """
      UPDATE cron.fire SET status = 'errored', owner = NULL, payload = NULL, error = $3,
        ended_at = clock_timestamp(), fence = fence + 1
      WHERE pk = $1 AND fence = $2 AND status = 'running'
      """;

  private static final String AGAIN =
      """
      UPDATE cron.fire SET status = 'queued', owner = NULL, error = $3, fence = fence + 1,
        run_at = clock_timestamp() + $4 * interval '1 millisecond'
      WHERE pk = $1 AND fence = $2 AND status = 'running'
      """;

  private static final String OWNERS =
      "SELECT DISTINCT owner FROM cron.fire WHERE status = 'running'";

  /** Takes fires from dead workers, so many at a time. Their writes fail from here on. */
  private static final String RELEASE_DEAD =
      """
      UPDATE cron.fire SET status = 'queued', owner = NULL, fence = fence + 1,
        run_at = clock_timestamp(), error = 'the worker that executed it died'
      WHERE pk IN (
        SELECT pk FROM cron.fire WHERE status = 'running' AND owner = ANY($1::bigint[])
        ORDER BY pk LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED)
      """;

  private static final String HELD =
      """
      SELECT pk FROM cron.fire WHERE status = 'running' AND owner = $1
        AND claimed_at < now() - interval '3 seconds'
      """;

  /** Gives back what was not this job's fault: the attempt does not count. */
  private static final String RELEASE_OWN =
      """
      WITH released AS (
        UPDATE cron.fire SET status = 'queued', owner = NULL, fence = fence + 1,
          attempt = greatest(attempt - 1, 0), run_at = clock_timestamp()
        WHERE status = 'running' AND owner = $1 AND pk = ANY($2::bigint[])
        RETURNING pk)
      SELECT count(*) AS released, pg_notify($3, '') FROM released
      """;

  /**
   * A claim.
   *
   * @param job which is to be run
   * @param schedule what was due
   */
  record Claim(
      long pk,
      String schedule,
      Instant dueAt,
      boolean manual,
      String job,
      String params,
      int attempt,
      long fence,
      long owner) {}

  private final Transactions transactions;

  @Inject
  JobSql(Transactions transactions) {
    this.transactions = transactions;
  }

  List<Claim> claim(long owner, String worker, List<String> servers, int max) {
    var claims = new ArrayList<Claim>();
    var rows = transactions.execute(CLAIM, owner, worker, servers.toArray(String[]::new), max);
    for (var row : rows) {
      var server = row.getString("server");
      claims.add(
          new Claim(
              row.getLong("pk"),
              row.getString("name"),
              Objects.requireNonNull(ScheduleSql.instant(row, "due_at")),
              row.getBoolean("manual"),
              server.substring(server.indexOf(' ') + 1),
              row.getString("payload"),
              row.getInteger("attempt"),
              row.getLong("fence"),
              owner));
    }
    return claims;
  }

  /** How long until the next may begin; empty when none waits for it. */
  Optional<Duration> next(List<String> servers) {
    var millis =
        transactions
            .execute(NEXT, (Object) servers.toArray(String[]::new))
            .iterator()
            .next()
            .getLong(0);
    return Optional.ofNullable(millis).map(Duration::ofMillis);
  }

  /** The last statement of a transaction; gives whether the claim is still this one. */
  boolean complete(Tx tx, Claim claim) {
    return tx.execute(COMPLETE, claim.pk(), claim.fence()).rowCount() == 1;
  }

  boolean complete(Claim claim) {
    return transactions.execute(COMPLETE, claim.pk(), claim.fence()).rowCount() == 1;
  }

  boolean fail(Claim claim, String why) {
    return transactions.execute(FAIL, claim.pk(), claim.fence(), why).rowCount() == 1;
  }

  boolean again(Claim claim, String why, Duration after) {
    return transactions
            .execute(AGAIN, claim.pk(), claim.fence(), why, (double) after.toMillis())
            .rowCount()
        == 1;
  }

  List<Long> owners() {
    return longs(OWNERS);
  }

  int releaseDead(Collection<Long> dead, int max) {
    return transactions.execute(RELEASE_DEAD, dead.toArray(Long[]::new), max).rowCount();
  }

  /** What Postgres says this incarnation executes, and has for a while. */
  List<Long> held(long owner) {
    return longs(HELD, owner);
  }

  /** Queues them again, and tells all workers so; gives how many. */
  long release(long owner, Collection<Long> fires) {
    var ids = fires.toArray(Long[]::new);
    return transactions
        .execute(RELEASE_OWN, owner, ids, ScheduleSql.CHANNEL)
        .iterator()
        .next()
        .getLong("released");
  }

  private List<Long> longs(String sql, Object... values) {
    var all = new ArrayList<Long>();
    transactions.execute(sql, values).forEach(row -> all.add(row.getLong(0)));
    return all;
  }
}
