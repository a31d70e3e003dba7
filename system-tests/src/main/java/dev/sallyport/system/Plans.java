package dev.sallyport.system;

import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;

/** How Postgres executes the statements that claim and list runs. Confined to one thread. */
final class Plans {
  private static final String TYPES = "'{sample-steps,sample-count,sample-approval}'";
  private static final String VERSIONS = "'{1,1,1}'";

  private final Connection connection;
  private final WorkerStatements statements;
  private final PrintStream out;

  Plans(Connection connection, WorkerStatements statements, PrintStream out) {
    this.connection = connection;
    this.statements = statements;
    this.out = out;
  }

  /** Executes each in a transaction that is undone. */
  void print(String principal) throws SQLException {
    print("ClaimSql", "CLAIM_DUE", "0, 64, " + TYPES + ", " + VERSIONS);
    print("ClaimSql", "CLAIM_READY", "0, 64, " + TYPES + ", " + VERSIONS + ", ''");
    print("ClaimSql", "NEXT_DUE", TYPES + ", " + VERSIONS);
    print("RunListSql", "OF_ALL", TYPES + ", '{waiting}', " + Long.MAX_VALUE + ", 51");
    var mine = ", 51, '" + principal + "'";
    print("RunListSql", "OF_OWNER", TYPES + ", '{waiting}', " + Long.MAX_VALUE + mine);
  }

  private void print(String type, String constant, String values) throws SQLException {
    out.println();
    out.println("### " + type + "." + constant + "(" + values + ")");
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      // As the worker's driver does: prepared, and planned without the values once it is warm.
      statement.execute("SET LOCAL plan_cache_mode = force_generic_plan");
      statement.execute("PREPARE explained AS " + statements.text(type, constant));
      try (var rows =
          statement.executeQuery(
              "EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) EXECUTE explained (" + values + ")")) {
        while (rows.next()) {
          out.println(rows.getString(1));
        }
      }
      statement.execute("DEALLOCATE explained");
    } finally {
      connection.rollback();
      connection.setAutoCommit(true);
    }
  }
}
