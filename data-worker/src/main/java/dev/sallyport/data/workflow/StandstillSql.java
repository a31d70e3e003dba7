package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.Postgres;
import io.vertx.core.Future;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What may keep a run from being executed. Thread-safe, does not block. */
@Singleton
class StandstillSql {
  /** Counts no further than the limit. */
  private static final String LOOK =
      """
      SELECT
        EXISTS (SELECT FROM workflow.served WHERE type = $1 AND version = $2),
        (SELECT count(*) FROM (
          SELECT FROM workflow.run WHERE status = 'running' AND type = $1 LIMIT $3) AS counted),
        (SELECT next_start FROM workflow.admission WHERE type = $1),
        now()\
      """;

  private final Postgres postgres;

  @Inject
  StandstillSql(Postgres postgres) {
    this.postgres = postgres;
  }

  /**
   * How things stand.
   *
   * @param served whether a worker that is alive has the version
   * @param running how many of the type execute, counted to the limit
   * @param nextStart the theoretical arrival time of the type's start rate
   * @param now the database's clock
   */
  record Look(boolean served, long running, @Nullable Instant nextStart, Instant now) {}

  Future<Look> look(String type, int version, int limit) {
    return postgres
        .execute(LOOK, Tuple.of(type, version, (long) limit))
        .map(rows -> {
          var row = rows.iterator().next();
          return new Look(
              row.getBoolean(0),
              row.getLong(1),
              RunSql.instant(row.getOffsetDateTime(2)),
              row.getOffsetDateTime(3).toInstant());
        });
  }
}
