package dev.sallyport.system;

import static dev.sallyport.system.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The main job: sign up, sign in, and call the private worker through the public one. */
@ExtendWith(SharedDeployment.class)
class EndToEndTest {
  private final Deployment deployment;
  private final Http http;

  EndToEndTest(Deployment deployment) {
    this.deployment = deployment;
    this.http = deployment.userWorker().http();
  }

  @Test
  void whoSignedInIsWhoThePrivateWorkerSees() {
    var session = deployment.accounts().newSession();
    var answer = http.get("/api/internal/ping", "Authorization", session.bearer());
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    var pong = answer.json();
    assertThat(pong.required("userId").asText()).isEqualTo(session.account().id());
    assertThat(pong.required("roles")).hasSize(1);
    assertThat(pong.required("roles").get(0).asText()).isEqualTo("user");
    assertThat(pong.required("worker").asText()).isNotBlank();
    assertThat(Instant.parse(pong.required("at").asText()))
        .isBetween(now().minusSeconds(60), now().plusSeconds(60));
  }

  private static Instant now() {
    return InstantSource.system().instant();
  }

  @Test
  void theBootstrapAdminHasBothRoles() {
    var session = deployment.accounts().login(Deployment.ADMIN_EMAIL, Accounts.PASSWORD);
    assertThat(session.account().roles()).containsExactlyInAnyOrder("admin", "user");
    var pong = http.get("/api/internal/ping", "Authorization", session.bearer()).json();
    assertThat(pong.required("roles")).hasSize(2);
  }

  @Test
  void anAnswerSaysWhichRequestItWasAndHowLongThePrivateSideTook() {
    var session = deployment.accounts().newSession();
    var answer = http.get("/api/internal/ping", "Authorization", session.bearer());
    assertThat(answer.header("X-Request-Id")).isPresent();
    assertThat(Double.parseDouble(answer.header("X-Service-Binding-Time").orElseThrow()))
        .isBetween(0.0, 10_000.0);
    assertThat(answer.header("Server-Timing").orElseThrow()).contains("dur=");
    assertThat(http.get("/auth/me").header("X-Request-Id")).as("on a refusal too").isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":[1,2,{\"b\":null}],\"text\":\"grüße ☃ \\u0041\"}",
        "[]",
        "\"just text\"",
        "12345678901234567890.123456789",
        "true",
        "null"
      })
  void anyJsonComesBackAsItWasSent(String json) {
    var session = deployment.accounts().newSession();
    var answer = http.post("/api/internal/echo", json, "Authorization", session.bearer());
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.json().required("userId").asText()).isEqualTo(session.account().id());
    assertThat(answer.body()).contains("\"body\":" + json);
  }

  @Test
  void whatThePrivateWorkerRefusesReachesTheClientAsAProblem() {
    var session = deployment.accounts().newSession();
    var bearer = session.bearer();
    assertProblem(
        http.post("/api/internal/echo", "{\"open\":", "Authorization", bearer), 400, "bad-json");
    assertProblem(
        http.get("/api/internal/no-such-thing", "Authorization", bearer), 404, "not-found");
    assertProblem(
        http.send("DELETE", "/api/internal/ping", null, "Authorization", bearer),
        405,
        "method-not-allowed");
  }

  @Test
  void bytesComeBackAsTheyWereSent() {
    var session = deployment.accounts().newSession();
    var body = "\u0000\u0001\u00ff".repeat(1000);
    try (var socket = RawSocket.connect(deployment.userWorker().port())) {
      socket.send(
          RawSocket.head(
                  "POST /api/internal/echo/bytes HTTP/1.1",
                  "Authorization: " + session.bearer(),
                  "Content-Type: application/octet-stream",
                  "Content-Length: 3000")
              + body);
      var answer = socket.answer();
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body().latin1()).isEqualTo(body);
    }
  }

  @Test
  void aHeadRequestHasTheHeadOfItsGetAndNoBody() {
    var session = deployment.accounts().newSession();
    try (var socket = RawSocket.connect(deployment.userWorker().port())) {
      var rest =
          RawSocket.head(
              " /api/internal/echo/bytes?size=77 HTTP/1.1", "Authorization: " + session.bearer());
      var head = socket.send("HEAD" + rest).answer(true);
      assertThat(head.status()).isEqualTo(200);
      assertThat(head.headers().first("Content-Length")).contains("77");
      // The connection is still in step: the next answer is the next request's.
      var get = socket.send("GET" + rest).answer();
      assertThat(get.body().length()).isEqualTo(77);
    }
  }

  @Test
  void anotherDataWorkerOnTheSameStoresAnswersUnderItsOwnName() {
    var session = deployment.accounts().newSession();
    try (var data = deployment.anotherDataWorker("data-worker-2");
        var user = deployment.anotherUserWorker("user-worker-2", data.url(), Map.of())) {
      var here = http.get("/api/internal/ping", "Authorization", session.bearer()).json();
      var there = user.http().get("/api/internal/ping", "Authorization", session.bearer()).json();
      assertThat(there.required("userId")).isEqualTo(here.required("userId"));
      assertThat(there.required("worker")).isNotEqualTo(here.required("worker"));
    }
  }

  @Test
  void tokensAndKeysSurviveAKillOfTheUserWorker() {
    var session = deployment.accounts().newSession();
    var keysBefore = http.get("/.well-known/jwks.json").json();
    deployment.userWorker().kill();
    deployment.userWorker().start();
    var answer = http.get("/api/internal/ping", "Authorization", session.bearer());
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(http.get("/.well-known/jwks.json").json()).isEqualTo(keysBefore);
    var refreshed =
        http.post("/auth/refresh", Json.write(Map.of("refreshToken", session.refreshToken())));
    assertThat(refreshed.status()).isEqualTo(200);
  }
}
