package dev.sallyport.model;

import dev.sallyport.model.Migrations.Comparison;
import dev.sallyport.model.Migrations.Migration;
import dev.sallyport.model.Migrations.Stored;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Sends the statements of {@link Migrations} to a database, one after the other. Safe to run by any
 * number of workers at once and to cut off at any point. Does not block; runs on whatever thread
 * completes a statement.
 */
public final class MigrationRun {
  /** The client a worker has. */
  public interface Statements {
    /**
     * The row of {@link Migrations#readVersion()}, or {@link Stored#NONE} where its table or schema
     * is missing.
     */
    CompletionStage<Stored> version(String sql);

    /** Runs a statement for its effect. */
    CompletionStage<Void> execute(String sql);
  }

  private final Migrations migrations;
  private final Statements statements;

  private MigrationRun(Migrations migrations, Statements statements) {
    this.migrations = migrations;
    this.statements = statements;
  }

  /**
   * Brings the database up to date if it is behind.
   *
   * @return how the two compare in the end, never {@link Comparison.Behind}; or the failure of the
   *     statement that was refused or not reached
   */
  public static CompletionStage<Comparison> run(Migrations migrations, Statements statements) {
    return new MigrationRun(migrations, statements).run();
  }

  private CompletionStage<Comparison> run() {
    return statements
        .version(migrations.readVersion())
        .thenCompose(stored ->
            switch (migrations.compare(stored)) {
              case Comparison.Behind(var missing) ->
                  prepare(stored)
                      .thenCompose(done -> apply(missing.iterator()))
                      // Another worker may have been faster, or newer: it is read again.
                      .thenCompose(done -> run());
              case Comparison done -> CompletableFuture.completedStage(done);
            });
  }

  private CompletionStage<Void> prepare(Stored stored) {
    return stored.version() == 0
        ? statements.execute(migrations.prepare())
        : CompletableFuture.completedStage(null);
  }

  private CompletionStage<Void> apply(Iterator<Migration> missing) {
    return missing.hasNext()
        ? statements.execute(migrations.script(missing.next())).thenCompose(done -> apply(missing))
        : CompletableFuture.completedStage(null);
  }
}
