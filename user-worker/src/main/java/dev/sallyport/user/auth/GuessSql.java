package dev.sallyport.user.auth;

import dev.sallyport.user.platform.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.stream.StreamSupport;

/**
 * The statements that count guesses, by the time they are given. Thread-safe, does not block; a
 * future fails with what Postgres said.
 */
@ApplicationScoped
class GuessSql {
  /**
   * Counts an attempt before it is made, unless it comes too early: of many at once, each sees the
   * count that the one before left behind. After the first $3 of a day the next has to wait for a
   * second, and each one more doubles that, up to $4 seconds.
   */
  private static final String COUNT =
      """
      INSERT INTO account.guess AS guess (slot, failures, free_at, last_at) VALUES ($1, 1, $2, $2)
      ON CONFLICT (slot) DO UPDATE SET
        failures = CASE WHEN guess.last_at < $2 - interval '1 day' THEN 1 ELSE guess.failures + 1 END,
        free_at = CASE
          WHEN guess.last_at < $2 - interval '1 day' OR guess.failures + 1 < $3 THEN $2
          ELSE $2 + make_interval(secs => least($4, pow(2, least(guess.failures + 1 - $3, 30)))) END,
        last_at = $2
      WHERE guess.free_at <= $2
      RETURNING failures\
      """;

  private static final String FREE_AT = "SELECT free_at FROM account.guess WHERE slot = $1";

  /** Takes an attempt back that was none: it was right, or nobody looked at it. */
  private static final String TAKE_BACK =
      """
      UPDATE account.guess SET failures = greatest(failures - 1, 0), free_at = least(free_at, $2)
      WHERE slot = $1\
      """;

  private static final String FORGET =
      """
      DELETE FROM account.guess WHERE slot IN (
        SELECT slot FROM account.guess WHERE last_at < now() - interval '2 days' LIMIT 1000
        FOR UPDATE SKIP LOCKED)\
      """;

  private final Pool pool;

  @Inject
  GuessSql(Pool pool) {
    this.pool = pool;
  }

  /**
   * Counts an attempt.
   *
   * @param free how many a day cost nothing
   * @param waitSecondsMax how long the next one can have to wait
   * @return when to come back; empty where the attempt may be made
   */
  Future<Optional<Instant>> count(int slot, Instant now, int free, int waitSecondsMax) {
    var at = now.atOffset(ZoneOffset.UTC);
    return Postgres.execute(pool, COUNT, Tuple.of(slot, at, free, (double) waitSecondsMax))
        .compose(counted ->
            counted.size() > 0 ? Future.succeededFuture(Optional.empty()) : freeAt(slot, now));
  }

  /** Where the slot has become free or was forgotten since, one comes back at once. */
  private Future<Optional<Instant>> freeAt(int slot, Instant now) {
    return Postgres.execute(pool, FREE_AT, Tuple.of(slot))
        .map(rows ->
            Optional.of(
                StreamSupport.stream(rows.spliterator(), false)
                    .map(row -> row.getOffsetDateTime("free_at").toInstant())
                    .findFirst()
                    .orElse(now)));
  }

  /** Takes an attempt back. */
  Future<Void> takeBack(int slot, Instant now) {
    return Postgres.execute(pool, TAKE_BACK, Tuple.of(slot, now.atOffset(ZoneOffset.UTC)))
        .mapEmpty();
  }

  /** Removes a bounded number of slots that nobody tried for days. */
  Future<Void> forget() {
    return Postgres.execute(pool, FORGET).mapEmpty();
  }
}
