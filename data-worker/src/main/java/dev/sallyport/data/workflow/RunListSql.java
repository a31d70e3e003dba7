package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds runs by owner, type and status, the newest first. Each pair of type and status is a range
 * of an index that is read from its end, no further than the page needs; only what these give is
 * merged. Thread-safe, does not block.
 */
@Singleton
class RunListSql {
  private static final String PAIRS =
      """
      SELECT newest.pk FROM unnest($1::text[]) AS t (type), unnest($2::text[]) AS s (status),
      LATERAL (
        SELECT pk FROM workflow.run
        WHERE status = s.status AND type = t.type AND pk < $3\
      """;

  private static final String NEWEST_OF_EACH =
      """
        ORDER BY pk DESC LIMIT $4) AS newest
      ORDER BY newest.pk DESC LIMIT $4\
      """;

  private static final String OF_ALL = page("");
  private static final String OF_OWNER = page(" AND principal = $5");

  /** Bulk operations also look at when a run was made. */
  private static final String MADE = " AND created_at < $5 AND created_at > $6";

  private static final String KEYS_OF_ALL = PAIRS + MADE + "\n" + NEWEST_OF_EACH;
  private static final String KEYS_OF_OWNER =
      PAIRS + MADE + " AND principal = $7\n" + NEWEST_OF_EACH;

  private final Postgres postgres;

  @Inject
  RunListSql(Postgres postgres) {
    this.postgres = postgres;
  }

  private static String page(String owner) {
    return "SELECT "
        + RunSql.columns("''", "NULL")
        + " FROM workflow.run WHERE pk = ANY (ARRAY(\n"
        + PAIRS
        + owner
        + "\n"
        + NEWEST_OF_EACH
        + ")) ORDER BY pk DESC";
  }

  /**
   * What is looked for.
   *
   * @param owner null for everyone's
   */
  record Query(@Nullable String owner, List<String> types, List<RunStatus> statuses) {}

  /** The newest runs older than {@code before}; without parameters and outputs. */
  Future<List<RunRow>> page(Query query, long before, int limit) {
    var values = values(query, before, limit);
    return postgres
        .execute(query.owner() == null ? OF_ALL : OF_OWNER, withOwner(query, values))
        .map(rows -> RunSql.all(rows, RunSql::run));
  }

  /** The keys of the newest runs that were made between two moments, exclusively. */
  Future<List<Long>> keys(
      Query query, @Nullable Instant after, @Nullable Instant before, int limit) {
    var values =
        values(query, Long.MAX_VALUE, limit)
            .addOffsetDateTime(moment(before, OffsetDateTime.MAX))
            .addOffsetDateTime(moment(after, OffsetDateTime.MIN));
    return postgres
        .execute(query.owner() == null ? KEYS_OF_ALL : KEYS_OF_OWNER, withOwner(query, values))
        .map(rows -> RunSql.all(rows, row -> row.getLong(0)));
  }

  private static OffsetDateTime moment(@Nullable Instant moment, OffsetDateTime absent) {
    return moment == null ? absent : moment.atOffset(ZoneOffset.UTC);
  }

  private static Tuple values(Query query, long before, int limit) {
    return Tuple.tuple()
        .addArrayOfString(query.types().toArray(String[]::new))
        .addArrayOfString(query.statuses().stream().map(RunStatus::wire).toArray(String[]::new))
        .addLong(before)
        .addLong((long) limit);
  }

  private static Tuple withOwner(Query query, Tuple values) {
    return query.owner() == null ? values : values.addString(query.owner());
  }
}
