package dev.sallyport.user.platform;

import dev.sallyport.model.MigrationRun;
import dev.sallyport.model.Migrations;
import dev.sallyport.model.Migrations.Comparison;
import dev.sallyport.model.Migrations.Stored;
import io.vertx.core.Future;
import io.vertx.pgclient.PgException;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Brings a feature's tables up to date. Thread-safe, does not block. */
@ApplicationScoped
public class Schema {
  private static final Logger LOG = Logger.getLogger(Schema.class);

  /**
   * A migration of a large table may take this long; a Postgres that hangs is given up after it.
   */
  private static final int PATIENCE_SECONDS = 60;

  /** Looking at the version is quick: a Postgres that takes longer for it hangs. */
  private static final int ANSWER_SECONDS = 5;

  private final Pool pool;

  @Inject
  Schema(Pool pool) {
    this.pool = pool;
  }

  /**
   * Migrates if the database is behind. Fails with {@link IllegalStateException} where a later
   * release has changed the tables so that this one cannot use them, else with what Postgres said.
   */
  public Future<Void> ready(Migrations migrations) {
    return Future.fromCompletionStage(MigrationRun.run(migrations, new PoolStatements(pool)))
        .timeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
        .compose(comparison -> settled(migrations, comparison));
  }

  private static Future<Void> settled(Migrations migrations, Comparison comparison) {
    return switch (comparison) {
      case Comparison.Current current -> Future.succeededFuture();
      case Comparison.Ahead ahead -> {
        LOG.infof("schema %s is newer than this worker, which can use it", migrations.schema());
        yield Future.succeededFuture();
      }
      case Comparison.TooNew tooNew ->
          Future.failedFuture(new IllegalStateException(migrations.tooNew()));
      case Comparison.Behind behind ->
          Future.failedFuture(new IllegalStateException("migrated, yet " + behind));
    };
  }

  private record PoolStatements(Pool pool) implements MigrationRun.Statements {
    @Override
    public CompletionStage<Stored> version(String sql) {
      return Postgres.execute(pool, sql)
          .timeout(ANSWER_SECONDS, TimeUnit.SECONDS)
          .map(PoolStatements::stored)
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
      return Postgres.execute(pool, sql).<Void>mapEmpty().toCompletionStage();
    }
  }
}
