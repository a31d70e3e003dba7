package dev.sallyport.user.binding;

import dev.sallyport.local.StackResource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import java.util.Objects;

/** The data-worker's tables of leases, made by its own migrations and filled by hand. */
final class LeaseTables {
  private static final Path MIGRATIONS =
      Path.of("../data-worker/src/main/resources/db/data-worker");

  private LeaseTables() {}

  /** From now on a live worker is reached there. */
  static void begin(String address) throws SQLException, IOException {
    try (var connection = connect()) {
      migrate(connection, "lease.worker", "V2__lease.sql");
      migrate(connection, "lease.live_worker", "V10__actor.sql");
      try (var insert =
          connection.prepareStatement(
              "INSERT INTO lease.worker (name, address, expires_at)"
                  + " VALUES ('fake', ?, clock_timestamp() + interval '1 hour')")) {
        insert.setString(1, address);
        insert.executeUpdate();
      }
    }
  }

  /** Its lease is over. */
  static void end(String address) throws SQLException {
    try (var connection = connect();
        var update =
            connection.prepareStatement(
                "UPDATE lease.worker SET expires_at = clock_timestamp() WHERE address = ?")) {
      update.setString(1, address);
      update.executeUpdate();
    }
  }

  private static void migrate(Connection connection, String made, String file)
      throws SQLException, IOException {
    try (var statement = connection.createStatement();
        var found = statement.executeQuery("SELECT to_regclass('" + made + "') IS NOT NULL")) {
      found.next();
      if (found.getBoolean(1)) {
        return;
      }
    }
    try (var statement = connection.createStatement()) {
      statement.execute(Files.readString(MIGRATIONS.resolve(file)));
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
