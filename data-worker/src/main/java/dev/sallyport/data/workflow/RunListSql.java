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
  static final String OF_ALL = page(newest("", ""));
  static final String OF_OWNER = page(newest("$5", ""));

  /** Bulk operations also look at when a run was made. */
  private static final String MADE = " AND created_at < $5 AND created_at > $6";

  private static final String KEYS_OF_ALL = newest("", MADE);
  private static final String KEYS_OF_OWNER = newest("$7", MADE);

  private final Postgres postgres;

  @Inject
  RunListSql(Postgres postgres) {
    this.postgres = postgres;
  }

  /**
   * The newest runs of some types ($1) and statuses ($2) before a key ($3), so many ($4). The range
   * is written as one of whole index entries because of equal columns the planner would rather walk
   * back through all runs there are, by the primary key.
   *
   * @param owner the parameter that says whose; empty for everyone's
   */
  private static String newest(String owner, String also) {
    var principal = owner.isEmpty() ? "" : "principal, ";
    var columns = "(" + principal + "status, type, pk)";
    var pair = (owner.isEmpty() ? "(" : "(" + owner + "::text, ") + "s.status, t.type, ";
    return """
    SELECT newest.pk, t.type, newest.id
    FROM unnest($1::text[]) AS t (type), unnest($2::text[]) AS s (status), LATERAL (
      SELECT pk, id FROM workflow.run WHERE\
    """
        + (" " + columns + " < " + pair + "$3::bigint)")
        + (" AND " + columns + " > " + pair + "0)")
        + also
        + "\n  ORDER BY "
        + (owner.isEmpty() ? "" : "principal DESC, ")
        + """
        status DESC, type DESC, pk DESC LIMIT $4::int) AS newest
        ORDER BY newest.pk DESC LIMIT $4::int\
        """;
  }

  private static String page(String newest) {
    return "SELECT "
        + RunSql.columns("''", "NULL")
        + " FROM workflow.run WHERE pk = ANY (ARRAY(SELECT pk FROM ("
        + newest
        + ") AS page)) ORDER BY pk DESC";
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

  /** Which run. */
  record RunKey(String type, String id) {}

  /** The newest runs that were made between two moments, exclusively. */
  Future<List<RunKey>> keys(
      Query query, @Nullable Instant after, @Nullable Instant before, int limit) {
    var values =
        values(query, Long.MAX_VALUE, limit)
            .addOffsetDateTime(moment(before, OffsetDateTime.MAX))
            .addOffsetDateTime(moment(after, OffsetDateTime.MIN));
    return postgres
        .execute(query.owner() == null ? KEYS_OF_ALL : KEYS_OF_OWNER, withOwner(query, values))
        .map(rows -> RunSql.all(rows, row -> new RunKey(row.getString(1), row.getString(2))));
  }

  private static OffsetDateTime moment(@Nullable Instant moment, OffsetDateTime absent) {
    return moment == null ? absent : moment.atOffset(ZoneOffset.UTC);
  }

  private static Tuple values(Query query, long before, int limit) {
    return Tuple.tuple()
        .addArrayOfString(query.types().toArray(String[]::new))
        .addArrayOfString(query.statuses().stream().map(RunStatus::wire).toArray(String[]::new))
        .addLong(before)
        .addInteger(limit);
  }

  private static Tuple withOwner(Query query, Tuple values) {
    return query.owner() == null ? values : values.addString(query.owner());
  }
}
