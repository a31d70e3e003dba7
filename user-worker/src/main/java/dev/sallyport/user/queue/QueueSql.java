package dev.sallyport.user.queue;

import dev.sallyport.user.platform.Database;
import dev.sallyport.user.platform.Postgres;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the data-worker lets this worker read of its queues. Thread-safe, does not block. */
@ApplicationScoped
class QueueSql {
  /** More than anybody has; what is beyond them does not exist for this worker. */
  private static final String OPEN_QUEUES =
      "SELECT name, senders FROM queue.open_queue ORDER BY name LIMIT 10000";

  /** No such table, no such schema: the data-worker has not made them yet. */
  private static final List<String> NOT_THERE_YET = List.of("42P01", "3F000");

  private final Database database;
  private final Pool pool;

  @Inject
  QueueSql(Database database, Pool pool) {
    this.database = database;
    this.pool = pool;
  }

  /**
   * All queues that can be sent to, by name; none before the data-worker has made its tables. Fails
   * within two seconds where Postgres gives no answer.
   */
  Future<Map<String, Senders>> openQueues() {
    return database.ask(
        () -> Postgres.execute(pool, OPEN_QUEUES).map(QueueSql::read).recover(QueueSql::orNone));
  }

  private static Map<String, Senders> read(RowSet<Row> rows) {
    var queues = HashMap.<String, Senders>newHashMap(rows.size());
    for (var row : rows) {
      queues.put(row.getString(0), Senders.of(row.getString(1)));
    }
    return queues;
  }

  private static Future<Map<String, Senders>> orNone(Throwable failure) {
    return failure instanceof PgException refused && NOT_THERE_YET.contains(refused.getSqlState())
        ? Future.succeededFuture(Map.of())
        : Future.failedFuture(failure);
  }
}
