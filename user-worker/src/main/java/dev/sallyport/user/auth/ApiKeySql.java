package dev.sallyport.user.auth;

import dev.sallyport.user.platform.Postgres;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * The statements of API keys, by the database's clock. Thread-safe, does not block; a future fails
 * with what Postgres said.
 */
@ApplicationScoped
class ApiKeySql {
  /** A row, without what opens anything. */
  record StoredApiKey(
      UUID id,
      String name,
      Scopes scopes,
      Instant createdAt,
      @Nullable Instant expiresAt,
      @Nullable Instant usedAt) {}

  /** A key to be made. */
  record NewApiKey(
      UUID id,
      UUID account,
      Buffer hash,
      String name,
      Scopes scopes,
      @Nullable Instant expiresAt) {}

  /** One maker at a time per account, so that its keys are counted right. */
  private static final String LOCK_ACCOUNT =
      "SELECT FROM account.account WHERE id = $1 AND NOT disabled FOR UPDATE";

  private static final String ADD =
      """
      INSERT INTO account.api_key (id, account_id, hash, name, scopes, expires_at)
      SELECT $1, $2, $3, $4, $5, $6
      WHERE (SELECT count(*) FROM account.api_key WHERE account_id = $2) < $7
      RETURNING created_at\
      """;

  private static final String PAGE =
      """
      SELECT id, name, scopes, created_at, expires_at, used_at FROM account.api_key
      WHERE account_id = $1 AND id > $2 ORDER BY id LIMIT $3\
      """;

  /**
   * Deletes a key of this account and numbers that, in one statement; nothing where it has none.
   */
  private static final String DELETE =
      """
      WITH gone AS (
        DELETE FROM account.api_key WHERE id = $1 AND account_id = $2 RETURNING id),
      numbered AS (
        UPDATE account.revocation_counter SET last = last + 1
        WHERE EXISTS (SELECT FROM gone) RETURNING last)
      INSERT INTO account.revocation (number, session, until)
      SELECT numbered.last, gone.id, now() + make_interval(secs => $3) FROM gone, numbered\
      """;

  private static final String BY_HASH =
      """
      SELECT api_key.id, account.id AS account, account.roles, scopes, expires_at
      FROM account.api_key JOIN account.account ON account.id = api_key.account_id
      WHERE hash = $1 AND (expires_at IS NULL OR expires_at > now()) AND NOT disabled\
      """;

  /** At most once a minute for each, however many workers ask for it. */
  private static final String USED =
      """
      UPDATE account.api_key SET used_at = now()
      WHERE id = ANY ($1) AND (used_at IS NULL OR used_at < now() - interval '1 minute')\
      """;

  private final Pool pool;

  @Inject
  ApiKeySql(Pool pool) {
    this.pool = pool;
  }

  /**
   * Adds a key.
   *
   * @param max how many an account may have
   * @return when it was made; empty where the account has that many already, or may have none
   */
  Future<Optional<Instant>> add(NewApiKey key, int max) {
    return pool.withTransaction(connection ->
        connection
            .preparedQuery(LOCK_ACCOUNT)
            .execute(Tuple.of(key.account()))
            .compose(locked ->
                locked.size() == 0
                    ? Future.succeededFuture(Optional.empty())
                    : add(connection, key, max)));
  }

  /** A statement after the lock's own, so that it sees what the last holder committed. */
  private static Future<Optional<Instant>> add(SqlClient connection, NewApiKey key, int max) {
    var values =
        Tuple.of(
            key.id(),
            key.account(),
            key.hash(),
            key.name(),
            key.scopes().stored(),
            offset(key.expiresAt()));
    return connection
        .preparedQuery(ADD)
        .execute(values.addInteger(max))
        .map(rows ->
            StreamSupport.stream(rows.spliterator(), false)
                .map(row -> row.getOffsetDateTime("created_at").toInstant())
                .findFirst());
  }

  private static @Nullable OffsetDateTime offset(@Nullable Instant instant) {
    return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
  }

  /** An account's keys after this one, oldest first. */
  Future<List<StoredApiKey>> page(UUID account, UUID after, int limit) {
    return Postgres.execute(pool, PAGE, Tuple.of(account, after, limit))
        .map(rows ->
            StreamSupport.stream(rows.spliterator(), false).map(ApiKeySql::stored).toList());
  }

  private static StoredApiKey stored(Row row) {
    return new StoredApiKey(
        row.getUUID("id"),
        row.getString("name"),
        Scopes.parse(row.getString("scopes")),
        row.getOffsetDateTime("created_at").toInstant(),
        instant(row.getOffsetDateTime("expires_at")),
        instant(row.getOffsetDateTime("used_at")));
  }

  private static @Nullable Instant instant(@Nullable OffsetDateTime time) {
    return time == null ? null : time.toInstant();
  }

  /**
   * Deletes a key and tells every worker, in one transaction.
   *
   * @param needed how long a worker may remember the key
   * @return whether the account had it
   */
  Future<Boolean> delete(UUID key, UUID account, Duration needed) {
    return pool.withTransaction(connection ->
            connection
                .preparedQuery(DELETE)
                .execute(Tuple.of(key, account, (double) needed.toSeconds()))
                .compose(gone ->
                    connection
                        .query(AuthSql.NOTIFY_REVOCATION)
                        .execute()
                        .map(told -> gone.rowCount() > 0)))
        .map(Boolean.TRUE::equals);
  }

  /**
   * Whose key this is, where it is one that counts.
   *
   * @param asOf the last revocation known before this was asked
   */
  Future<Optional<Principal>> byHash(byte[] hash, long asOf) {
    return Postgres.execute(pool, BY_HASH, Tuple.of(Buffer.buffer(hash)))
        .map(rows ->
            StreamSupport.stream(rows.spliterator(), false)
                .map(row -> principal(row, asOf))
                .findFirst());
  }

  private static Principal principal(Row row, long asOf) {
    var expiresAt = instant(row.getOffsetDateTime("expires_at"));
    return Principal.ofKey(
        row.getUUID("account").toString(),
        row.getString("roles"),
        row.getUUID("id").toString(),
        expiresAt == null ? Instant.MAX : expiresAt,
        Scopes.parse(row.getString("scopes")),
        asOf);
  }

  /** Writes down that these were used just now. */
  Future<Void> used(Collection<UUID> keys) {
    return Postgres.execute(pool, USED, Tuple.of(keys.toArray(UUID[]::new))).mapEmpty();
  }
}
