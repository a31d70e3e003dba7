package dev.sallyport.data.platform;

import dev.sallyport.model.MigrationRun;
import dev.sallyport.model.Migrations;
import dev.sallyport.model.Migrations.Stored;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.concurrent.CompletionStage;

/** How a migration reaches Postgres. Thread-safe, does not block. */
record PostgresStatements(Postgres postgres) implements MigrationRun.Statements {
  @Override
  public CompletionStage<Stored> version(String sql) {
    return postgres
        .execute(sql)
        .map(PostgresStatements::stored)
        .recover(failure ->
            failure instanceof PgException refused && Migrations.isMissing(refused.getSqlState())
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
