package dev.sallyport.data.cron;

import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import io.vertx.sqlclient.Row;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Fires as they come into being, and their history. Thread-safe; blocks. */
@Singleton
class FireSql {
  /** One for each schedule and time: one that is there is left out. */
  private static final String INSERT =
      """
      INSERT INTO cron.fire (schedule, due_at, manual, status, missed, server, payload, run, run_at,
        started_at, ended_at, keep_until)
      SELECT f.schedule, f.due_at, f.manual, f.status, f.missed, f.server, f.payload, f.run,
        CASE WHEN f.status = 'queued' THEN clock_timestamp() END,
        CASE WHEN f.status IN ('started', 'sent') THEN clock_timestamp() END,
        CASE WHEN f.payload IS NULL THEN clock_timestamp() END,
        clock_timestamp() + f.keep * interval '1 second'
      FROM unnest($1::bigint[], $2::timestamptz[], $3::boolean[], $4::text[], $5::int[], $6::text[],
        $7::text[], $8::text[], $9::bigint[]) WITH ORDINALITY
        AS f (schedule, due_at, manual, status, missed, server, payload, run, keep, n)
      ORDER BY f.n
      ON CONFLICT DO NOTHING
      RETURNING pk, schedule, due_at
      """;

  private static final String GOING =
      """
      SELECT schedule, bool_or(status <> 'waiting') AS going, bool_or(status = 'waiting') AS waiting
      FROM cron.fire
      WHERE schedule = ANY($1::bigint[]) AND status IN ('waiting', 'queued', 'running')
      GROUP BY schedule
      """;

  private static final String FAILED =
      """
      UPDATE cron.fire SET status = 'errored', error = $2, run = NULL, payload = NULL,
        ended_at = clock_timestamp() WHERE pk = $1
      """;

  /** Those that wait, whose schedule can be started here; of one that dies in between the lock. */
  private static final String LOCK_WAITING =
      """
      SELECT f.pk, f.schedule, f.due_at, f.server, f.payload, s.name, s.last_run
      FROM cron.fire f JOIN cron.schedule s ON s.pk = f.schedule
      WHERE f.status = 'waiting' AND f.pk > $1 AND f.server = ANY($2::text[])
      ORDER BY f.pk LIMIT $3
      FOR NO KEY UPDATE SKIP LOCKED
      """;

  private static final String BEGIN =
      """
      UPDATE cron.fire SET status = $2, run = $3,
        run_at = CASE WHEN $2 = 'queued' THEN clock_timestamp() END,
        payload = CASE WHEN $2 = 'queued' THEN payload END,
        started_at = CASE WHEN $2 <> 'queued' THEN clock_timestamp() END,
        ended_at = CASE WHEN $2 <> 'queued' THEN clock_timestamp() END
      WHERE pk = $1
      """;

  private static final String HISTORY =
      """
      SELECT f.pk, f.due_at, f.manual, f.status, f.missed, f.run, f.worker, f.attempt, f.fired_at,
        f.started_at, f.ended_at, f.error, f.run_at
      FROM cron.fire f JOIN cron.schedule s ON s.pk = f.schedule
      WHERE s.name = $1 AND f.pk < $2 ORDER BY f.pk DESC LIMIT $3
      """;

  private static final String SWEEP =
      """
      DELETE FROM cron.fire WHERE pk IN (
        SELECT pk FROM cron.fire WHERE ended_at IS NOT NULL AND keep_until < now()
        ORDER BY keep_until LIMIT $1 FOR UPDATE SKIP LOCKED)
      """;

  /**
   * One fire to be made.
   *
   * @param payload what it is to be given; null when it is over already
   * @param keepSeconds how long it stays in the history
   */
  record NewFire(
      long schedule,
      Instant dueAt,
      boolean manual,
      FireStatus status,
      int missed,
      String server,
      @Nullable String payload,
      @Nullable String run,
      long keepSeconds) {
    Key key() {
      return new Key(schedule, dueAt);
    }
  }

  /** Of which there is one fire. */
  record Key(long schedule, Instant dueAt) {}

  /** What a schedule started before. */
  record Going(boolean going, boolean waiting) {
    static final Going NOTHING = new Going(false, false);
  }

  /** A fire that waits for the one before. */
  record Waiting(
      long pk,
      long schedule,
      Instant dueAt,
      String server,
      String payload,
      String name,
      @Nullable String lastRun) {}

  /** A fire in the history. */
  record Past(
      long pk,
      Instant dueAt,
      boolean manual,
      String status,
      int missed,
      @Nullable String run,
      @Nullable String worker,
      int attempt,
      Instant firedAt,
      @Nullable Instant startedAt,
      @Nullable Instant endedAt,
      @Nullable String error,
      @Nullable Instant runAt) {}

  private final Transactions transactions;

  @Inject
  FireSql(Transactions transactions) {
    this.transactions = transactions;
  }

  /** Makes fires; gives the keys of those that are new. */
  Map<Key, Long> insert(Tx tx, List<NewFire> fires) {
    var made = HashMap.<Key, Long>newHashMap(fires.size());
    var rows =
        tx.execute(
            INSERT,
            fires.stream().map(NewFire::schedule).toArray(Long[]::new),
            fires.stream()
                .map(fire -> ScheduleSql.time(fire.dueAt()))
                .toArray(OffsetDateTime[]::new),
            fires.stream().map(NewFire::manual).toArray(Boolean[]::new),
            fires.stream().map(fire -> fire.status().wire()).toArray(String[]::new),
            fires.stream().map(NewFire::missed).toArray(Integer[]::new),
            fires.stream().map(NewFire::server).toArray(String[]::new),
            fires.stream().map(NewFire::payload).toArray(String[]::new),
            fires.stream().map(NewFire::run).toArray(String[]::new),
            fires.stream().map(NewFire::keepSeconds).toArray(Long[]::new));
    for (var row : rows) {
      made.put(new Key(row.getLong("schedule"), moment(row, "due_at")), row.getLong("pk"));
    }
    return made;
  }

  /** What goes on of these schedules. */
  Map<Long, Going> going(Tx tx, List<Long> schedules) {
    var going = new HashMap<Long, Going>();
    for (var row : tx.execute(GOING, (Object) schedules.toArray(Long[]::new))) {
      going.put(
          row.getLong("schedule"), new Going(row.getBoolean("going"), row.getBoolean("waiting")));
    }
    return going;
  }

  /** It could not be started. */
  void failed(Tx tx, long pk, String why) {
    tx.execute(FAILED, pk, why);
  }

  List<Waiting> lockWaiting(Tx tx, long after, List<String> servers, int max) {
    var waiting = new ArrayList<Waiting>();
    for (var row : tx.execute(LOCK_WAITING, after, servers.toArray(String[]::new), max)) {
      waiting.add(
          new Waiting(
              row.getLong("pk"),
              row.getLong("schedule"),
              moment(row, "due_at"),
              row.getString("server"),
              row.getString("payload"),
              row.getString("name"),
              row.getString("last_run")));
    }
    return waiting;
  }

  /** One that waited does so no more. */
  void begin(Tx tx, long pk, FireStatus as, @Nullable String run) {
    tx.execute(BEGIN, pk, as.wire(), run);
  }

  /** Of one schedule, the newest before this one. */
  List<Past> history(String name, long before, int max) {
    var past = new ArrayList<Past>();
    for (var row : transactions.execute(HISTORY, name, before, max)) {
      past.add(past(row));
    }
    return past;
  }

  private static Past past(Row row) {
    return new Past(
        row.getLong("pk"),
        moment(row, "due_at"),
        row.getBoolean("manual"),
        row.getString("status"),
        row.getInteger("missed"),
        row.getString("run"),
        row.getString("worker"),
        row.getInteger("attempt"),
        moment(row, "fired_at"),
        ScheduleSql.instant(row, "started_at"),
        ScheduleSql.instant(row, "ended_at"),
        row.getString("error"),
        ScheduleSql.instant(row, "run_at"));
  }

  /** Deletes some of those whose time is over; gives how many. */
  int sweep(int max) {
    return transactions.execute(SWEEP, max).rowCount();
  }

  private static Instant moment(Row row, String column) {
    return Objects.requireNonNull(ScheduleSql.instant(row, column));
  }
}
