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
    /** The session has as many as it may. */
    TOO_MANY,
    /** The session has ended. */
    NO_SESSION
  }

  /**
   * Adds one to a live session that has few enough, and clears away what that session let expire.
   * Those that ask at the same moment do not see each other's, so each of them may pass the bound
   * by one.
   */
  private static final String ADD =
      """
      WITH live AS (
        SELECT id FROM account.session WHERE id = $2 AND ended_at IS NULL AND expires_at > now()),
      cleared AS (
        DELETE FROM account.ticket WHERE hash IN (
          SELECT hash FROM account.ticket WHERE session_id = $2 AND expires_at <= now()
          FOR UPDATE SKIP LOCKED)),
      added AS (
        INSERT INTO account.ticket (hash, session_id, expires_at)
        SELECT $1, id, now() + make_interval(secs => $3) FROM live
        WHERE (SELECT count(*) FROM account.ticket
               WHERE session_id = $2 AND expires_at > now()) < $4
        RETURNING hash)
      SELECT EXISTS (SELECT FROM live) AS live, EXISTS (SELECT FROM added) AS added\
      """;

  /** At most one taker: the row's lock decides, and whoever comes second finds it gone. */
  private static final String TAKE =
      """
      DELETE FROM account.ticket USING account.session, account.account
      WHERE hash = $1 AND ticket.expires_at > now()
        AND session.id = ticket.session_id AND ended_at IS NULL AND session.expires_at > now()
        AND account.id = session.account_id AND NOT disabled
      RETURNING session.id, session.expires_at, account.id AS account, account.roles\
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
   * Adds a ticket to a session.
   *
   * @param max how many of them may be live at a time
   */
  Future<Added> add(byte[] hash, UUID session, Duration lifetime, int max) {
    return Postgres.execute(
            pool, ADD, Tuple.of(Buffer.buffer(hash), session, (double) lifetime.toSeconds(), max))
        .map(rows -> added(rows.iterator().next()));
  }

  private static Added added(Row row) {
    if (row.getBoolean("added")) {
      return Added.ADDED;
    }
    return row.getBoolean("live") ? Added.TOO_MANY : Added.NO_SESSION;
  }

  /** Uses a ticket up; gives its maker, or nobody where there is no such ticket any more. */
  Future<Optional<Principal>> take(byte[] hash) {
    return Postgres.execute(pool, TAKE, Tuple.of(Buffer.buffer(hash)))
        .map(rows ->
            StreamSupport.stream(rows.spliterator(), false).map(TicketSql::maker).findFirst());
  }

  private static Principal maker(Row row) {
    return new Principal(
        row.getUUID("account").toString(),
        row.getString("roles"),
        row.getUUID("id").toString(),
        row.getOffsetDateTime("expires_at").toInstant(),
        false);
  }

  /** Removes a bounded number of those that nobody used in time. */
  Future<Void> forget() {
    return Postgres.execute(pool, FORGET).mapEmpty();
  }
}
