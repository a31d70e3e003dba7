package dev.sallyport.user.queue;

import dev.sallyport.local.StackResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;

/** The data-worker's tables of queues, made by its own migration and filled by hand. */
final class QueueTables {
  private static final Path MIGRATION =
      Path.of("../data-worker/src/main/resources/db/data-worker/V6__queue.sql");

  private QueueTables() {}

  /** Opens these queues, by name, to these senders. */
  static void open(Map<String, String> queues) throws SQLException, IOException {
    try (var connection = connect()) {
      try (var statement = connection.createStatement()) {
        if (!isThere(connection)) {
          statement.execute(Files.readString(MIGRATION));
        }
      }
      try (var insert =
          connection.prepareStatement(
              "INSERT INTO queue.queue (name, senders, partitions) VALUES (?, ?, 3)"
                  + " ON CONFLICT (name) DO UPDATE SET closed = false")) {
        for (var queue : queues.entrySet()) {
          insert.setString(1, queue.getKey());
          insert.setString(2, queue.getValue());
          insert.executeUpdate();
        }
      }
    }
  }

  static void close(String queue) throws SQLException {
    try (var connection = connect();
        var update =
            connection.prepareStatement("UPDATE queue.queue SET closed = true WHERE name = ?")) {
      update.setString(1, queue);
      update.executeUpdate();
    }
  }

  private static boolean isThere(Connection connection) throws SQLException {
    try (var statement = connection.createStatement();
        var found = statement.executeQuery("SELECT to_regclass('queue.queue') IS NOT NULL")) {
      found.next();
      return found.getBoolean(1);
    }
  }

  private static Connection connect() throws SQLException {
    var stack = new StackResource();
    stack.init(Map.of(StackResource.WORKER, "data-worker"));
    var settings = stack.start();
    return DriverManager.getConnection(
        "jdbc:" + setting(settings, "quarkus.datasource.reactive.url"),
        setting(settings, "quarkus.datasource.username"),
        setting(settings, "quarkus.datasource.password"));
  }

  private static String setting(Map<String, String> settings, String name) {
    return Objects.requireNonNull(settings.get(name), name);
  }
}
