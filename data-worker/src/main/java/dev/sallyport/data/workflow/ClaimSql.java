package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import dev.sallyport.data.workflow.Ledger.Inbox;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which worker executes which run: claims, and what becomes of those of dead workers. Blocks. */
@Singleton
class ClaimSql {
  /** Where workers tell each other that something is to be looked at. */
  static final String CHANNEL = "workflow";

  static final String READY = "ready";
  static final String NEWS = "news ";
  static final String LOST = "lost ";

  private static final String CLAIM =
      """
      UPDATE workflow.run r SET status = 'running', owner = $1, fence = r.fence + 1,
        due_at = NULL, waiting_for = NULL, seq = r.seq + 1, updated_at = clock_timestamp()
      FROM picked WHERE r.pk = picked.pk
      RETURNING r.pk, r.type, r.id, r.version, r.generation, r.principal, r.params, r.parent,
        r.fence, r.arrived, r.recoveries, clock_timestamp() AS now
      """;

  /** Waiting runs whose time has come, the longest due first. At most one claimer: SKIP LOCKED. */
  static final String CLAIM_DUE =
      """
      WITH picked AS (
        SELECT d.pk FROM unnest($3::text[], $4::int[]) AS s (type, version)
        CROSS JOIN LATERAL (
          SELECT r.pk, r.due_at FROM workflow.run r
          WHERE r.status = 'waiting' AND r.type = s.type AND r.version = s.version
            AND r.due_at <= now()
          ORDER BY r.due_at LIMIT $2
          FOR NO KEY UPDATE SKIP LOCKED) d
        ORDER BY d.due_at LIMIT $2
      )
      """
          + CLAIM;

  /**
   * Queued runs: of each type those of the first priority alone, in turns between principals that
   * come after {@code $5}, of each the longest ready first. Finds principals by jumping from one to
   * the next in the index, so its cost does not grow with what one of them has queued. {@code $6}:
   * those alone that never began (their fence is the first), or those alone that did.
   */
  static final String CLAIM_READY =
      """
      WITH RECURSIVE first AS (
        SELECT s.type, s.version, p.priority FROM unnest($3::text[], $4::int[]) AS s (type, version)
        CROSS JOIN LATERAL (
          SELECT r.priority FROM workflow.run r
          WHERE r.status = 'queued' AND r.type = s.type AND r.version = s.version
          ORDER BY r.priority LIMIT 1) p
      ), turn (type, version, priority, principal, nth) AS (
        SELECT f.type, f.version, f.priority, (
            SELECT r.principal FROM workflow.run r
            WHERE r.status = 'queued' AND r.type = f.type AND r.version = f.version
              AND r.priority = f.priority AND r.principal > $5
            ORDER BY r.principal LIMIT 1), 1
        FROM first f
        UNION ALL
        SELECT t.type, t.version, t.priority, (
            SELECT r.principal FROM workflow.run r
            WHERE r.status = 'queued' AND r.type = t.type AND r.version = t.version
              AND r.priority = t.priority AND r.principal > t.principal
            ORDER BY r.principal LIMIT 1), t.nth + 1
        FROM turn t WHERE t.principal IS NOT NULL AND t.nth < 16
      ), picked AS (
        SELECT q.pk FROM turn t
        CROSS JOIN LATERAL (
          SELECT r.pk FROM workflow.run r
          WHERE r.status = 'queued' AND r.type = t.type AND r.version = t.version
            AND r.priority = t.priority AND r.principal = t.principal
            AND ($6::boolean IS NULL OR (r.fence = 1) = $6)
          ORDER BY r.due_at
          LIMIT (SELECT ceil($2::numeric / greatest(count(c.principal), 1))::int FROM turn c)
          FOR NO KEY UPDATE SKIP LOCKED) q
        WHERE t.principal IS NOT NULL
        LIMIT $2
      )
      """
          + CLAIM;

  /** When the next waiting run is due: an interval, so that no clock but Postgres's matters. */
  private static final String NEXT_DUE =
      """
      SELECT (extract(epoch FROM min(d.due_at) - now()) * 1000)::bigint AS millis
      FROM unnest($1::text[], $2::int[]) AS s (type, version)
      CROSS JOIN LATERAL (
        SELECT r.due_at FROM workflow.run r
        WHERE r.status = 'waiting' AND r.type = s.type AND r.version = s.version
        ORDER BY r.due_at LIMIT 1) d
      """;

  private static final String CLAIMABLE =
      """
      SELECT s.type FROM unnest($1::text[], $2::int[]) AS s (type, version)
      WHERE EXISTS (
          SELECT FROM workflow.run r
          WHERE r.status = 'queued' AND r.type = s.type AND r.version = s.version)
        OR EXISTS (
          SELECT FROM workflow.run r
          WHERE r.status = 'waiting' AND r.type = s.type AND r.version = s.version
            AND r.due_at <= now())
      """;

  /** Whoever claims runs of a limited type does so alone. */
  private static final String ADMISSION =
      """
      SELECT (extract(epoch FROM greatest(next_start, now()) - now()) * 1e6)::bigint AS ahead_micros,
        (SELECT count(*) FROM workflow.run WHERE status = 'running' AND type = $1) AS running
      FROM workflow.admission WHERE type = $1 FOR UPDATE
      """;

  private static final String ADMITTED =
      """
      UPDATE workflow.admission
      SET next_start = greatest(next_start, now()) + $2 * interval '1 microsecond' WHERE type = $1
      """;

  private static final String ADMISSIONS =
      "INSERT INTO workflow.admission (type) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING";

  private static final String OWNERS =
      "SELECT DISTINCT owner FROM workflow.run WHERE status = 'running' AND owner <> $1";

  /** Takes runs from dead workers, so many at a time. Their writes fail from here on. */
  private static final String RELEASE_DEAD =
      """
      UPDATE workflow.run r SET status = 'queued', owner = NULL, fence = r.fence + 1,
        recoveries = r.recoveries + 1, due_at = now(), seq = r.seq + 1,
        updated_at = clock_timestamp()
      WHERE r.pk IN (
        SELECT pk FROM workflow.run WHERE status = 'running' AND owner = ANY($1::bigint[])
        ORDER BY pk LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED)
      RETURNING r.pk
      """;

  private static final String HELD =
      """
      SELECT pk FROM workflow.run WHERE status = 'running' AND owner = $1
        AND updated_at < now() - interval '3 seconds'
      """;

  /** Gives back runs of one's own, unless somebody took them meanwhile. */
  private static final String RELEASE_OWN =
      """
      UPDATE workflow.run SET status = 'queued', owner = NULL, fence = fence + 1, due_at = now(),
        seq = seq + 1, updated_at = clock_timestamp()
      WHERE status = 'running' AND owner = $1 AND ($2::bigint[] IS NULL OR pk = ANY($2::bigint[]))
      """;

  private static final String NOTIFY = "SELECT pg_notify('" + CHANNEL + "', $1)";

  private static final String SERVE =
      """
      INSERT INTO workflow.served (owner, type, version)
      SELECT $1, s.type, s.version FROM unnest($2::text[], $3::int[]) AS s (type, version)
      ON CONFLICT DO NOTHING
      """;

  private static final String SERVERS = "SELECT DISTINCT owner FROM workflow.served";

  private static final String SERVES_NO_MORE =
      "DELETE FROM workflow.served WHERE owner = ANY($1::bigint[])";

  /**
   * How much room a limited type has.
   *
   * @param ahead how far its starts are ahead of its rate
   */
  record Room(Duration ahead, long running) {}

  private final Transactions transactions;

  @Inject
  ClaimSql(Transactions transactions) {
    this.transactions = transactions;
  }

  List<Claim> claimDue(long owner, int max, Collection<Definition> of) {
    return taken(owner, transactions.execute(CLAIM_DUE, owner, max, types(of), versions(of)));
  }

  List<Claim> claimReady(long owner, int max, Collection<Definition> of, String after) {
    return taken(
        owner, transactions.execute(CLAIM_READY, owner, max, types(of), versions(of), after, null));
  }

  List<Claim> claimDue(Tx tx, long owner, int max, Definition of) {
    var one = List.of(of);
    return taken(owner, tx.execute(CLAIM_DUE, owner, max, types(one), versions(one)));
  }

  /**
   * The same for one type, in a transaction.
   *
   * @param fresh whether those that never began are meant, or those that did
   */
  List<Claim> claimReady(Tx tx, long owner, int max, Definition of, String after, boolean fresh) {
    var one = List.of(of);
    return taken(
        owner, tx.execute(CLAIM_READY, owner, max, types(one), versions(one), after, fresh));
  }

  private static List<Claim> taken(long owner, RowSet<Row> rows) {
    var taken = new ArrayList<Claim>(rows.size());
    for (var row : rows) {
      taken.add(
          new Claim(
              row.getLong("pk"),
              row.getString("type"),
              row.getString("id"),
              row.getInteger("version"),
              row.getInteger("generation"),
              row.getString("principal"),
              row.getString("params"),
              row.getLong("parent"),
              owner,
              row.getLong("fence"),
              row.getInteger("recoveries"),
              row.getOffsetDateTime("now").toInstant(),
              List.of(),
              new Inbox(row.getLong("arrived"), List.of())));
    }
    return taken;
  }

  /** How long until the next waiting run is due; null when none is. */
  @Nullable Duration nextDue(Collection<Definition> of) {
    var millis =
        transactions.execute(NEXT_DUE, types(of), versions(of)).iterator().next().getLong(0);
    return millis == null ? null : Duration.ofMillis(Math.max(0, millis));
  }

  /** Which of these types have something to claim. */
  Set<String> claimable(Collection<Definition> of) {
    var found = new HashSet<String>();
    transactions
        .execute(CLAIMABLE, types(of), versions(of))
        .forEach(row -> found.add(row.getString(0)));
    return found;
  }

  /** Locks a limited type until the transaction ends. */
  Room room(Tx tx, String type) {
    var row = tx.execute(ADMISSION, type).iterator().next();
    return new Room(Duration.ofNanos(row.getLong("ahead_micros") * 1000), row.getLong("running"));
  }

  /** Counts starts against the rate. */
  void admitted(Tx tx, String type, Duration cost) {
    tx.execute(ADMITTED, type, cost.toNanos() / 1000.0);
  }

  /** Makes the rows that {@link #room} locks. */
  void prepare(Collection<Definition> limited) {
    transactions.execute(ADMISSIONS, (Object) types(limited));
  }

  /** Which incarnations hold runs, this one left out. */
  List<Long> owners(long except) {
    return longs(transactions.execute(OWNERS, except));
  }

  /** Takes at most so many runs from the dead; gives how many. */
  int releaseDead(Collection<Long> dead, int max) {
    return transactions.execute(RELEASE_DEAD, dead.toArray(Long[]::new), max).rowCount();
  }

  /** What Postgres says this incarnation executes, and has for a while. */
  List<Long> held(long owner) {
    return longs(transactions.execute(HELD, owner));
  }

  /**
   * Gives back runs of this incarnation.
   *
   * @param runs which; null for all
   */
  int release(long owner, @Nullable Collection<Long> runs) {
    return transactions
        .execute(RELEASE_OWN, owner, runs == null ? null : runs.toArray(Long[]::new))
        .rowCount();
  }

  void notifyReady() {
    transactions.execute(NOTIFY, READY);
  }

  void notifyReady(Tx tx) {
    tx.execute(NOTIFY, READY);
  }

  void serve(long owner, Collection<Definition> all) {
    transactions.execute(SERVE, owner, types(all), versions(all));
  }

  List<Long> servers() {
    return longs(transactions.execute(SERVERS));
  }

  void servesNoMore(Collection<Long> dead) {
    transactions.execute(SERVES_NO_MORE, (Object) dead.toArray(Long[]::new));
  }

  private static List<Long> longs(RowSet<Row> rows) {
    var all = new ArrayList<Long>(rows.size());
    rows.forEach(row -> all.add(row.getLong(0)));
    return all;
  }

  private static String[] types(Collection<Definition> of) {
    return of.stream().map(Definition::type).toArray(String[]::new);
  }

  private static Integer[] versions(Collection<Definition> of) {
    return of.stream().map(Definition::version).toArray(Integer[]::new);
  }
}
