package dev.sallyport.user.auth;

import dev.sallyport.user.platform.Postgres;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.StreamSupport;

/**
 * The statements of tickets, each its own transaction and by the database's clock. Thread-safe,
 * does not block; a future fails with what Postgres said.
 */
@ApplicationScoped
class TicketSql {
  /** What came of adding a ticket. */
  enum Added {
    ADDED,
    /** The session or key has as many as it may. */
    TOO_MANY,
    /** The session has ended, or the key is gone. */
    NO_MAKER
  }

  /**
   * Adds one to a live session, or to a key, that has few enough, and clears away what it let
   * expire. Those that ask at the same moment do not see each other's, so each of them may pass the
   * bound by one.
   */
  private static final String ADD =
      """
      WITH live AS (
        SELECT id AS session, NULL::uuid AS key FROM account.session
        WHERE id = $2 AND ended_at IS NULL AND expires_at > now()
        UNION ALL
        SELECT NULL, id FROM account.api_key
        WHERE id = $2 AND (expires_at IS NULL OR expires_at > now())),
      cleared AS (
        DELETE FROM account.ticket WHERE hash IN (
          SELECT hash FROM account.ticket
          WHERE (session_id = $2 OR key_id = $2) AND expires_at <= now()
          FOR UPDATE SKIP LOCKED)),
      added AS (
        INSERT INTO account.ticket (hash, session_id, key_id, expires_at)
        SELECT $1, session, key, now() + make_interval(secs => $3) FROM live
        WHERE (SELECT count(*) FROM account.ticket
               WHERE (session_id = $2 OR key_id = $2) AND expires_at > now()) < $4
        RETURNING hash)
      SELECT EXISTS (SELECT FROM live) AS live, EXISTS (SELECT FROM added) AS added\
      """;

  /** At most one taker: the row's lock decides, and whoever comes second finds it gone. */
  private static final String TAKE =
      """
      WITH taken AS (
        DELETE FROM account.ticket WHERE hash = $1 AND expires_at > now()
        RETURNING session_id, key_id),
      maker AS (
        SELECT session.id, account_id, session.expires_at, NULL AS scopes
        FROM taken JOIN account.session ON session.id = taken.session_id
        WHERE ended_at IS NULL AND session.expires_at > now()
        UNION ALL
        SELECT api_key.id, account_id, api_key.expires_at, scopes
        FROM taken JOIN account.api_key ON api_key.id = taken.key_id
        WHERE api_key.expires_at IS NULL OR api_key.expires_at > now())
      SELECT maker.id, maker.expires_at, scopes, account.id AS account, account.roles
      FROM maker JOIN account.account ON account.id = maker.account_id
      WHERE NOT disabled\
      """;

  private static final String FORGET =
      """
      DELETE FROM account.ticket WHERE hash IN (
        SELECT hash FROM account.ticket WHERE expires_at <= now() LIMIT 1000
        FOR UPDATE SKIP LOCKED)\
      """;

  private final Pool pool;

  @Inject
  TicketSql(Pool pool) {
    this.pool = pool;
  }

  /**
   * Adds a ticket to a session or to a key.
   *
   * @param max how many of them may be live at a time
   */
  Future<Added> add(byte[] hash, UUID maker, Duration lifetime, int max) {
    return Postgres.execute(
            pool, ADD, Tuple.of(Buffer.buffer(hash), maker, (double) lifetime.toSeconds(), max))
        .map(rows -> added(rows.iterator().next()));
  }

  private static Added added(Row row) {
    if (row.getBoolean("added")) {
      return Added.ADDED;
    }
    return row.getBoolean("live") ? Added.TOO_MANY : Added.NO_MAKER;
  }

  /**
   * Uses a ticket up; gives its maker, or nobody where there is no such ticket any more.
   *
   * @param asOf the last revocation known before this was asked
   */
  Future<Optional<Principal>> take(byte[] hash, long asOf) {
    return Postgres.execute(pool, TAKE, Tuple.of(Buffer.buffer(hash)))
        .map(rows ->
            StreamSupport.stream(rows.spliterator(), false)
                .map(row -> maker(row, asOf))
                .findFirst());
  }

  private static Principal maker(Row row, long asOf) {
    var account = row.getUUID("account").toString();
    var roles = row.getString("roles");
    var id = row.getUUID("id").toString();
    var end = row.getOffsetDateTime("expires_at");
    var until = end == null ? Instant.MAX : end.toInstant();
    var scopes = row.getString("scopes");
    return scopes == null
        ? new Principal(account, roles, id, until, false)
        : Principal.ofKey(account, roles, id, until, Scopes.parse(scopes), asOf);
  }

  /** Removes a bounded number of those that nobody used in time. */
  Future<Void> forget() {
    return Postgres.execute(pool, FORGET).mapEmpty();
  }
}
