package dev.sallyport.system;

import static dev.sallyport.system.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sallyport.local.PostgresServer;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Who called what, from the edge to the table. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AuditTrailTest {
  private static final Duration ARRIVES_WITHIN = Duration.ofSeconds(40);
  private static final int WAITING_MAX = 50;

  private Deployment deployment;
  private Accounts.Session session;

  /**
   * One row of the view.
   *
   * @param requestId as the client saw it
   */
  private record Row(
      String who,
      String method,
      String path,
      String binding,
      String outcome,
      int status,
      String requestId) {}

  @BeforeAll
  void start() {
    deployment =
        Deployment.start(
            Deployment.Settings.quick("audit-trail")
                .user("SALLYPORT_AUDIT_WAITING_MAX", Integer.toString(WAITING_MAX)));
    session = deployment.accounts().newSession();
  }

  @AfterAll
  void stop() {
    deployment.close();
  }

  private Answer get(String target) {
    return deployment.userWorker().http().get(target, "Authorization", session.bearer());
  }

  private List<Row> rows(String path) {
    var sql =
        "SELECT who, method, path, binding, outcome, status, request_id, at, took_ms"
            + " FROM audit.trail WHERE path LIKE ? ORDER BY at";
    try (var connection = deployment.stack().postgres().connect(PostgresServer.DATA_WORKER);
        var query = connection.prepareStatement(sql)) {
      query.setString(1, path + "%");
      var found = query.executeQuery();
      var rows = new ArrayList<Row>();
      while (found.next()) {
        rows.add(
            new Row(
                found.getString(1),
                found.getString(2),
                found.getString(3),
                found.getString(4),
                found.getString(5),
                found.getInt(6),
                found.getString(7)));
        assertThat(found.getTimestamp(8)).isNotNull();
        assertThat(found.getDouble(9)).isNotNegative();
      }
      return rows;
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String path() {
    return "/api/internal/" + UUID.randomUUID();
  }

  @Test
  void eachCallIsThereOnceWithWhoAndWhatAndWithoutItsQuery() {
    var path = path();
    var expected = new ArrayList<Row>();
    for (int i = 0; i < 5; i++) {
      var answer = get(path + "/" + i + "?secret=1");
      assertThat(answer.status()).isEqualTo(404);
      expected.add(
          new Row(
              session.account().id(),
              "GET",
              path + "/" + i,
              "BACKEND_SERVICE",
              "succeeded",
              404,
              answer.header("X-Request-Id").orElseThrow()));
    }
    await().atMost(ARRIVES_WITHIN).until(() -> rows(path).size() >= expected.size());
    assertThat(rows(path)).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void nobodySendsToItOverHttp() {
    for (var what : List.of("/messages", "/batches")) {
      var answer =
          deployment
              .userWorker()
              .http()
              .post(
                  "/api/queues/audit" + what,
                  "{\"body\":{\"calls\":[]}}",
                  "Authorization",
                  session.bearer());
      assertProblem(answer, 404);
    }
  }

  @Test
  void whatIsWrittenIsNeitherChangedNorDeleted() throws SQLException {
    var path = path();
    assertThat(get(path).status()).isEqualTo(404);
    await().atMost(ARRIVES_WITHIN).until(() -> rows(path).size() == 1);
    try (var connection = deployment.stack().postgres().connect(PostgresServer.DATA_WORKER);
        var statement = connection.createStatement()) {
      for (var sql :
          List.of(
              "UPDATE audit.call SET user_id = 'eve'",
              "DELETE FROM audit.call",
              "TRUNCATE audit.call")) {
        assertThatThrownBy(() -> statement.executeUpdate(sql))
            .isInstanceOf(SQLException.class)
            .hasMessageContaining("append-only");
      }
    }
    assertThat(rows(path)).hasSize(1);
  }

  @Test
  void withoutKafkaNoCallWaitsAndWhatDoesNotFitIsCounted() {
    var path = path();
    var metrics = Metrics.of(deployment.userWorker());
    double before = metrics.value("sallyport_audit_dropped_total");
    deployment.stack().kafka().kill();
    try {
      for (int i = 0; i < 4 * WAITING_MAX; i++) {
        long began = System.nanoTime();
        assertThat(get(path + "/" + i).status()).isEqualTo(404);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(1));
      }
      assertThat(Metrics.of(deployment.userWorker()).value("sallyport_audit_dropped_total"))
          .isGreaterThan(before);
      assertThat(Metrics.of(deployment.userWorker()).value("sallyport_audit_waiting"))
          .isLessThanOrEqualTo(WAITING_MAX);
    } finally {
      deployment.stack().kafka().start();
    }
    await().atMost(ARRIVES_WITHIN).until(() -> rows(path).size() >= WAITING_MAX);
    assertThat(rows(path).stream().map(Row::requestId)).doesNotHaveDuplicates();
  }
}
