package dev.sallyport.local;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Objects;

/** Makes the database, the roles and their rights; every step may be repeated. */
final class Provisioning {

  private static final String SCRIPT = "provision.sql";

  private static final String DATABASE_EXISTS = "SELECT 1 FROM pg_database WHERE datname = ?";

  private static final String SET_PASSWORDS =
      """
      SELECT set_config('sallyport.user_worker_password', ?, false),
             set_config('sallyport.data_worker_password', ?, false)
      """;

  private Provisioning() {}

  /** Makes the database where it is missing. */
  static void createDatabase(Connection connection) throws SQLException {
    try (var exists = connection.prepareStatement(DATABASE_EXISTS)) {
      exists.setString(1, PostgresServer.DATABASE);
      if (exists.executeQuery().next()) {
        return;
      }
    }
    try (var create = connection.createStatement()) {
      create.execute("CREATE DATABASE " + PostgresServer.DATABASE);
    }
  }

  /** Runs {@value #SCRIPT}, the same that a database administrator runs, as one transaction. */
  static void provision(Connection connection, String userWorkerPassword, String dataWorkerPassword)
      throws SQLException {
    connection.setAutoCommit(false);
    try (var passwords = connection.prepareStatement(SET_PASSWORDS);
        var script = connection.createStatement()) {
      passwords.setString(1, userWorkerPassword);
      passwords.setString(2, dataWorkerPassword);
      passwords.execute();
      script.execute(script());
      connection.commit();
    }
  }

  private static String script() {
    try (InputStream in =
        Objects.requireNonNull(Provisioning.class.getResourceAsStream(SCRIPT), SCRIPT)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw StackError.failed("read " + SCRIPT, e);
    }
  }
}
