package dev.sallyport.system;

import static dev.sallyport.system.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Bodies have bounds, and what is beyond one is told so. */
@ExtendWith(SharedDeployment.class)
class SizeLimitsTest {
  private static final int JSON_MAX = 1024 * 1024;
  private static final long BYTES_MAX = 2L * 1024 * 1024 * 1024;

  private final Deployment deployment;
  private final Accounts.Session session;

  SizeLimitsTest(Deployment deployment) {
    this.deployment = deployment;
    this.session = deployment.accounts().newSession();
  }

  private static String jsonOf(int length) {
    return "\"" + "x".repeat(length - 2) + "\"";
  }

  private Answer echo(String json) {
    return deployment
        .userWorker()
        .http()
        .post("/api/internal/echo", json, "Authorization", session.bearer());
  }

  private RawSocket begin(String target, String framing) {
    return RawSocket.connect(deployment.userWorker().port())
        .send(
            RawSocket.head(
                "POST " + target + " HTTP/1.1",
                "Authorization: " + session.bearer(),
                "Content-Type: application/json",
                framing));
  }

  @Test
  void aMebibyteOfJsonIsTaken() {
    var json = jsonOf(JSON_MAX);
    var answer = echo(json);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).contains(json);
  }

  @Test
  void moreJsonIsTooLarge() {
    try (var socket = begin("/api/internal/echo", "Content-Length: " + (JSON_MAX + 1))) {
      assertProblem(socket.answer().plain(), 413, "too-large");
    }
  }

  @Test
  void moreJsonIsTooLargeEvenWhereItsLengthIsNotAnnounced() {
    try (var socket = begin("/api/internal/echo", "Transfer-Encoding: chunked")) {
      var chunk = "10000\r\n" + "x".repeat(0x10000) + "\r\n";
      for (int sent = 0; sent <= JSON_MAX; sent += 0x10000) {
        socket.send(chunk);
      }
      assertProblem(socket.answer().plain(), 413, "too-large");
    }
  }

  @Test
  void aTooLargeSignInIsNotRead() {
    try (var socket = begin("/auth/login", "Content-Length: 100000000")) {
      assertProblem(socket.answer().plain(), 413, "too-large");
    }
  }

  @Test
  void moreThanTwoGibibytesAreTooLarge() {
    try (var socket = begin("/api/internal/echo/bytes", "Content-Length: " + (BYTES_MAX + 1))) {
      assertProblem(socket.answer().plain(), 413, "too-large");
    }
  }
}
