package dev.sallyport.user.binding;

import dev.sallyport.user.platform.Database;
import dev.sallyport.user.platform.Postgres;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What the data-workers let this worker read of themselves. Thread-safe, does not block. */
@ApplicationScoped
class WorkerSql {
  /** Of more data-workers than anybody runs some are not known here. */
  private static final String LIVE_WORKERS = "SELECT address FROM lease.live_worker LIMIT 10000";

  /** No such view, no such schema: the data-worker has not made them yet. */
  private static final List<String> NOT_THERE_YET = List.of("42P01", "3F000");

  private final Database database;
  private final Pool pool;

  @Inject
  WorkerSql(Database database, Pool pool) {
    this.database = database;
    this.pool = pool;
  }

  /**
   * The addresses that live data-workers have published; none before the first has made its tables.
   * Fails within two seconds where Postgres gives no answer.
   */
  Future<Set<String>> liveWorkers() {
    return database.ask(
        () -> Postgres.execute(pool, LIVE_WORKERS).map(WorkerSql::read).recover(WorkerSql::orNone));
  }

  private static Set<String> read(RowSet<Row> rows) {
    var addresses = HashSet.<String>newHashSet(rows.size());
    for (var row : rows) {
      addresses.add(row.getString(0));
    }
    return addresses;
  }

  private static Future<Set<String>> orNone(Throwable failure) {
    return failure instanceof PgException refused && NOT_THERE_YET.contains(refused.getSqlState())
        ? Future.succeededFuture(Set.of())
        : Future.failedFuture(failure);
  }
}
