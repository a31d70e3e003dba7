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
import java.util.Optional;
import java.util.UUID;
import java.util.stream.StreamSupport;

/**
 * The statements that say which account somebody of another issuer has here. Thread-safe, does not
 * block; a future fails with what Postgres said.
 */
@ApplicationScoped
class IdentitySql {
  /**
   * An account behind an identity.
   *
   * @param id of the identity, which ends with it
   */
  record Linked(UUID id, UUID account, String roles, boolean disabled) {}

  private static final String FIND =
      """
      SELECT identity.id, account.id AS account, roles, disabled
      FROM account.identity JOIN account.account ON account.id = identity.account_id
      WHERE issuer = $1 AND subject = $2\
      """;

  private static final String LOCK_BY_EMAIL =
      """
      SELECT id, email_verified_at IS NOT NULL AS verified FROM account.account
      WHERE email = $1 AND NOT disabled FOR UPDATE\
      """;

  /** Nobody knows who made this password: its owner is known from now on, and it is not needed. */
  private static final String VERIFY =
      """
      UPDATE account.account SET password_hash = NULL, email_verified_at = now() WHERE id = $1\
      """;

  private static final String DELETE_KEYS = "DELETE FROM account.api_key WHERE account_id = $1";

  /** Of two at once the second finds what the first has linked. */
  private static final String LINK =
      """
      INSERT INTO account.identity (id, account_id, issuer, subject) VALUES ($1, $2, $3, $4)
      ON CONFLICT (issuer, subject) DO NOTHING\
      """;

  private final Pool pool;

  @Inject
  IdentitySql(Pool pool) {
    this.pool = pool;
  }

  /** The account of somebody who is linked. */
  Future<Optional<Linked>> find(String issuer, String subject) {
    return Postgres.execute(pool, FIND, Tuple.of(issuer, subject)).map(IdentitySql::first);
  }

  private static Optional<Linked> first(RowSet<Row> rows) {
    return StreamSupport.stream(rows.spliterator(), false)
        .map(row ->
            new Linked(
                row.getUUID("id"),
                row.getUUID("account"),
                row.getString("roles"),
                row.getBoolean("disabled")))
        .findFirst();
  }

  /**
   * Links somebody to the account with this address, if there is one. Where nobody has verified the
   * address before, whoever registered it may have been somebody else: the password, the keys and
   * the sessions go in the same commit.
   *
   * @param id of the identity, if it is made
   * @param needed how long a worker may remember what is revoked
   */
  Future<Void> link(UUID id, String issuer, String subject, String email, Duration needed) {
    return pool.withTransaction(connection ->
            connection
                .preparedQuery(LOCK_BY_EMAIL)
                .execute(Tuple.of(email))
                .compose(rows ->
                    rows.size() == 0
                        ? Future.<Void>succeededFuture()
                        : link(connection, rows.iterator().next(), needed)
                            .compose(account ->
                                connection
                                    .preparedQuery(LINK)
                                    .execute(Tuple.of(id, account, issuer, subject)))
                            .<Void>mapEmpty()))
        .mapEmpty();
  }

  private static Future<UUID> link(SqlClient connection, Row account, Duration needed) {
    var id = account.getUUID("id");
    if (account.getBoolean("verified")) {
      return Future.succeededFuture(id);
    }
    return connection
        .preparedQuery(VERIFY)
        .execute(Tuple.of(id))
        .compose(verified -> UserSql.revokeAll(connection, id, needed))
        .compose(revoked -> connection.preparedQuery(DELETE_KEYS).execute(Tuple.of(id)))
        .map(deleted -> id);
  }
}
