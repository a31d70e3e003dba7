package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.local.PostgresServer;
import dev.sallyport.local.StackSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whoever starts a worker with a mistake is told in one sentence what is wrong and what to set. A
 * mistake in the settings ends the worker; a store that is away or refuses leaves it up, alive and
 * not ready. No stack trace, and no secret, is ever what they are left with.
 */
@ExtendWith(SharedDeployment.class)
class StartUpMistakesTest {
  private static final String URL = "QUARKUS_DATASOURCE_REACTIVE_URL";
  private static final String PASSWORD = "QUARKUS_DATASOURCE_PASSWORD";
  private static final String SECRET = "not-the-password-of-anybody";
  private static final Duration GONE_WITHIN = Duration.ofSeconds(20);
  private static final Duration SAID_WITHIN = Duration.ofSeconds(20);

  private final Deployment deployment;
  private @Nullable Worker started;

  StartUpMistakesTest(Deployment deployment) {
    this.deployment = deployment;
  }

  @AfterEach
  void stop() {
    worker().close();
  }

  private Worker worker() {
    return Objects.requireNonNull(started);
  }

  /** Starts one more worker with these settings changed; an empty one counts as not set. */
  private void start(WorkerKind kind, Map<String, String> mistake) {
    started = deployment.anotherWorker(kind, mistake);
  }

  private void refuses(String... words) {
    assertThat(worker().awaitExit(GONE_WITHIN)).isNotZero();
    var said = lines(" cannot start: ");
    assertThat(said).as(worker().log()).hasSize(1);
    assertThat(said.getFirst()).contains(words);
    assertThat(worker().log()).doesNotContain("\tat ").doesNotContain(SECRET);
  }

  private void staysUpNotReady(String check, String... words) {
    await().atMost(SAID_WITHIN).untilAsserted(() -> assertThat(lines("not ready")).hasSize(1));
    assertThat(lines("not ready").getFirst()).contains(words);
    assertThat(worker().log()).doesNotContain("\tat ").doesNotContain(SECRET);
    // It may have found out before it listened.
    await()
        .atMost(SAID_WITHIN)
        .ignoreExceptions()
        .until(() -> worker().management().get("/q/health/live").status() == 200);
    var ready = worker().management().get("/q/health/ready");
    assertThat(ready.status()).isEqualTo(503);
    assertThat(ready.body()).contains("\"" + check + "\"").contains(words).doesNotContain(SECRET);
    assertThat(worker().isAlive()).isTrue();
  }

  private List<String> lines(String with) {
    return worker().log().lines().filter(line -> line.contains(with)).toList();
  }

  private static String check(WorkerKind kind) {
    return switch (kind) {
      case USER_WORKER -> "accounts";
      case DATA_WORKER -> "postgres";
    };
  }

  @ParameterizedTest
  @EnumSource
  void aMissingSigningKeyEndsTheStart(WorkerKind kind) {
    start(kind, Map.of("SALLYPORT_SIGNING_KEYS", ""));
    refuses("SALLYPORT_SIGNING_KEYS", "SALLYPORT_TRUST=network");
  }

  @ParameterizedTest
  @EnumSource
  void aMalformedSigningKeyEndsTheStart(WorkerKind kind) {
    start(kind, Map.of("SALLYPORT_SIGNING_KEYS", "kid:" + SECRET + "!"));
    refuses("SALLYPORT_SIGNING_KEYS", "signing key kid is not base64url");
  }

  @ParameterizedTest
  @CsvSource({
    "USER_WORKER, SALLYPORT_TRUST, maybe, network",
    "DATA_WORKER, SALLYPORT_TRUST, maybe, network",
    "USER_WORKER, SALLYPORT_AUTH_SESSION_LIFETIME, PT15X, PT15X",
    "USER_WORKER, SALLYPORT_TRUSTED_HOPS, several, integer",
    "USER_WORKER, SALLYPORT_BINDINGS_BACKEND_SERVICE_URL, data-worker, http://host:port",
    "USER_WORKER, SALLYPORT_BOOTSTRAP_DEMO_EMAIL, a@b.example, SALLYPORT_BOOTSTRAP_DEMO_PASSWORD",
    "DATA_WORKER, QUARKUS_HTTP_PORT, eighty, integer"
  })
  void aSettingOfAWrongValueEndsTheStart(
      WorkerKind kind, String variable, String value, String word) {
    start(kind, Map.of(variable, value));
    refuses(word, variable.substring(0, variable.lastIndexOf('_')));
  }

  @ParameterizedTest
  @EnumSource
  void aSettingThatDoesNotExistIsNamed(WorkerKind kind) {
    start(kind, Map.of("SALLYPORT_TRUSTED_HOP", "1"));
    worker().awaitReady();
    await()
        .atMost(SAID_WITHIN)
        .untilAsserted(() ->
            assertThat(lines("SALLYPORT_TRUSTED_HOP is no setting of this worker")).hasSize(1));
  }

  @ParameterizedTest
  @CsvSource({"''", "c2hvcnQ", "'not base64!'"})
  void aKeyEncryptionKeyThatCanBeNoneEndsTheStart(String key) {
    start(WorkerKind.USER_WORKER, Map.of("SALLYPORT_AUTH_KEY_ENCRYPTION_KEY", key));
    refuses("SALLYPORT_AUTH_KEY_ENCRYPTION_KEY", "32 random bytes");
  }

  @Test
  void aKeyEncryptionKeyOfAnotherInstallationIsNotReady() {
    start(WorkerKind.USER_WORKER, Map.of("SALLYPORT_AUTH_KEY_ENCRYPTION_KEY", "A".repeat(43)));
    staysUpNotReady("accounts", "was sealed with another", "SALLYPORT_AUTH_KEY_ENCRYPTION_KEY");
    assertThat(worker().http().get("/health").status()).isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource
  void aWrongPasswordIsNotReady(WorkerKind kind) {
    start(kind, Map.of(PASSWORD, SECRET));
    staysUpNotReady(check(kind), "QUARKUS_DATASOURCE_USERNAME", PASSWORD, "28P01");
  }

  @ParameterizedTest
  @EnumSource
  void anUnknownRoleIsNotReady(WorkerKind kind) {
    start(kind, Map.of("QUARKUS_DATASOURCE_USERNAME", "nobody_such"));
    staysUpNotReady(check(kind), "QUARKUS_DATASOURCE_USERNAME", "nobody_such");
  }

  @ParameterizedTest
  @EnumSource
  void anUnknownDatabaseIsNotReady(WorkerKind kind) {
    start(kind, Map.of(URL, deployment.stack().postgres().reactiveUrl() + "_else"));
    staysUpNotReady(check(kind), "no such database", URL, "sallyport_else");
  }

  @ParameterizedTest
  @EnumSource
  void anUnknownHostIsNotReady(WorkerKind kind) {
    start(kind, Map.of(URL, "postgresql://nowhere.invalid:5432/sallyport"));
    staysUpNotReady(check(kind), "host of Postgres is not known", URL);
  }

  @ParameterizedTest
  @EnumSource
  void aPostgresThatIsNotThereIsNotReady(WorkerKind kind) {
    start(kind, Map.of(URL, "postgresql://127.0.0.1:" + StackSettings.freePort() + "/sallyport"));
    staysUpNotReady(check(kind), "nothing listens where Postgres should be", URL);
  }

  @ParameterizedTest
  @EnumSource
  void aPostgresThatSwallowsEverythingIsNotReady(WorkerKind kind) throws IOException {
    // Connections are made by the kernel and never looked at.
    try (var silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      start(kind, Map.of(URL, "postgresql://127.0.0.1:" + silent.getLocalPort() + "/sallyport"));
      staysUpNotReady(check(kind), "Postgres does not answer", URL);
    }
  }

  @ParameterizedTest
  @EnumSource
  void anAddressThatIsNoneEndsTheStartAndIsNotRepeated(WorkerKind kind) {
    start(kind, Map.of(URL, "postgresql://somebody:" + SECRET + "@host:port/sallyport"));
    refuses(URL, "postgresql://host:5432/sallyport");
  }

  @ParameterizedTest
  @EnumSource
  void aMissingAddressEndsTheStart(WorkerKind kind) {
    start(kind, Map.of(URL, ""));
    refuses(URL + " is not set");
  }

  @ParameterizedTest
  @EnumSource
  void aTakenPortEndsTheStart(WorkerKind kind) {
    var taken = Integer.toString(deployment.userWorker().port());
    start(kind, Map.of("QUARKUS_HTTP_PORT", taken));
    refuses(taken, "QUARKUS_HTTP_PORT");
  }

  @ParameterizedTest
  @EnumSource
  void aTakenManagementPortEndsTheStart(WorkerKind kind) {
    var taken = Integer.toString(deployment.userWorker().port());
    start(kind, Map.of("QUARKUS_MANAGEMENT_PORT", taken));
    refuses("Address already in use", "QUARKUS_MANAGEMENT_PORT");
  }

  @ParameterizedTest
  @EnumSource
  void aPasswordThatIsPutRightInPostgresNeedsNoRestart(WorkerKind kind) throws Exception {
    var role =
        kind == WorkerKind.USER_WORKER ? PostgresServer.USER_WORKER : PostgresServer.DATA_WORKER;
    start(kind, Map.of(PASSWORD, SECRET));
    staysUpNotReady(check(kind), "28P01");
    changePassword(role, deployment.stack().postgres().password(role), SECRET);
    try {
      worker().awaitReady();
    } finally {
      changePassword(role, SECRET, deployment.stack().postgres().password(role));
    }
  }

  /** A role may change its own. */
  private void changePassword(String role, String from, String to) throws Exception {
    var address = deployment.stack().postgres().jdbcUrl();
    try (var connection = DriverManager.getConnection(address, role, from);
        var statement = connection.createStatement()) {
      statement.execute("ALTER ROLE " + role + " PASSWORD '" + to + "'");
    }
  }

  private static String versionRow(WorkerKind kind) {
    return switch (kind) {
      case USER_WORKER -> "account.schema_version";
      case DATA_WORKER -> "data_platform.schema_version";
    };
  }

  private void as(WorkerKind kind, String... statements) throws SQLException {
    var role =
        kind == WorkerKind.USER_WORKER ? PostgresServer.USER_WORKER : PostgresServer.DATA_WORKER;
    try (var connection = deployment.stack().postgres().connect(role);
        var statement = connection.createStatement()) {
      for (var sql : statements) {
        statement.execute(sql);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void aDatabaseThatIsTooNewIsNotReadyUntilItIsPutBack(WorkerKind kind) throws Exception {
    var row = versionRow(kind);
    as(kind, "UPDATE " + row + " SET version = version + 7, serves_from = version + 1");
    try {
      start(kind, Map.of());
      staysUpNotReady(check(kind), "changed by a later release", "deploy the later release again");
    } finally {
      as(kind, "UPDATE " + row + " SET version = version - 7, serves_from = 0");
    }
    worker().awaitReady();
  }

  @ParameterizedTest
  @EnumSource
  void aNewerDatabaseThatServesThisReleaseIsUsed(WorkerKind kind) throws Exception {
    var row = versionRow(kind);
    as(kind, "UPDATE " + row + " SET version = version + 7");
    try {
      start(kind, Map.of());
      worker().awaitReady();
      assertThat(lines("is newer than")).hasSize(1);
    } finally {
      as(kind, "UPDATE " + row + " SET version = version - 7");
    }
  }

  @Test
  void ofTwoThatMigrateAtOnceOneMayDie() throws Exception {
    as(
        WorkerKind.DATA_WORKER,
        "DROP SCHEMA data_platform, lease, workflow, sample, queue, cron, kv, actor, room, audit CASCADE");
    start(WorkerKind.DATA_WORKER, Map.of());
    try (var other = deployment.anotherWorker(WorkerKind.DATA_WORKER, Map.of())) {
      // It migrates beside its start: now, or just before, or just after.
      await()
          .atMost(SAID_WITHIN)
          .until(() -> other.log().contains("Listening on") || !other.isAlive());
      other.kill();
    }
    worker().awaitReady();
  }
}
