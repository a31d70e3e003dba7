package dev.sallyport.data.platform;

import dev.sallyport.model.MigrationRun;
import dev.sallyport.model.Migrations;
import dev.sallyport.model.Migrations.Stored;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * How a migration reaches Postgres. Thread-safe, does not block. Looking at the version is quick,
 * so a Postgres that takes longer than {@link #ANSWER_WITHIN} for it is one that hangs.
 */
record PostgresStatements(Postgres postgres) implements MigrationRun.Statements {
  static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);

  @Override
  public CompletionStage<Stored> version(String sql) {
    return postgres
        .execute(sql)
        .timeout(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
        .map(PostgresStatements::stored)
        .recover(failure ->
            failure instanceof StatementRefused refused && Migrations.isMissing(refused.sqlState())
                ? Future.succeededFuture(Stored.NONE)
                : Future.failedFuture(failure))
        .toCompletionStage();
  }

  private static Stored stored(RowSet<Row> rows) {
    if (rows.size() == 0) {
      return Stored.NONE;
    }
    var row = rows.iterator().next();
    return new Stored(row.getInteger("version"), row.getInteger("serves_from"));
  }

  @Override
  public CompletionStage<Void> execute(String sql) {
    return postgres.execute(sql).<Void>mapEmpty().toCompletionStage();
  }
}
