package dev.sallyport.data.cron;

import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The schedules themselves. Thread-safe; blocks. */
@Singleton
class ScheduleSql {
  /** Where workers tell each other that something is due, or will be sooner than they know. */
  static final String CHANNEL = "cron";

  private static final String COLUMNS =
      """
      s.pk, s.name, s.declared, s.timing_kind, s.timing, s.zone, s.anchor, s.server,
      s.queue_key, s.payload, s.overlap, s.missed, s.jitter_millis, s.due_at, s.paused_at,
      s.last_run, s.created_at, s.updated_at, clock_timestamp() AS now
      """;

  /**
   * What is due and can be started here, the longest due first. Whoever has a row locked deals with
   * it, or has died and its transaction with it: SKIP LOCKED.
   */
  private static final String LOCK_DUE =
      "SELECT "
          + COLUMNS
          + """
          FROM unnest($1::text[]) AS mine (server)
          CROSS JOIN LATERAL (
            SELECT * FROM cron.schedule d
            WHERE d.server = mine.server AND d.paused_at IS NULL AND d.fire_at <= now()
            ORDER BY d.fire_at LIMIT $2
            FOR NO KEY UPDATE SKIP LOCKED) s
          ORDER BY s.fire_at LIMIT $2
          """;

  /** An interval, so that no clock but Postgres's matters. */
  private static final String NEXT =
      """
      SELECT (extract(epoch FROM min(d.fire_at) - clock_timestamp()) * 1000)::bigint
      FROM unnest($1::text[]) AS mine (server)
      CROSS JOIN LATERAL (
        SELECT s.fire_at FROM cron.schedule s
        WHERE s.server = mine.server AND s.paused_at IS NULL AND s.fire_at IS NOT NULL
        ORDER BY s.fire_at LIMIT 1) d
      """;

  private static final String ADVANCE =
      """
      UPDATE cron.schedule s SET due_at = n.due_at, fire_at = n.fire_at,
        last_run = coalesce(n.last_run, s.last_run)
      FROM unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::text[])
        AS n (pk, due_at, fire_at, last_run)
      WHERE s.pk = n.pk
      """;

  private static final String RAN = "UPDATE cron.schedule SET last_run = $2 WHERE pk = $1";

  /**
   * Where the timing stays, so does what is due next: to write a schedule again neither repeats nor
   * drops a time. What a bean declares is replaced by a bean alone.
   */
  private static final String PUT =
      """
      INSERT INTO cron.schedule AS s (name, declared, timing_kind, timing, zone, anchor, server,
        queue_key, payload, overlap, missed, jitter_millis, due_at, fire_at)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
      ON CONFLICT (name) DO UPDATE SET declared = $2, timing_kind = $3, timing = $4, zone = $5,
        server = $7, queue_key = $8, payload = $9, overlap = $10, missed = $11,
        jitter_millis = $12, updated_at = now(),
        (anchor, due_at, fire_at) = (
          SELECT CASE WHEN same THEN s.anchor ELSE $6 END,
            CASE WHEN same THEN s.due_at ELSE $13 END, CASE WHEN same THEN s.fire_at ELSE $14 END
          FROM (SELECT s.timing_kind = $3 AND s.timing = $4 AND s.zone IS NOT DISTINCT FROM $5
            AND ($15::boolean OR s.anchor IS NOT DISTINCT FROM $6) AS same) AS compared)
        WHERE $2 OR NOT s.declared
      RETURNING xmax = 0 AS created
      """;

  private static final String FIND =
      "SELECT " + COLUMNS + " FROM cron.schedule s WHERE s.name = $1";

  private static final String LOCK = FIND + " FOR NO KEY UPDATE";

  private static final String PAGE =
      "SELECT " + COLUMNS + " FROM cron.schedule s WHERE s.name > $1 ORDER BY s.name LIMIT $2";

  private static final String PAUSE =
      "UPDATE cron.schedule SET paused_at = now() WHERE name = $1 AND paused_at IS NULL";

  private static final String RESUME =
      "UPDATE cron.schedule SET paused_at = NULL WHERE name = $1 AND paused_at IS NOT NULL";

  private static final String REMOVE = "DELETE FROM cron.schedule WHERE pk = $1";

  private static final String REMOVE_FIRES = "DELETE FROM cron.fire WHERE schedule = $1";

  private static final String NOW = "SELECT clock_timestamp()";

  private static final String NOTIFY = "SELECT pg_notify('" + CHANNEL + "', '')";

  /** No further is counted than matters. */
  private static final String OVERDUE =
      """
      SELECT count(*) FROM (
        SELECT 1 FROM cron.schedule
        WHERE fire_at < now() - $1 * interval '1 millisecond' AND paused_at IS NULL LIMIT 10000) s
      """;

  private final Transactions transactions;

  @Inject
  ScheduleSql(Transactions transactions) {
    this.transactions = transactions;
  }

  /** Locks at most so many that are due. */
  List<ScheduleRow> lockDue(Tx tx, List<String> servers, int max) {
    return rows(tx.execute(LOCK_DUE, servers.toArray(String[]::new), max));
  }

  /** How long until the next is due, negative for how long it has been; empty when none is. */
  Optional<Duration> next(List<String> servers) {
    var millis =
        transactions
            .execute(NEXT, (Object) servers.toArray(String[]::new))
            .iterator()
            .next()
            .getLong(0);
    return Optional.ofNullable(millis).map(Duration::ofMillis);
  }

  /**
   * When a schedule that has fired is due again.
   *
   * @param lastRun the run that it started, or null for none
   */
  record Advance(
      long pk, @Nullable Instant dueAt, @Nullable Instant fireAt, @Nullable String lastRun) {}

  void advance(Tx tx, List<Advance> all) {
    tx.execute(
        ADVANCE,
        all.stream().map(Advance::pk).toArray(Long[]::new),
        all.stream().map(one -> time(one.dueAt())).toArray(OffsetDateTime[]::new),
        all.stream().map(one -> time(one.fireAt())).toArray(OffsetDateTime[]::new),
        all.stream().map(Advance::lastRun).toArray(String[]::new));
  }

  void ran(Tx tx, long pk, String run) {
    tx.execute(RAN, pk, run);
  }

  /**
   * Writes a schedule.
   *
   * @param anyAnchor whether an interval may go on from where it began before
   * @return whether it is new; empty when a bean declares it
   */
  Optional<Boolean> put(
      Tx tx,
      String name,
      boolean declared,
      Schedule schedule,
      boolean anyAnchor,
      @Nullable Instant dueAt,
      @Nullable Instant fireAt) {
    var timing = TimingColumns.of(schedule.timing());
    var target = schedule.target();
    var key = target instanceof Target.Queue(var _, var _, var own) ? own : null;
    var written =
        tx.execute(
            PUT,
            name,
            declared,
            timing.kind(),
            timing.text(),
            timing.zone(),
            time(timing.anchor()),
            target.server(),
            key,
            payload(target),
            wire(schedule.overlap()),
            wire(schedule.missed()),
            schedule.jitter().toMillis(),
            time(dueAt),
            time(fireAt),
            anyAnchor);
    return written.rowCount() == 0
        ? Optional.empty()
        : Optional.of(written.iterator().next().getBoolean("created"));
  }

  static String payload(Target target) {
    return switch (target) {
      case Target.Workflow(var _, var params) -> params;
      case Target.Queue(var _, var body, var _) -> body;
      case Target.Job(var _, var params) -> params;
    };
  }

  Optional<ScheduleRow> find(Tx tx, String name) {
    return rows(tx.execute(FIND, name)).stream().findFirst();
  }

  /** Waits for whoever has it locked. */
  Optional<ScheduleRow> lock(Tx tx, String name) {
    return rows(tx.execute(LOCK, name)).stream().findFirst();
  }

  /** In order of their names, those after this one. */
  List<ScheduleRow> page(String after, int max) {
    return rows(transactions.execute(PAGE, after, max));
  }

  boolean pause(Tx tx, String name) {
    return tx.execute(PAUSE, name).rowCount() == 1;
  }

  boolean resume(Tx tx, String name) {
    return tx.execute(RESUME, name).rowCount() == 1;
  }

  /** Removes a schedule that is locked, with its history. */
  void remove(Tx tx, long pk) {
    tx.execute(REMOVE_FIRES, pk);
    tx.execute(REMOVE, pk);
  }

  Instant now(Tx tx) {
    return tx.execute(NOW).iterator().next().getOffsetDateTime(0).toInstant();
  }

  /** Wakes all workers once the transaction has committed. */
  void wake(Tx tx) {
    tx.execute(NOTIFY);
  }

  long overdue(Duration by) {
    return transactions.execute(OVERDUE, (double) by.toMillis()).iterator().next().getLong(0);
  }

  private static List<ScheduleRow> rows(RowSet<Row> rows) {
    var all = new ArrayList<ScheduleRow>(rows.size());
    rows.forEach(row -> all.add(row(row)));
    return all;
  }

  private static ScheduleRow row(Row row) {
    var schedule =
        new Schedule(
            timing(row),
            target(row),
            Overlap.valueOf(row.getString("overlap").toUpperCase(Locale.ROOT)),
            Missed.valueOf(row.getString("missed").toUpperCase(Locale.ROOT)),
            Duration.ofMillis(row.getLong("jitter_millis")));
    return new ScheduleRow(
        row.getLong("pk"),
        row.getString("name"),
        row.getBoolean("declared"),
        schedule,
        instant(row, "due_at"),
        instant(row, "paused_at"),
        row.getString("last_run"),
        Objects.requireNonNull(instant(row, "created_at")),
        Objects.requireNonNull(instant(row, "updated_at")),
        Objects.requireNonNull(instant(row, "now")));
  }

  /**
   * How a timing is kept.
   *
   * @param anchor of an interval; null for none
   */
  private record TimingColumns(
      String kind, String text, @Nullable String zone, @Nullable Instant anchor) {
    static TimingColumns of(Timing timing) {
      return switch (timing) {
        case Timing.Cron(var expression, var zone) ->
            new TimingColumns("cron", expression, zone.getId(), null);
        case Timing.Every(var interval, var from) ->
            new TimingColumns("every", interval.toString(), null, from);
        case Timing.At(var moment) -> new TimingColumns("at", moment.toString(), null, null);
      };
    }
  }

  private static Timing timing(Row row) {
    var text = row.getString("timing");
    return switch (row.getString("timing_kind")) {
      case "cron" -> new Timing.Cron(text, ZoneId.of(row.getString("zone")));
      case "every" -> new Timing.Every(Duration.parse(text), instant(row, "anchor"));
      default -> new Timing.At(Instant.parse(text));
    };
  }

  private static Target target(Row row) {
    var server = row.getString("server");
    var payload = row.getString("payload");
    var name = server.substring(server.indexOf(' ') + 1);
    if (server.startsWith("workflow ")) {
      return new Target.Workflow(name, payload);
    }
    return server.startsWith("job ")
        ? new Target.Job(name, payload)
        : new Target.Queue(name, payload, row.getString("queue_key"));
  }

  static String wire(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  static @Nullable OffsetDateTime time(@Nullable Instant moment) {
    return moment == null ? null : moment.atOffset(ZoneOffset.UTC);
  }

  static @Nullable Instant instant(Row row, String column) {
    var time = row.getOffsetDateTime(column);
    return time == null ? null : time.toInstant();
  }
}
