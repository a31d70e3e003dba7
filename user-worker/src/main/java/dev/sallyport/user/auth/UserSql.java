package dev.sallyport.user.auth;

import dev.sallyport.user.platform.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The statements by which admins see and change accounts. Thread-safe, does not block; a future
 * fails with what Postgres said.
 */
@ApplicationScoped
class UserSql {
  /** An account as an admin sees it. */
  record StoredUser(
      UUID id,
      String email,
      @Nullable String displayName,
      String roles,
      boolean disabled,
      Instant createdAt) {}

  /** What came of a change. */
  sealed interface Change {
    /** Committed, or already so. */
    record Changed(StoredUser user) implements Change {}

    /** There is no such account. */
    record Unknown() implements Change {}

    /** Nobody would be left who can undo it. */
    record LastAdmin() implements Change {}
  }

  private static final String PAGE =
      """
      SELECT id, email, display_name, roles, disabled, created_at FROM account.account
      WHERE id > $1 ORDER BY id LIMIT $2\
      """;

  /** One change at a time that could take the last admin away: held to the commit. */
  private static final String LOCK_ADMINS = "SELECT pg_advisory_xact_lock(7217022)";

  private static final String LOCK =
      """
      SELECT id, email, display_name, roles, disabled, created_at FROM account.account
      WHERE id = $1 FOR UPDATE\
      """;

  /** The condition is that of an index. */
  private static final String ANOTHER_ADMIN =
      """
      SELECT FROM account.account
      WHERE id <> $1 AND NOT disabled AND 'admin' = ANY (string_to_array(roles, ',')) LIMIT 1\
      """;

  private static final String UPDATE =
      "UPDATE account.account SET roles = $2, disabled = $3 WHERE id = $1";

  /**
   * Ends every session of an account, and says of every key and identity that something has
   * changed, each under a number of its own.
   */
  private static final String REVOKE_ALL =
      """
      WITH ended AS (
        UPDATE account.session SET ended_at = now()
        WHERE account_id = $1 AND ended_at IS NULL AND expires_at > now() RETURNING id),
      touched AS (
        SELECT id FROM ended
        UNION ALL SELECT id FROM account.api_key WHERE account_id = $1
        UNION ALL SELECT id FROM account.identity WHERE account_id = $1),
      placed AS (SELECT id, row_number() OVER () AS place FROM touched),
      numbered AS (
        UPDATE account.revocation_counter SET last = last + (SELECT count(*) FROM placed)
        WHERE EXISTS (SELECT FROM placed) RETURNING last)
      INSERT INTO account.revocation (number, session, until)
      SELECT numbered.last - (SELECT count(*) FROM placed) + placed.place, placed.id,
             now() + make_interval(secs => $2)
      FROM placed, numbered\
      """;

  private final Pool pool;

  @Inject
  UserSql(Pool pool) {
    this.pool = pool;
  }

  /** Accounts after this one, by id, which is by age. */
  Future<List<StoredUser>> page(UUID after, int limit) {
    return Postgres.execute(pool, PAGE, Tuple.of(after, limit)).map(UserSql::users);
  }

  private static List<StoredUser> users(RowSet<Row> rows) {
    return StreamSupport.stream(rows.spliterator(), false).map(UserSql::user).toList();
  }

  private static StoredUser user(Row row) {
    return new StoredUser(
        row.getUUID("id"),
        row.getString("email"),
        row.getString("display_name"),
        row.getString("roles"),
        row.getBoolean("disabled"),
        row.getOffsetDateTime("created_at").toInstant());
  }

  /**
   * Changes an account. What it was let in with ends in the same commit, where that changed.
   *
   * @param roles null leaves them
   * @param disabled null leaves it
   * @param needed how long a worker may remember what is revoked
   */
  Future<Change> change(
      UUID id, @Nullable String roles, @Nullable Boolean disabled, Duration needed) {
    return pool.withTransaction(connection ->
        connection
            .query(LOCK_ADMINS)
            .execute()
            .compose(locked -> connection.preparedQuery(LOCK).execute(Tuple.of(id)))
            .compose(rows -> {
              if (rows.size() == 0) {
                return Future.succeededFuture(new Change.Unknown());
              }
              var before = user(rows.iterator().next());
              var after =
                  new StoredUser(
                      before.id(),
                      before.email(),
                      before.displayName(),
                      roles == null ? before.roles() : roles,
                      disabled == null ? before.disabled() : disabled,
                      before.createdAt());
              return before.equals(after)
                  ? Future.succeededFuture(new Change.Changed(after))
                  : change(connection, before, after, needed);
            }));
  }

  private static Future<Change> change(
      SqlClient connection, StoredUser before, StoredUser after, Duration needed) {
    return (isAdmin(before) && !isAdmin(after)
            ? connection
                .preparedQuery(ANOTHER_ADMIN)
                .execute(Tuple.of(after.id()))
                .map(others -> others.size() > 0)
            : Future.succeededFuture(true))
        .compose(permitted ->
            permitted
                ? connection
                    .preparedQuery(UPDATE)
                    .execute(Tuple.of(after.id(), after.roles(), after.disabled()))
                    .compose(updated -> revokeAll(connection, after.id(), needed))
                    .map(revoked -> new Change.Changed(after))
                : Future.succeededFuture(new Change.LastAdmin()));
  }

  private static boolean isAdmin(StoredUser user) {
    return !user.disabled() && Principal.roles(user.roles()).contains("admin");
  }

  static Future<Void> revokeAll(SqlClient connection, UUID account, Duration needed) {
    return connection
        .preparedQuery(REVOKE_ALL)
        .execute(Tuple.of(account, (double) needed.toSeconds()))
        .compose(revoked -> connection.query(AuthSql.NOTIFY_REVOCATION).execute())
        .mapEmpty();
  }
}
