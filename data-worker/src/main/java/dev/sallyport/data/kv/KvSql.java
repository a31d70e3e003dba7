package dev.sallyport.data.kv;

import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import io.vertx.sqlclient.Row;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of shared values. Thread-safe; blocks. */
@Singleton
class KvSql {
  /** Heard when something is to be pushed. */
  static final String CHANNEL = "sallyport_kv";

  /**
   * The next version is drawn under the row's lock, so that versions rise in the order of commits.
   */
  private static final String WRITE =
      """
      INSERT INTO kv.entry AS e (space, key, version, value)
      VALUES ($1, $2, nextval('kv.version'), $3)
      ON CONFLICT (space, key) DO UPDATE
      SET version = nextval('kv.version'), value = $3, pushed = false, changed_at = now()
      RETURNING version
      """;

  private static final String NOTIFY = "SELECT pg_notify('" + CHANNEL + "', '')";

  private static final String READ =
      "SELECT version, value FROM kv.entry WHERE space = $1 AND key = $2";

  private static final String TO_PUSH =
      """
      SELECT space, key, version, value FROM kv.entry
      WHERE NOT pushed ORDER BY version LIMIT $1
      """;

  /** Only what was pushed: a later version stays to be pushed. */
  private static final String PUSHED =
      """
      UPDATE kv.entry e SET pushed = true
      FROM unnest($1::text[], $2::text[], $3::bigint[]) AS p (space, key, version)
      WHERE e.space = p.space AND e.key = p.key AND e.version = p.version AND NOT e.pushed
      """;

  /** Redis has forgotten their versions by then, see KvScript. */
  private static final String FORGET =
      """
      DELETE FROM kv.entry WHERE ctid = ANY(ARRAY(
        SELECT ctid FROM kv.entry
        WHERE value IS NULL AND pushed AND changed_at < now() - interval '2 days'
        LIMIT 1000))
        AND value IS NULL AND pushed
      """;

  /** A row on its way to Redis. */
  record Change(String space, String key, Shared shared) {}

  private final Transactions transactions;

  @Inject
  KvSql(Transactions transactions) {
    this.transactions = transactions;
  }

  long write(Tx tx, String space, String key, @Nullable String value) {
    long version = tx.execute(WRITE, space, key, value).iterator().next().getLong(0);
    tx.execute(NOTIFY);
    return version;
  }

  Shared read(String space, String key) {
    var rows = transactions.execute(READ, space, key).iterator();
    return rows.hasNext() ? shared(rows.next(), 0) : new Shared(0, null);
  }

  private static Shared shared(Row row, int from) {
    return new Shared(row.getLong(from), row.getString(from + 1));
  }

  /** What has not reached Redis, the oldest change first. */
  List<Change> toPush(int max) {
    var changes = new ArrayList<Change>();
    for (var row : transactions.execute(TO_PUSH, max)) {
      changes.add(new Change(row.getString(0), row.getString(1), shared(row, 2)));
    }
    return changes;
  }

  void pushed(Collection<Change> changes) {
    transactions.execute(
        PUSHED,
        changes.stream().map(Change::space).toArray(String[]::new),
        changes.stream().map(Change::key).toArray(String[]::new),
        changes.stream().map(change -> change.shared().version()).toArray(Long[]::new));
  }

  /** Removes the rows of what was deleted long ago, some at each call. */
  void forget() {
    transactions.execute(FORGET);
  }
}
