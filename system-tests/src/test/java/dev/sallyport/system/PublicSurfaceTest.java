package dev.sallyport.system;

import static dev.sallyport.system.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the public port shows to everybody, and what it does not. */
@ExtendWith(SharedDeployment.class)
class PublicSurfaceTest {
  private final Deployment deployment;
  private final Http http;

  PublicSurfaceTest(Deployment deployment) {
    this.deployment = deployment;
    this.http = deployment.userWorker().http();
  }

  @Test
  void healthTellsHowTheBindingIs() {
    await()
        .atMost(Duration.ofSeconds(5))
        .untilAsserted(() -> {
          var answer = http.get("/health");
          assertThat(answer.status()).isEqualTo(200);
          var health = answer.json();
          assertThat(health.required("status").asText()).isEqualTo("up");
          assertThat(health.required("worker").asText()).isNotBlank();
          assertThat(health.required("version").asText()).isNotBlank();
          var binding = health.required("bindings").required("BACKEND_SERVICE");
          assertThat(binding.required("status").asText()).isEqualTo("up");
          assertThat(binding.required("responseTimeMs").isNumber()).isTrue();
        });
    assertThat(http.get("/health").body()).doesNotContain("secret", "127.0.0.1");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/q/health", "/q/health/ready", "/q/metrics", "/q/dev", "/q/openapi", "/q"})
  void probesAndMetricsAreNotOnThePublicPort(String path) {
    assertProblem(http.get(path), 404, "not-found");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/q/health/live", "/q/health/ready", "/q/metrics"})
  void probesAndMetricsAreOnTheManagementPortsOfBothWorkers(String path) {
    assertThat(deployment.userWorker().management().get(path).status()).isEqualTo(200);
    assertThat(deployment.dataWorker().management().get(path).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/nothing", "/auth", "/auth/nothing", "/api/public", "/index.html"})
  void anUnknownPathIsNotFound(String path) {
    assertProblem(http.get(path), 404, "not-found");
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/auth/login",
    "GET,/auth/register",
    "PUT,/auth/refresh",
    "POST,/health",
    "DELETE,/.well-known/jwks.json"
  })
  void aWrongMethodIsNotAllowed(String method, String path) {
    var body = method.equals("GET") || method.equals("DELETE") ? null : "{}";
    assertProblem(http.send(method, path, body), 405, "method-not-allowed");
  }

  @Test
  void aBodyThatIsNotJsonByItsTypeIsRefused() {
    try (var socket = RawSocket.connect(deployment.userWorker().port())) {
      socket.send(
          RawSocket.head(
                  "POST /auth/login HTTP/1.1", "Content-Type: text/plain", "Content-Length: 2")
              + "{}");
      assertProblem(socket.answer().plain(), 415, "unsupported-media-type");
    }
  }

  @Test
  void headersBeyondTheLimitAreTooLarge() {
    try (var socket = RawSocket.connect(deployment.userWorker().port())) {
      socket.send(RawSocket.head("GET /health HTTP/1.1", "X-Padding: " + "x".repeat(100_000)));
      assertProblem(socket.answer().plain(), 431, "headers-too-large");
    }
  }

  @Test
  void aTargetBeyondTheLimitIsTooLong() {
    try (var socket = RawSocket.connect(deployment.userWorker().port())) {
      socket.send(RawSocket.head("GET /health?" + "x".repeat(100_000) + " HTTP/1.1"));
      assertProblem(socket.answer().plain(), 414, "uri-too-long");
    }
  }

  @Test
  void aPageOfAnotherOriginCannotSignAnybodyIn() {
    var account = deployment.accounts().register();
    var answer =
        http.post(
            "/auth/login",
            Accounts.credentials(account.email(), account.password()),
            "Origin",
            "https://evil.example");
    assertProblem(answer, 403, "origin-refused");
  }
}
