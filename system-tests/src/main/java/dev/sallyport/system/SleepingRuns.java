package dev.sallyport.system;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies of one run that sleeps, made where the worker keeps it: starting a million over HTTP would
 * take an hour and show nothing else. Confined to one thread.
 */
final class SleepingRuns {
  /** What differs from run to run; all else is as the worker wrote it for the first. */
  private static final String RUNS =
      """
      INSERT INTO workflow.run (id, due_at, created_at, updated_at, $columns)
      SELECT t.id || '-$batch-' || n, $due, clock_timestamp(), clock_timestamp(), $columns
      FROM workflow.run t, generate_series($from, $to) AS n WHERE t.pk = $template
      """;

  private static final String ENTRIES =
      """
      INSERT INTO workflow.entry (run, due_at, $columns)
      SELECT r.pk, CASE WHEN e.due_at IS NOT NULL THEN r.due_at END, $read
      FROM workflow.run r, (SELECT due_at, $columns FROM workflow.entry WHERE run = $template) e
      WHERE r.pk > $after
      """;

  private static final int AT_ONCE = 100_000;

  private final Connection connection;
  private final long template;
  private final String runColumns;
  private final String entryColumns;

  /**
   * @param template the id of a run that sleeps
   */
  SleepingRuns(Connection connection, String template) throws SQLException {
    this.connection = connection;
    this.template = number("SELECT pk FROM workflow.run WHERE id = '" + template + "'");
    this.runColumns = columns("run", List.of("pk", "id", "due_at", "created_at", "updated_at"));
    this.entryColumns = columns("entry", List.of("run", "due_at"));
  }

  /**
   * Adds so many.
   *
   * @param batch part of their ids
   * @param due an expression for when each is due, in which {@code n} counts from 1
   */
  void add(String batch, int count, String due) throws SQLException {
    for (int from = 1; from <= count; from += AT_ONCE) {
      long last = number("SELECT max(pk) FROM workflow.run");
      connection.setAutoCommit(false);
      execute(
          RUNS.replace("$columns", runColumns)
              .replace("$batch", batch)
              .replace("$due", due)
              .replace("$from", Integer.toString(from))
              .replace("$to", Integer.toString(Math.min(count, from + AT_ONCE - 1)))
              .replace("$template", Long.toString(template)));
      execute(
          ENTRIES
              .replace("$columns", entryColumns)
              .replace("$read", "e." + entryColumns.replace(", ", ", e."))
              .replace("$template", Long.toString(template))
              .replace("$after", Long.toString(last)));
      connection.commit();
      connection.setAutoCommit(true);
    }
  }

  private String columns(String table, List<String> except) throws SQLException {
    var names = new ArrayList<String>();
    try (var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT column_name FROM information_schema.columns WHERE table_schema = 'workflow'"
                    + " AND table_name = '"
                    + table
                    + "' ORDER BY ordinal_position")) {
      while (rows.next()) {
        names.add(rows.getString(1));
      }
    }
    names.removeAll(except);
    return String.join(", ", names);
  }

  private long number(String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private void execute(String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }
}
