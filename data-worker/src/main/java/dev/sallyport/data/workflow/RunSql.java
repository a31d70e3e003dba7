package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is read of runs. Thread-safe, does not block; a future fails with a {@link
 * dev.sallyport.data.platform.StoreFailure}.
 */
@Singleton
class RunSql {
  /** Results are left out of one answer once they have come to this. */
  static final int OUTPUT_BYTES_MAX = 1024 * 1024;

  /** How far a page of progress goes; one entry goes whatever its size. */
  static final int PAGE_ENTRIES_MAX = 1000;

  static final int PAGE_BYTES_MAX = 256 * 1024;

  private static final String COLUMNS = columns("params", "output");

  private static final String BY_ID =
      "SELECT " + COLUMNS + " FROM workflow.run WHERE type = $1 AND id = $2";

  private static final String BY_IDS =
      "SELECT " + COLUMNS + " FROM workflow.run WHERE type = $1 AND id = ANY ($2)";

  private static final String BY_PK = "SELECT " + COLUMNS + " FROM workflow.run WHERE pk = $1";

  private static final String STEP_COLUMNS =
      "branch, ordinal, kind, key, status, attempts, started_at, ended_at, error, seq";

  /** In the order in which they last changed; results until there are too many of them. */
  private static final String STEPS =
      "SELECT "
          + STEP_COLUMNS
          + """
          , result IS NOT NULL AND status = 'done' AS has_result,
            CASE WHEN status = 'done'
              AND sum(octet_length(result)) OVER (ORDER BY seq, branch COLLATE "C", ordinal) <= $3
            THEN result END AS result
          FROM workflow.entry WHERE run = $1 AND generation = $2 ORDER BY seq, branch COLLATE "C", ordinal\
          """;

  /**
   * What changed after a place in the same order, up to a change; bounded, but never empty. Beside
   * each how many there were before it was cut to a page's bytes.
   */
  private static final String STEPS_AFTER =
      "WITH page AS MATERIALIZED (SELECT "
          + STEP_COLUMNS
          + """
          , result IS NOT NULL AND status = 'done' AS has_result,
            CASE WHEN status = 'done' THEN result END AS result,
            sum(coalesce(octet_length(result), 0) + 256)
              OVER (ORDER BY seq, branch COLLATE "C", ordinal) AS total,
            row_number() OVER (ORDER BY seq, branch COLLATE "C", ordinal) AS place
          FROM workflow.entry
          WHERE run = $1 AND generation = $2 AND (seq, branch COLLATE "C", ordinal) > ($3, $4, $5)
            AND seq <= $6
          ORDER BY seq, branch COLLATE "C", ordinal LIMIT $7)
          SELECT *, (SELECT count(*) FROM page) AS found FROM page
          WHERE total <= $8 OR place = 1 ORDER BY place\
          """;

  private static final String PROGRESS =
      "SELECT pk, seq, status FROM workflow.run WHERE pk = ANY ($1)";

  private final Postgres postgres;

  @Inject
  RunSql(Postgres postgres) {
    this.postgres = postgres;
  }

  /** What {@link #run} reads; parameters and output may be left aside. */
  static String columns(String params, String output) {
    return "pk, type, id, version, generation, principal, status, "
        + params
        + ", "
        + output
        + ", error, waiting_for, seq, generation_seq, created_at, updated_at";
  }

  Future<Optional<RunRow>> find(String type, String id) {
    return postgres.execute(BY_ID, Tuple.of(type, id)).map(RunSql::first);
  }

  Future<Optional<RunRow>> find(long pk) {
    return postgres.execute(BY_PK, Tuple.of(pk)).map(RunSql::first);
  }

  private static Optional<RunRow> first(RowSet<Row> rows) {
    return rows.size() == 0 ? Optional.empty() : Optional.of(run(rows.iterator().next()));
  }

  /** All that a run has recorded, results to {@link #OUTPUT_BYTES_MAX} in all. */
  Future<List<StepRow>> steps(long pk, int generation) {
    return postgres
        .execute(STEPS, Tuple.of(pk, generation, (long) OUTPUT_BYTES_MAX))
        .map(rows -> all(rows, RunSql::step));
  }

  /** A place in the order in which entries changed. */
  record Place(long seq, String branch, int ordinal) {
    /** Before all that changed after the change of this number. */
    static Place after(long seq) {
      return new Place(seq, "~", Integer.MAX_VALUE);
    }
  }

  /**
   * A page of what changed.
   *
   * @param more whether there is more before the change asked for
   */
  record Page(List<StepRow> steps, boolean more) {}

  /** A page of what changed after a place, up to and with the change {@code upTo}. */
  Future<Page> stepsAfter(RunRow run, Place place, long upTo) {
    return postgres
        .execute(
            STEPS_AFTER,
            Tuple.of(run.pk(), run.generation(), place.seq(), place.branch(), place.ordinal(), upTo)
                .addLong((long) PAGE_ENTRIES_MAX)
                .addLong((long) PAGE_BYTES_MAX))
        .map(rows -> {
          long found = rows.size() == 0 ? 0 : rows.iterator().next().getLong("found");
          return new Page(
              all(rows, RunSql::step), found > rows.size() || found == PAGE_ENTRIES_MAX);
        });
  }

  /** Those of these ids that there are. */
  Future<List<RunRow>> findAll(String type, List<String> ids) {
    return postgres
        .execute(BY_IDS, Tuple.of(type).addArrayOfString(ids.toArray(String[]::new)))
        .map(rows -> all(rows, RunSql::run));
  }

  /** How far a run is. */
  record Progress(long pk, long seq, boolean finished) {}

  /** How far these runs are; one that is gone is not among them. */
  Future<List<Progress>> progress(Long[] pks) {
    return postgres
        .execute(PROGRESS, Tuple.tuple().addArrayOfLong(pks))
        .map(rows ->
            all(
                rows,
                row ->
                    new Progress(
                        row.getLong(0),
                        row.getLong(1),
                        RunStatus.ofWire(row.getString(2)).isFinished())));
  }

  static <T> List<T> all(RowSet<Row> rows, Function<Row, T> reading) {
    var all = new ArrayList<T>(rows.size());
    for (var row : rows) {
      all.add(reading.apply(row));
    }
    return all;
  }

  /** A row of {@link #columns}. */
  static RunRow run(Row row) {
    return new RunRow(
        row.getLong(0),
        row.getString(1),
        row.getString(2),
        row.getInteger(3),
        row.getInteger(4),
        row.getString(5),
        RunStatus.ofWire(row.getString(6)),
        row.getString(7),
        row.getString(8),
        row.getString(9),
        row.getString(10),
        row.getLong(11),
        row.getLong(12),
        row.getOffsetDateTime(13).toInstant(),
        row.getOffsetDateTime(14).toInstant());
  }

  private static StepRow step(Row row) {
    var result = row.getString(11);
    return new StepRow(
        row.getString(0),
        row.getInteger(1),
        Entry.Kind.ofWire(row.getString(2)),
        row.getString(3),
        Entry.Status.ofWire(row.getString(4)),
        row.getInteger(5),
        row.getOffsetDateTime(6).toInstant(),
        instant(row.getOffsetDateTime(7)),
        result,
        row.getBoolean(10) && result == null,
        row.getString(8),
        row.getLong(9));
  }

  static @Nullable Instant instant(@Nullable OffsetDateTime moment) {
    return moment == null ? null : moment.toInstant();
  }
}
