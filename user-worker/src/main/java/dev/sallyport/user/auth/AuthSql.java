package dev.sallyport.user.auth;

import dev.sallyport.user.platform.Postgres;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.pgclient.PgConnection;
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
import java.util.Optional;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.jboss.logging.Logger;

/**
 * The statements of this feature that are asked for too often, or too early, for Hibernate: keys,
 * revocations and housekeeping. Accounts and sessions are {@link AccountStore}'s. Thread-safe, does
 * not block; a future fails with what Postgres said.
 */
@ApplicationScoped
class AuthSql {
  private static final Logger LOG = Logger.getLogger(AuthSql.class);

  /**
   * A signing key as it is stored: its private half is sealed.
   *
   * @param signsFrom it is published before
   */
  record StoredKey(String kid, String publicJwk, Buffer sealed, Instant signsFrom) {}

  /**
   * A session that was ended, or a key of which something has changed.
   *
   * @param until when the last of its credentials has expired by itself
   */
  record Revoked(long number, String session, Instant until) {}

  /** Newest last. */
  private static final String SIGNING_KEYS =
      "SELECT kid, public_key, private_key, signs_from FROM account.signing_key"
          + " ORDER BY signs_from, kid";

  /**
   * At most one first key however many workers start at once: the lock ends with the transaction.
   */
  private static final String LOCK_SIGNING_KEYS = "SELECT pg_advisory_xact_lock(7217021)";

  private static final String ADD_FIRST_SIGNING_KEY =
      """
      INSERT INTO account.signing_key (kid, public_key, private_key, signs_from)
      SELECT $1, $2, $3, now()
      WHERE NOT EXISTS (SELECT FROM account.signing_key)\
      """;

  /** A next key, unless one is young enough, which another worker may have made just now. */
  private static final String ADD_NEXT_SIGNING_KEY =
      """
      INSERT INTO account.signing_key (kid, public_key, private_key, signs_from)
      SELECT $1, $2, $3, now() + make_interval(secs => $5)
      WHERE NOT EXISTS (
        SELECT FROM account.signing_key WHERE signs_from > now() - make_interval(secs => $4))\
      """;

  /** Keys of which the last token has ended: another one has signed for that long. */
  private static final String REMOVE_OLD_SIGNING_KEYS =
      """
      DELETE FROM account.signing_key AS old WHERE EXISTS (
        SELECT FROM account.signing_key AS next
        WHERE next.signs_from > old.signs_from
          AND next.signs_from < now() - make_interval(secs => $1))\
      """;

  /** In the order in which they became visible; see the counter's comment in the migration. */
  private static final String REVOCATIONS_AFTER =
      """
      SELECT number, session, until FROM account.revocation
      WHERE number > $1 AND until > now() ORDER BY number LIMIT $2\
      """;

  private static final String IS_REVOKED =
      "SELECT EXISTS (SELECT FROM account.revocation WHERE session = $1 AND number > $2)";

  /** Ends a session once; a second time it changes nothing and makes no second revocation. */
  private static final String END_SESSION =
      """
      WITH ended AS (
        UPDATE account.session SET ended_at = now() WHERE id = $1 AND ended_at IS NULL RETURNING id),
      numbered AS (
        UPDATE account.revocation_counter SET last = last + 1
        WHERE EXISTS (SELECT FROM ended) RETURNING last)
      INSERT INTO account.revocation (number, session, until)
      SELECT numbered.last, ended.id, now() + make_interval(secs => $2) FROM ended, numbered\
      """;

  static final String NOTIFY_REVOCATION = "NOTIFY account_revocation";
  private static final String LISTEN_REVOCATION = "LISTEN account_revocation";

  private static final String FORGET_SESSIONS =
      """
      DELETE FROM account.session WHERE id IN (
        SELECT id FROM account.session WHERE expires_at < now() LIMIT 1000)\
      """;

  private static final String FORGET_REVOCATIONS =
      """
      DELETE FROM account.revocation WHERE number IN (
        SELECT number FROM account.revocation WHERE until < now() LIMIT 1000)\
      """;

  private static final String SESSION_BY_COOKIE =
      """
      SELECT session.id, session.expires_at, account.id AS account, account.roles
      FROM account.session JOIN account.account ON account.id = session.account_id
      WHERE cookie_hash = $1 AND ended_at IS NULL AND expires_at > now() AND NOT disabled\
      """;

  private final Pool pool;

  @Inject
  AuthSql(Pool pool) {
    this.pool = pool;
  }

  /** Every signing key, the newest last. */
  Future<List<StoredKey>> signingKeys() {
    return Postgres.execute(pool, SIGNING_KEYS).map(AuthSql::storedKeys);
  }

  private static List<StoredKey> storedKeys(RowSet<Row> rows) {
    return StreamSupport.stream(rows.spliterator(), false)
        .map(row ->
            new StoredKey(
                row.getString("kid"),
                row.getString("public_key"),
                row.getBuffer("private_key"),
                row.getOffsetDateTime("signs_from").toInstant()))
        .toList();
  }

  /** Adds a key unless there is one, which another worker may be adding just now. */
  Future<Void> addFirstSigningKey(StoredKey key) {
    return alone(ADD_FIRST_SIGNING_KEY, Tuple.of(key.kid(), key.publicJwk(), key.sealed()));
  }

  /**
   * Adds a key where the youngest is older than {@code lifetime}.
   *
   * @param ahead how long it is published before it signs
   */
  Future<Void> addNextSigningKey(StoredKey key, Duration lifetime, Duration ahead) {
    return alone(
        ADD_NEXT_SIGNING_KEY,
        Tuple.of(
            key.kid(),
            key.publicJwk(),
            key.sealed(),
            (double) lifetime.toSeconds(),
            (double) ahead.toSeconds()));
  }

  /** Removes the keys that another has replaced for longer than any of their tokens lives. */
  Future<Void> removeOldSigningKeys(Duration tokens) {
    return alone(REMOVE_OLD_SIGNING_KEYS, Tuple.of((double) tokens.toSeconds()));
  }

  /** One at a time; a statement after the lock's own sees what the last holder committed. */
  private Future<Void> alone(String statement, Tuple values) {
    return pool.withTransaction(connection ->
            connection
                .query(LOCK_SIGNING_KEYS)
                .execute()
                .compose(locked -> connection.preparedQuery(statement).execute(values)))
        .mapEmpty();
  }

  /** What was revoked after this number and still matters, in order, {@code max} at the most. */
  Future<List<Revoked>> revocationsAfter(long number, int max) {
    return Postgres.execute(pool, REVOCATIONS_AFTER, Tuple.of(number, max))
        .map(
            rows -> StreamSupport.stream(rows.spliterator(), false).map(AuthSql::revoked).toList());
  }

  private static Revoked revoked(Row row) {
    return new Revoked(
        row.getLong("number"),
        row.getUUID("session").toString(),
        row.getOffsetDateTime("until").toInstant());
  }

  /** For a worker whose memory is stale. */
  Future<Boolean> isRevoked(UUID session, long after) {
    return Postgres.execute(pool, IS_REVOKED, Tuple.of(session, after))
        .map(rows -> rows.iterator().next().getBoolean(0));
  }

  /**
   * Ends a session and tells every worker, in one transaction.
   *
   * @param needed how long a credential of the session may outlive it
   */
  Future<Void> endSession(UUID session, Duration needed) {
    return pool.withTransaction(connection -> end(connection, session, needed)).mapEmpty();
  }

  private static Future<Void> end(SqlClient connection, UUID session, Duration needed) {
    return connection
        .preparedQuery(END_SESSION)
        .execute(Tuple.of(session, (double) needed.toSeconds()))
        .compose(ended -> connection.query(NOTIFY_REVOCATION).execute())
        .mapEmpty();
  }

  /**
   * Hears of revocations as they are committed, over a connection of its own.
   *
   * @param lost runs once when that connection has gone
   */
  Future<Void> listen(Runnable revoked, Runnable lost) {
    return pool.getConnection()
        .compose(connection -> {
          var postgres = PgConnection.cast(connection);
          postgres.notificationHandler(notice -> revoked.run());
          postgres.closeHandler(closed -> lost.run());
          postgres.exceptionHandler(failure -> LOG.debugf("no longer listening: %s", failure));
          return postgres
              .query(LISTEN_REVOCATION)
              .execute()
              .onFailure(failure -> connection.close())
              .mapEmpty();
        });
  }

  /** The live session behind a cookie. */
  Future<Optional<Principal>> sessionByCookie(byte[] hash) {
    return Postgres.execute(pool, SESSION_BY_COOKIE, Tuple.of(Buffer.buffer(hash)))
        .map(rows ->
            StreamSupport.stream(rows.spliterator(), false).map(AuthSql::principal).findFirst());
  }

  private static Principal principal(Row row) {
    return new Principal(
        row.getUUID("account").toString(),
        row.getString("roles"),
        row.getUUID("id").toString(),
        row.getOffsetDateTime("expires_at").toInstant(),
        true);
  }

  /** Removes a bounded number of rows that nothing can need any more. */
  Future<Void> forget() {
    return Future.all(
            Postgres.execute(pool, FORGET_SESSIONS), Postgres.execute(pool, FORGET_REVOCATIONS))
        .mapEmpty();
  }
}
