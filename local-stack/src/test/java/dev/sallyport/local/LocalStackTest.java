package dev.sallyport.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The servers are real; one stack serves the tests that do not end it. */
class LocalStackTest {

  @TempDir static Path shared;
  @TempDir Path own;

  private static LocalStack stack;

  @BeforeAll
  static void start() {
    stack = LocalStack.start(StackSettings.onFreePorts(shared));
  }

  @AfterAll
  static void stop() {
    stack.close();
  }

  @Test
  void neitherRoleReadsWhatTheOtherOwns() throws Exception {
    try (var user = stack.postgres().connect(PostgresServer.USER_WORKER);
        var data = stack.postgres().connect(PostgresServer.DATA_WORKER)) {
      execute(user, "CREATE TABLE account.secret_of_user (id int)");
      execute(data, "CREATE SCHEMA IF NOT EXISTS keep");
      execute(data, "CREATE TABLE keep.secret_of_data (id int)");

      assertRefused(data, "SELECT * FROM account.secret_of_user");
      assertRefused(user, "SELECT * FROM keep.secret_of_data");
      assertRefused(data, "CREATE TABLE account.mine (id int)");
      assertRefused(user, "CREATE TABLE keep.mine (id int)");
    }
  }

  @Test
  void theUserWorkerMakesNoSchemaAndNobodyUsesPublic() throws Exception {
    try (var user = stack.postgres().connect(PostgresServer.USER_WORKER);
        var data = stack.postgres().connect(PostgresServer.DATA_WORKER)) {
      assertRefused(user, "CREATE SCHEMA mine");
      assertRefused(user, "CREATE TABLE public.mine (id int)");
      assertRefused(data, "CREATE TABLE public.mine (id int)");
      assertRefused(user, "CREATE ROLE mine");
    }
  }

  @Test
  void theUserWorkerReadsAViewThatItWasGranted() throws Exception {
    try (var user = stack.postgres().connect(PostgresServer.USER_WORKER);
        var data = stack.postgres().connect(PostgresServer.DATA_WORKER)) {
      execute(data, "CREATE SCHEMA shown");
      execute(data, "CREATE TABLE shown.rows AS SELECT 7 AS id");
      execute(data, "CREATE VIEW shown.public_rows AS SELECT id FROM shown.rows");
      execute(data, "GRANT USAGE ON SCHEMA shown TO user_worker");
      execute(data, "GRANT SELECT ON shown.public_rows TO user_worker");

      assertThat(value(user, "SELECT id FROM shown.public_rows")).isEqualTo("7");
      assertRefused(user, "SELECT * FROM shown.rows");
    }
  }

  @Test
  void noRoleConnectsWithoutItsPassword() {
    for (String role : List.of("postgres", "user_worker", "data_worker")) {
      assertThatThrownBy(
              () -> DriverManager.getConnection(stack.postgres().jdbcUrl(), role, "wrong").close())
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("password authentication failed");
    }
  }

  @Test
  void passwordsAreScramAndCommitsReachTheDisk() throws Exception {
    try (var user = stack.postgres().connect(PostgresServer.USER_WORKER)) {
      assertThat(value(user, "SHOW password_encryption")).isEqualTo("scram-sha-256");
      assertThat(value(user, "SHOW fsync")).isEqualTo("on");
      assertThat(value(user, "SHOW server_version")).startsWith("18.");
      assertThat(value(user, "SHOW server_encoding")).isEqualTo("UTF8");
    }
  }

  @Test
  void everythingListensOnTheLoopbackAddressAlone() throws IOException {
    // Lines of /proc/net/tcp*: local address in hexadecimal, state 0A is LISTEN.
    for (StoreServer server : stack.servers()) {
      String port = ":" + String.format(Locale.ROOT, "%04X", server.port());
      for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
        for (String line : Files.readAllLines(Path.of(table))) {
          String[] words = line.strip().split("\\s+", 5);
          if (words[1].endsWith(port) && words[3].equals("0A")) {
            assertThat(words[1]).containsAnyOf("0100007F:", "0000000000000000FFFF00000100007F:");
          }
        }
      }
    }
  }

  @Test
  void secretsAreTheOwnersAlone() throws IOException {
    assertThat(permissions(shared.resolve("secrets"))).isEqualTo("rw-------");
    assertThat(StackSecrets.in(shared).toString()).doesNotContain(secret());
  }

  @Test
  void aPidFileNamesEachServer() throws IOException {
    for (StoreServer server : stack.servers()) {
      Path pidFile = shared.resolve("run").resolve(server.name() + ".pid");
      assertThat(Files.readString(pidFile).strip()).isEqualTo(Long.toString(server.pid()));
    }
    var command = ProcessHandle.of(stack.postgres().pid()).orElseThrow().info().command();
    assertThat(command.orElseThrow()).endsWith("bin/postgres");
  }

  @Test
  void bothWorkersAreToldTheSameStoresAndTheirOwnRole() {
    Map<String, String> user = stack.userWorkerEnvironment();
    Map<String, String> data = stack.dataWorkerEnvironment();
    assertThat(user)
        .containsEntry("QUARKUS_DATASOURCE_USERNAME", "user_worker")
        .containsEntry("KAFKA_BOOTSTRAP_SERVERS", data.get("KAFKA_BOOTSTRAP_SERVERS"))
        .containsEntry("SALLYPORT_SIGNING_KEYS", data.get("SALLYPORT_SIGNING_KEYS"))
        .containsKey("SALLYPORT_AUTH_KEY_ENCRYPTION_KEY");
    assertThat(data)
        .containsEntry("QUARKUS_DATASOURCE_USERNAME", "data_worker")
        .doesNotContainKey("SALLYPORT_AUTH_KEY_ENCRYPTION_KEY");
    assertThat(data.get("QUARKUS_DATASOURCE_PASSWORD"))
        .isNotEqualTo(user.get("QUARKUS_DATASOURCE_PASSWORD"));
  }

  @Test
  void dataSurvivesAStopAndACrashOfEveryServer() throws Exception {
    var settings = StackSettings.onFreePorts(own).resolved();
    Map<String, String> environment;
    try (LocalStack first = LocalStack.start(settings)) {
      environment = first.dataWorkerEnvironment();
      writeEverywhere(first);
    }
    assertThat(own.resolve("run")).isEmptyDirectory();
    try (LocalStack second = LocalStack.start(settings)) {
      assertThat(second.dataWorkerEnvironment()).isEqualTo(environment);
      readEverywhere(second);
      for (StoreServer server : second.servers()) {
        long before = server.pid();
        server.kill();
        assertThat(server.isAlive()).isFalse();
        server.start();
        assertThat(server.pid()).isNotEqualTo(before);
      }
      readEverywhere(second);
    }
  }

  @Test
  void stacksRunSideBySide() throws Exception {
    try (LocalStack other = LocalStack.start(StackSettings.onFreePorts(own))) {
      assertThat(other.postgres().port()).isNotEqualTo(stack.postgres().port());
      assertThat(other.kafka().pid()).isNotEqualTo(stack.kafka().pid());
    }
  }

  @Test
  void aFrozenServerKeepsItsPortAndGoesOn() {
    RedisNode redis = stack.redis();
    redis.pause();
    assertThat(redis.answers()).isFalse();
    assertThat(StackSettings.isFree(redis.port())).isFalse();
    redis.resume();
    assertThat(redis.answers()).isTrue();
  }

  @Test
  void serversLeftByAKilledLauncherAreEndedAndTheirDataKept() throws Exception {
    Path folder = own.resolve("a folder with 'quotes'");
    var settings = StackSettings.onFreePorts(folder).resolved();
    LocalStack killed = LocalStack.start(settings);
    writeEverywhere(killed);
    List<Long> orphans = killed.servers().stream().map(StoreServer::pid).toList();

    // A new launcher knows nothing of the first one but its files.
    try (LocalStack next = LocalStack.start(settings)) {
      for (long orphan : orphans) {
        assertThat(ProcessHandle.of(orphan).filter(ProcessHandle::isAlive)).isEmpty();
      }
      readEverywhere(next);
    }
  }

  @Test
  void aPidFileThatNamesAStrangerIsForgottenAndTheStrangerLives() throws Exception {
    Process stranger = new ProcessBuilder("sleep", "600").start();
    try {
      Path pidFile = own.resolve("redis.pid");
      Files.writeString(pidFile, stranger.pid() + "\n");
      assertThat(Leftover.end(pidFile, own.toString(), "TERM")).isFalse();
      assertThat(stranger.isAlive()).isTrue();
      assertThat(pidFile).doesNotExist();
    } finally {
      stranger.destroyForcibly();
    }
  }

  @Test
  void aServerThatCannotStartSaysWhyAndLeavesNoOtherBehind() throws IOException {
    Files.createDirectories(own.resolve("redis"));
    Files.createDirectory(own.resolve("redis").resolve("appendonly.aof"));
    assertThatThrownBy(() -> LocalStack.start(StackSettings.onFreePorts(own)))
        .isInstanceOf(StackError.class)
        .hasMessageContaining("redis ended with code")
        .hasMessageContaining("redis.log");
    assertThat(own.resolve("run").resolve("postgres.pid")).doesNotExist();
    assertThat(own.resolve("run").resolve("kafka.pid")).doesNotExist();
  }

  private static void writeEverywhere(LocalStack stack) throws Exception {
    try (var data = stack.postgres().connect(PostgresServer.DATA_WORKER)) {
      execute(data, "CREATE SCHEMA kept");
      execute(data, "CREATE TABLE kept.rows AS SELECT 42 AS id");
    }
    assertThat(RedisLine.send(stack.redis().port(), "SET kept 42")).isEqualTo("+OK");
    try (var admin = admin(stack)) {
      admin.createTopics(List.of(new NewTopic("kept", 1, (short) 1))).all().get();
    }
    // Redis may lose its last second: this waits until it has flushed.
    RedisLine.send(stack.redis().port(), "BGREWRITEAOF");
    RedisLine.awaitInfo(stack.redis().port(), "aof_rewrite_in_progress:0");
  }

  private static void readEverywhere(LocalStack stack) throws Exception {
    try (var data = stack.postgres().connect(PostgresServer.DATA_WORKER)) {
      assertThat(value(data, "SELECT id FROM kept.rows")).isEqualTo("42");
    }
    assertThat(RedisLine.send(stack.redis().port(), "GET kept")).isEqualTo("$2");
    try (var admin = admin(stack)) {
      assertThat(admin.listTopics().names().get()).containsExactly("kept");
    }
  }

  private static Admin admin(LocalStack stack) {
    return Admin.create(Map.of("bootstrap.servers", stack.kafka().bootstrapServers()));
  }

  private static void execute(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String value(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getString(1);
    }
  }

  private static void assertRefused(Connection connection, String sql) {
    assertThatThrownBy(() -> execute(connection, sql))
        .isInstanceOf(SQLException.class)
        .hasMessageContaining("permission denied");
  }

  private static String secret() {
    return stack.postgres().password(PostgresServer.USER_WORKER);
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }
}
