package dev.sallyport.system;

import dev.sallyport.local.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * The runs as Postgres has them, read from outside: what no single worker can be asked while it is
 * being killed. Confined to one thread.
 */
final class RunTable implements AutoCloseable {
  private final PostgresServer postgres;
  private Connection connection;

  private RunTable(PostgresServer postgres) throws SQLException {
    this.postgres = postgres;
    this.connection = postgres.connect(PostgresServer.DATA_WORKER);
  }

  static RunTable of(Deployment deployment) throws SQLException {
    return new RunTable(deployment.stack().postgres());
  }

  /** After Postgres was away. */
  void reconnect() throws SQLException {
    connection.close();
    connection = postgres.connect(PostgresServer.DATA_WORKER);
  }

  /** How many of these runs have this status. */
  int count(String status, Collection<String> ids) throws SQLException {
    return ids(status, ids).size();
  }

  /** Which of these runs have this status. */
  Set<String> ids(String status, Collection<String> ids) throws SQLException {
    return texts("SELECT id FROM workflow.run WHERE id = ANY (?) AND status = ?", ids, status);
  }

  /** Which of these runs are there at all. */
  Set<String> existing(Collection<String> ids) throws SQLException {
    return texts("SELECT id FROM workflow.run WHERE id = ANY (?) AND status <> ?", ids, "");
  }

  /** Which of these runs something may still happen to. */
  Set<String> unfinished(Collection<String> ids) throws SQLException {
    return texts(
        "SELECT id FROM workflow.run WHERE id = ANY (?) AND status <> ALL (string_to_array(?, ','))",
        ids,
        "complete,errored,terminated");
  }

  /** The incarnation of the worker that executes the most of these runs now. */
  long holder(Collection<String> ids) throws SQLException {
    var most =
        texts(
            "SELECT mode() WITHIN GROUP (ORDER BY owner)::text FROM workflow.run"
                + " WHERE id = ANY (?) AND status = ?",
            ids,
            "running");
    return Long.parseLong(most.iterator().next());
  }

  /** Which of these runs this incarnation executes now. */
  Set<String> heldBy(long owner, Collection<String> ids) throws SQLException {
    return texts(
        "SELECT id FROM workflow.run WHERE id = ANY (?) AND owner = ?::bigint",
        ids,
        Long.toString(owner));
  }

  /** How many of these runs another incarnation than this one executes now. */
  int elsewhere(Collection<String> ids, long than) throws SQLException {
    return texts(
            "SELECT id FROM workflow.run WHERE id = ANY (?) AND owner <> ?::bigint",
            ids,
            Long.toString(than))
        .size();
  }

  private Set<String> texts(String sql, Collection<String> ids, String value) throws SQLException {
    try (var statement = connection.prepareStatement(sql)) {
      statement.setArray(1, connection.createArrayOf("text", ids.toArray()));
      statement.setString(2, value);
      return texts(statement);
    }
  }

  private static Set<String> texts(PreparedStatement statement) throws SQLException {
    var texts = new HashSet<String>();
    try (var rows = statement.executeQuery()) {
      while (rows.next()) {
        texts.add(rows.getString(1));
      }
    }
    return texts;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
