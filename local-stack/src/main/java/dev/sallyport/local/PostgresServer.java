package dev.sallyport.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;

/**
 * Postgres 18 with the database {@code sallyport}, its two roles and their rights. Every connection
 * needs a password, the superuser's too; commits are flushed to disk, as in production.
 */
public final class PostgresServer extends StoreServer {

  /** The one database. */
  public static final String DATABASE = "sallyport";

  /** The role of the user-worker; owns the schema {@code account}. */
  public static final String USER_WORKER = "user_worker";

  /** The role of the data-worker; owns the schemas it makes. */
  public static final String DATA_WORKER = "data_worker";

  private static final String SUPERUSER = "postgres";
  private static final Duration INITDB_WITHIN = Duration.ofSeconds(60);

  private final StackSecrets secrets;

  PostgresServer(Path stack, int port, StackSecrets secrets) {
    // INT is the fast shutdown: it ends sessions and keeps every commit.
    super("postgres", stack, port, "INT");
    this.secrets = secrets;
  }

  /** For reactive clients. */
  public String reactiveUrl() {
    return "postgresql://127.0.0.1:" + port() + "/" + DATABASE;
  }

  /** For JDBC clients. */
  public String jdbcUrl() {
    return "jdbc:" + reactiveUrl();
  }

  /** The password of {@link #USER_WORKER} or {@link #DATA_WORKER}. */
  public String password(String role) {
    return switch (role) {
      case USER_WORKER -> secrets.userWorkerPassword();
      case DATA_WORKER -> secrets.dataWorkerPassword();
      default -> throw new IllegalArgumentException("no such role: " + role);
    };
  }

  /** A connection as one of the two roles; for tests. The caller closes it. */
  public Connection connect(String role) throws SQLException {
    return open(DATABASE, role, password(role));
  }

  @Override
  Command prepare() throws IOException {
    Directories.createPrivate(home());
    Path binaries =
        Binaries.unpacked(
            "postgres-" + Platform.operatingSystem() + "-" + Platform.processor() + ".txz");
    var escape = Platform.RootEscape.find();
    escape.handOver(home());
    if (!Files.exists(data().resolve("PG_VERSION"))) {
      initialise(binaries, escape);
    }
    return new Command(
        escape.prefix(),
        List.of(
            binaries.resolve("bin/postgres").toString(),
            "-D",
            data().toString(),
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "port=" + port(),
            "-c",
            "unix_socket_directories=",
            "-c",
            "hba_file=" + hba(),
            "-c",
            "max_connections=200",
            "-c",
            "fsync=on",
            "-c",
            "log_line_prefix=%m [%p] %q%u "),
        Map.of("LC_ALL", "C"));
  }

  @Override
  boolean answers() {
    try (var connection = open(SUPERUSER, SUPERUSER, secrets.postgresPassword())) {
      return connection.isValid(1);
    } catch (SQLException notYet) {
      return false;
    }
  }

  @Override
  void afterStart() {
    try {
      try (var connection = open(SUPERUSER, SUPERUSER, secrets.postgresPassword())) {
        Provisioning.createDatabase(connection);
      }
      try (var connection = open(DATABASE, SUPERUSER, secrets.postgresPassword())) {
        Provisioning.provision(
            connection, secrets.userWorkerPassword(), secrets.dataWorkerPassword());
      }
    } catch (SQLException e) {
      throw StackError.failed("provision Postgres", e);
    }
  }

  /** Makes the cluster. Leaves no half of one behind: the next start would take it for whole. */
  private void initialise(Path binaries, Platform.RootEscape escape) throws IOException {
    Path password = home().resolve("superuser-password");
    Directories.delete(data());
    Directories.writePrivate(password, secrets.postgresPassword() + "\n");
    Files.writeString(
        hba(),
        """
        # Passwords for everyone; nobody connects from another machine.
        host all all 127.0.0.1/32 scram-sha-256
        """);
    escape.handOver(home());
    try {
      var initdb =
          ChildProcess.start(
              new ChildProcess.Launch(
                  "initdb",
                  escape.prefix(),
                  List.of(
                      binaries.resolve("bin/initdb").toString(),
                      "--pgdata=" + data(),
                      "--username=" + SUPERUSER,
                      "--pwfile=" + password,
                      "--auth=scram-sha-256",
                      "--encoding=UTF8",
                      "--locale=C",
                      "--locale-provider=builtin",
                      "--builtin-locale=C.UTF-8",
                      // Nothing in it can be lost yet; the first shutdown or checkpoint flushes.
                      "--no-sync"),
                  Map.of("LC_ALL", "C"),
                  home(),
                  log(),
                  home().resolve("initdb.pid"),
                  "KILL"));
      if (initdb.awaitExit(INITDB_WITHIN) != 0) {
        throw StackError.died("initdb", initdb.awaitExit(INITDB_WITHIN), log(), initdb.logTail());
      }
    } catch (StackError e) {
      Directories.delete(data());
      throw e;
    } finally {
      Files.deleteIfExists(password);
      Files.deleteIfExists(home().resolve("initdb.pid"));
    }
  }

  private Path data() {
    return home().resolve("data");
  }

  private Path hba() {
    return home().resolve("pg_hba.conf");
  }

  private Connection open(String database, String user, String password) throws SQLException {
    var properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("connectTimeout", "2");
    properties.setProperty("socketTimeout", "10");
    return DriverManager.getConnection(
        "jdbc:postgresql://127.0.0.1:" + port() + "/" + database, properties);
  }
}
