package dev.sallyport.data.platform;

import dev.sallyport.model.Migrations;
import dev.sallyport.model.Migrations.Comparison;
import dev.sallyport.model.Migrations.Migration;
import dev.sallyport.model.Migrations.Stored;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.Iterator;
import java.util.List;

/**
 * Sends the statements of {@link Migrations} to Postgres, one after the other. Safe to run by any
 * number of workers at once and to cut off at any point. Thread-safe, does not block.
 */
final class SchemaMigrator {
  private final Postgres postgres;
  private final Migrations migrations;

  SchemaMigrator(Postgres postgres, Migrations migrations) {
    this.postgres = postgres;
    this.migrations = migrations;
  }

  /**
   * Brings the database up to date if it is behind.
   *
   * @return how the two compare in the end, never {@link Comparison.Behind}; or the failure of the
   *     statement that Postgres refused or did not get
   */
  Future<Comparison> migrate() {
    return stored()
        .compose(stored ->
            switch (migrations.compare(stored)) {
              case Comparison.Behind(var missing) -> prepare(stored, missing);
              case Comparison done -> Future.succeededFuture(done);
            });
  }

  private Future<Stored> stored() {
    return postgres
        .execute(migrations.readVersion())
        .map(SchemaMigrator::version)
        .recover(failure ->
            isMissing(failure)
                ? Future.succeededFuture(Stored.NONE)
                : Future.failedFuture(failure));
  }

  private static Stored version(RowSet<Row> rows) {
    if (rows.size() == 0) {
      return Stored.NONE;
    }
    var row = rows.iterator().next();
    return new Stored(row.getInteger("version"), row.getInteger("serves_from"));
  }

  private static boolean isMissing(Throwable failure) {
    return failure instanceof PgException refused
        && (Migrations.MISSING_TABLE.equals(refused.getSqlState())
            || Migrations.MISSING_SCHEMA.equals(refused.getSqlState()));
  }

  private Future<Comparison> prepare(Stored stored, List<Migration> missing) {
    var prepared =
        stored.version() == 0
            ? postgres.execute(migrations.prepare()).<Void>mapEmpty()
            : Future.<Void>succeededFuture();
    // Another worker may have been faster, or newer: what counts in the end is read again.
    return prepared.compose(done -> run(missing.iterator())).compose(done -> migrate());
  }

  private Future<Void> run(Iterator<Migration> missing) {
    if (!missing.hasNext()) {
      return Future.succeededFuture();
    }
    return postgres.execute(migrations.script(missing.next())).compose(done -> run(missing));
  }
}
