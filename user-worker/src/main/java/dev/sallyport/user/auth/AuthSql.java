package dev.sallyport.user.auth;

/**
 * The statements of this feature that are asked for too often, or too early, for Hibernate: keys,
 * revocations and housekeeping. Accounts and sessions are {@link AccountStore}'s.
 */
final class AuthSql {
  private AuthSql() {}

  /** Newest last. */
  static final String SIGNING_KEYS =
      "SELECT kid, public_key, private_key FROM account.signing_key ORDER BY created_at, kid";

  /**
   * At most one first key however many workers start at once: the lock ends with the transaction.
   */
  static final String LOCK_SIGNING_KEYS = "SELECT pg_advisory_xact_lock(7217021)";

  static final String ADD_SIGNING_KEY =
      "INSERT INTO account.signing_key (kid, public_key, private_key) VALUES ($1, $2, $3)";

  /** In the order in which they became visible; see the counter's comment in the migration. */
  static final String REVOCATIONS_AFTER =
      """
      SELECT number, session, until FROM account.revocation
      WHERE number > $1 AND until > now() ORDER BY number LIMIT $2\
      """;

  /** For a worker whose memory is stale. */
  static final String IS_REVOKED =
      "SELECT EXISTS (SELECT FROM account.revocation WHERE session = $1)";

  /** Ends a session once; a second time it changes nothing and makes no second revocation. */
  static final String END_SESSION =
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
  static final String REVOCATION_CHANNEL = "account_revocation";

  /** A bounded piece of what nothing can need any more. */
  static final String FORGET_SESSIONS =
      """
      DELETE FROM account.session WHERE id IN (
        SELECT id FROM account.session WHERE expires_at < now() LIMIT 1000)\
      """;

  static final String FORGET_REVOCATIONS =
      """
      DELETE FROM account.revocation WHERE number IN (
        SELECT number FROM account.revocation WHERE until < now() LIMIT 1000)\
      """;

  /** The live session behind a cookie. */
  static final String SESSION_BY_COOKIE =
      """
      SELECT session.id, session.expires_at, account.id AS account, account.roles
      FROM account.session JOIN account.account ON account.id = session.account_id
      WHERE cookie_hash = $1 AND ended_at IS NULL AND expires_at > now() AND NOT disabled\
      """;
}
