package dev.sallyport.system;

import static dev.sallyport.system.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Real processes go away, stop, and come back. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class OutagesTest {
  private static final Duration BACK_WITHIN = Duration.ofSeconds(10);
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  private Deployment deployment;
  private Accounts.Account account;
  private Accounts.Session session;

  @BeforeAll
  void start() {
    deployment =
        Deployment.start(
            Deployment.Settings.quick("outages")
                .user("SALLYPORT_BINDINGS_BACKEND_SERVICE_TIMEOUT", TIMEOUT.toString()));
    account = deployment.accounts().register();
    session = deployment.accounts().login(account);
  }

  @AfterAll
  void stop() {
    deployment.close();
  }

  @BeforeEach
  void allIsWell() {
    awaitPing();
  }

  private Answer ping() {
    return deployment
        .userWorker()
        .http()
        .get("/api/internal/ping", "Authorization", session.bearer());
  }

  private void awaitPing() {
    await().atMost(BACK_WITHIN).until(() -> ping().status() == 200);
  }

  private Answer signIn() {
    return deployment
        .userWorker()
        .http()
        .post("/auth/login", Accounts.credentials(account.email(), account.password()));
  }

  @Test
  void aKilledDataWorkerIs503UntilItIsBack() {
    deployment.dataWorker().kill();
    var problem = assertProblem(ping(), 503, "binding-down");
    assertThat(problem.required("retryable").asBoolean()).isTrue();
    assertThat(signIn().status()).as("sign-in needs no data-worker").isEqualTo(200);
    deployment.dataWorker().start();
    awaitPing();
  }

  @Test
  void aStoppedDataWorkerIs504AndGoesOnWhereItWas() {
    deployment.dataWorker().pause();
    try {
      assertProblem(ping(), 504, "binding-timeout");
    } finally {
      deployment.dataWorker().resume();
    }
    awaitPing();
  }

  @Test
  void aDataWorkerThatDiesInMidBodyCutsTheClient() {
    try (var socket = RawSocket.connect(deployment.userWorker().port(), 64 * 1024)) {
      socket.send(
          RawSocket.head(
              "GET /api/internal/echo/bytes?size=100000000 HTTP/1.1",
              "Authorization: " + session.bearer()));
      // The answer has begun when its first byte is here; the rest does not fit into the buffers.
      await().until(() -> socket.in().available() > 0);
      deployment.dataWorker().kill();
      var answer = socket.answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.whole()).isFalse();
      assertThat(answer.body().length()).isLessThan(100_000_000);
    } finally {
      deployment.dataWorker().start();
    }
    awaitPing();
  }

  @Test
  void aKilledUserWorkerForgetsNobody() {
    deployment.userWorker().kill();
    deployment.userWorker().start();
    assertThat(ping().status()).isEqualTo(200);
    assertThat(signIn().status()).isEqualTo(200);
  }

  @Test
  void withoutPostgresNobodyIsLetInOnMemoryAloneAndAllComesBack() {
    var ticket =
        deployment
            .userWorker()
            .http()
            .post("/auth/tickets", "", "Authorization", session.bearer())
            .json()
            .required("ticket")
            .asText();
    deployment.stack().postgres().kill();
    try {
      var socket = "/api/internal/echo/socket?ticket=" + ticket;
      try (var refused = WsClient.open(deployment.userWorker().port(), socket)) {
        assertProblem(refused.answer().plain(), 503, "store-down");
      }
      var refused = assertProblem(signIn(), 503);
      assertThat(refused.required("retryable").asBoolean()).isTrue();
      // A worker that has not read the revocations for a second asks per request, and cannot.
      await().atMost(Duration.ofSeconds(5)).until(() -> ping().status() == 503);
      assertProblem(ping(), 503, "store-down");
      var health = deployment.userWorker().http().get("/health");
      assertThat(health.status()).isEqualTo(200);
      assertThat(deployment.userWorker().management().get("/q/health/live").status())
          .isEqualTo(200);
      assertThat(deployment.dataWorker().management().get("/q/health/ready").status())
          .isEqualTo(503);
    } finally {
      deployment.stack().postgres().start();
    }
    awaitPing();
    await().atMost(BACK_WITHIN).until(() -> signIn().status() == 200);
    assertThat(deployment.accounts().newSession().accessToken()).isNotBlank();
  }

  @Test
  void withoutRedisAndKafkaCallsGoOn() {
    deployment.stack().redis().kill();
    deployment.stack().kafka().kill();
    try {
      for (int i = 0; i < 20; i++) {
        assertThat(ping().status()).isEqualTo(200);
      }
      assertThat(signIn().status()).isEqualTo(200);
      deployment.userWorker().kill();
      deployment.userWorker().start();
      assertThat(ping().status()).as("a start needs neither").isEqualTo(200);
    } finally {
      deployment.stack().redis().start();
      deployment.stack().kafka().start();
    }
  }
}
