package dev.sallyport.data.queue;

import dev.sallyport.data.platform.Transactions;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Dead letters are brought back or removed, the oldest first. Each statement examines at most
 * {@link #STEP_MAX} of them and says where it ended; so none takes long however many there are and
 * however few fit.
 *
 * <p>Nobody owns a dead letter, so no partition is locked: a row that another call changed first is
 * left out, since it is not dead any more. What is brought back gets its place among the messages
 * of its key when it becomes due, from whoever has the partition.
 */
@Singleton
class DeadSql {
  static final int STEP_MAX = 1_000;

  private static final String FOUND =
      """
      WITH examined AS MATERIALIZED (
        SELECT pk, due_at, sender, key, reason FROM queue.message
        WHERE queue = $1 AND state = 'dead' AND (due_at, pk) > ($9::timestamptz, $10::bigint)
        ORDER BY due_at, pk LIMIT 1000),
      """;

  /** Where they are named, the rows themselves lead to them. */
  private static final String FOUND_NAMED =
      """
      WITH examined AS MATERIALIZED (
        SELECT pk, due_at, sender, key, reason FROM queue.message
        WHERE pk = ANY ($8::bigint[]) AND queue = $1 AND state = 'dead'
          AND (due_at, pk) > ($9::timestamptz, $10::bigint)),
      """;

  private static final String FITTING =
      """
      found AS MATERIALIZED (
        SELECT pk, row_number() OVER (ORDER BY due_at, pk) - 1 AS nth FROM examined WHERE\
      """
          + (" " + DeadFilter.FITS + " ORDER BY due_at, pk LIMIT $2::int), changed AS (\n");

  private static final String COUNTED =
      """
      ) SELECT (SELECT count(*) FROM changed) AS changed, (SELECT count(*) FROM found) AS found,
        count(*) AS examined, max(due_at) AS last_at,
        (array_agg(pk ORDER BY due_at DESC, pk DESC))[1] AS last_pk FROM examined
      """;

  /**
   * What is due takes its place in its key when it becomes due. That place is its new time: it
   * comes after those that were due before. Never before it was sent, whatever the clocks say.
   */
  private static final String REDRIVEN =
      """
      UPDATE queue.message m
      SET state = CASE WHEN key IS NULL THEN 'ready' ELSE 'delayed' END,
        due_at = $11::timestamptz
          + (($12::bigint + nth)::float8 * $13::float8) * interval '1 microsecond',
        place = greatest(sent_at, $11::timestamptz
          + (($12::bigint + nth)::float8 * $13::float8) * interval '1 microsecond'),
        attempts = 0, receipt = NULL
      FROM found WHERE m.pk = found.pk AND m.state = 'dead' RETURNING m.pk
      """;

  private static final String PURGED =
      """
      DELETE FROM queue.message m USING found
      WHERE m.pk = found.pk AND m.state = 'dead' RETURNING m.pk
      """;

  private static final String REDRIVE = FOUND + FITTING + REDRIVEN + COUNTED;
  private static final String REDRIVE_NAMED = FOUND_NAMED + FITTING + REDRIVEN + COUNTED;
  private static final String PURGE = FOUND + FITTING + PURGED + COUNTED;
  private static final String PURGE_NAMED = FOUND_NAMED + FITTING + PURGED + COUNTED;

  private static final String NOW = "SELECT now()";

  private final Transactions transactions;

  @Inject
  DeadSql(Transactions transactions) {
    this.transactions = transactions;
  }

  /** The database's clock. */
  Instant now() {
    var row = transactions.execute(NOW).iterator().next();
    return Objects.requireNonNull(row.getOffsetDateTime(0)).toInstant();
  }

  /**
   * What one statement did.
   *
   * @param changed how many letters
   * @param found how many fitted; some may have been changed by another call
   * @param end where the next one begins; null when there is nothing more
   */
  record Step(int changed, int found, @Nullable Position end) {}

  /**
   * When letters that are brought back are due.
   *
   * @param base the first of the call
   * @param nth how many of the call there were before
   * @param gapMicros between two
   */
  record Pace(Instant base, long nth, double gapMicros) {}

  /**
   * Brings back at most so many of those after {@code from}.
   *
   * @param max at most {@link #STEP_MAX}
   */
  Step redrive(int queue, Position from, DeadFilter filter, int max, Pace pace) {
    var values = values(queue, from, filter, max);
    values
        .addOffsetDateTime(new Position(pace.base(), 0).utc())
        .addLong(pace.nth())
        .addDouble(pace.gapMicros());
    return step(filter.letters() == null ? REDRIVE : REDRIVE_NAMED, values);
  }

  /** Removes at most so many of those after {@code from}, for good. */
  Step purge(int queue, Position from, DeadFilter filter, int max) {
    return step(filter.letters() == null ? PURGE : PURGE_NAMED, values(queue, from, filter, max));
  }

  private Step step(String sql, Tuple values) {
    return transactions.call(tx -> {
      var row = tx.execute(sql, values).iterator().next();
      var lastAt = row.getOffsetDateTime("last_at");
      return new Step(
          Math.toIntExact(row.getLong("changed")),
          Math.toIntExact(row.getLong("found")),
          lastAt == null || row.getLong("examined") < STEP_MAX
              ? null
              : new Position(lastAt.toInstant(), row.getLong("last_pk")));
    });
  }

  private static Tuple values(int queue, Position from, DeadFilter filter, int max) {
    return Tuple.tuple()
        .addInteger(queue)
        .addInteger(max)
        .addString(filter.key())
        .addString(filter.sender())
        .addString(filter.reason())
        .addOffsetDateTime(filter.until().utc())
        .addOffsetDateTime(filter.since().utc())
        .addArrayOfLong(filter.pks())
        .addOffsetDateTime(from.utc())
        .addLong(from.pk());
  }
}
