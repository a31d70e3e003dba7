package dev.sallyport.system;

import static dev.sallyport.system.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Nobody gets in with a token that is not ours, whole, in time and for us. */
@ExtendWith(SharedDeployment.class)
class TokenForgeryTest {
  private static final String MIME_LINE = "-----";

  private final Deployment deployment;
  private final Http http;
  private final Accounts.Session session;
  private final Token token;

  TokenForgeryTest(Deployment deployment) {
    this.deployment = deployment;
    this.http = deployment.userWorker().http();
    this.session = deployment.accounts().newSession();
    this.token = Token.parse(session.accessToken());
  }

  private void assertRefused(String compact) {
    assertRefusedCredential("Bearer " + compact);
  }

  private void assertRefusedCredential(String authorization) {
    for (var path : List.of("/api/internal/ping", "/auth/me")) {
      assertRefused(http.get(path, "Authorization", authorization));
    }
  }

  private static void assertRefused(Answer answer) {
    assertProblem(answer, 401, "unauthenticated");
    assertThat(answer.header("WWW-Authenticate").orElse("none")).startsWith("Bearer");
  }

  @Test
  void theGenuineTokenIsLetIn() {
    assertThat(http.get("/api/internal/ping", "Authorization", session.bearer()).status())
        .isEqualTo(200);
    assertThat(
            http.get("/api/internal/ping", "Authorization", "bearer " + session.accessToken())
                .status())
        .as("a scheme's name has no case")
        .isEqualTo(200);
  }

  @Test
  void noTokenIsRefused() {
    assertRefused(http.get("/api/internal/ping"));
    assertRefused(http.get("/auth/me"));
    assertRefused(http.get("/api/internal/no-such-path"));
  }

  @Test
  void twoCredentialsInOneRequestAreRefused() {
    try (var socket = RawSocket.connect(deployment.userWorker().port())) {
      var line = "Authorization: " + session.bearer();
      socket.send(RawSocket.head("GET /api/internal/ping HTTP/1.1", line, line));
      assertThat(socket.answer().status()).isIn(400, 401);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "None", "NONE", "nOnE", ""})
  void anUnsignedTokenIsRefused(String none) {
    assertRefused(token.unsigned(none));
    assertRefused(token.unsigned(none) + token.signature());
  }

  @Test
  void aTokenSignedWithThePublicKeyAsASecretIsRefused() {
    var jwk = http.get("/.well-known/jwks.json").json().required("keys").get(0);
    var key = Token.publicKey(jwk);
    var base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded());
    var pem =
        MIME_LINE
            + "BEGIN PUBLIC KEY"
            + MIME_LINE
            + "\n"
            + base64
            + "\n"
            + MIME_LINE
            + "END PUBLIC KEY"
            + MIME_LINE;
    for (var secret :
        List.of(pem, pem + "\n", base64, jwk.toString(), jwk.required("x").asText())) {
      assertRefused(token.signedWithSecret(secret.getBytes(StandardCharsets.US_ASCII)));
    }
    assertRefused(token.signedWithSecret(key.getEncoded()));
  }

  @Test
  void aTokenOfAForeignKeyUnderOurKeyIdIsRefused() {
    assertRefused(token.signedWithForeignKey());
  }

  @Test
  void changedClaimsAreRefused() {
    assertRefused(token.withClaims(claims -> claims.putArray("groups").add("admin").add("user")));
    assertRefused(token.withClaims(claims -> claims.put("exp", 4_000_000_000L)));
  }

  @Test
  void aTokenForAnotherAudienceIsRefused() {
    assertOtherWorkersTokenIsRefused("SALLYPORT_AUTH_AUDIENCE", "aud");
  }

  @Test
  void aTokenOfAnotherIssuerIsRefused() {
    assertOtherWorkersTokenIsRefused("SALLYPORT_AUTH_ISSUER", "iss");
  }

  /** Signed with the true key, since both workers share it, but saying something else of itself. */
  private void assertOtherWorkersTokenIsRefused(String variable, String claim) {
    try (var other =
        deployment.anotherUserWorker(
            "user-worker-other-" + claim,
            deployment.dataWorker().url(),
            Map.of(variable, "somebody-else"))) {
      var theirs = new Accounts(other.http()).newSession();
      assertThat(Token.parse(theirs.accessToken()).claims().required(claim).asText())
          .isEqualTo("somebody-else");
      assertThat(other.http().get("/auth/me", "Authorization", theirs.bearer()).status())
          .isEqualTo(200);
      assertRefused(theirs.accessToken());
    }
  }

  @Test
  void aTokenIsRefusedOnceItHasExpiredRememberedOrNot() {
    var lifetime = Duration.ofSeconds(2);
    try (var other =
        deployment.anotherUserWorker(
            "user-worker-short-tokens",
            deployment.dataWorker().url(),
            Map.of("SALLYPORT_AUTH_ACCESS_TOKEN_LIFETIME", lifetime.toString()))) {
      var shortLived = new Accounts(other.http()).newSession();
      var bearer = shortLived.bearer();
      var remembering = other.http();
      assertThat(remembering.get("/api/internal/ping", "Authorization", bearer).status())
          .isEqualTo(200);
      await()
          .atMost(lifetime.plusSeconds(5))
          .until(() -> remembering.get("/auth/me", "Authorization", bearer).status() == 401);
      assertRefused(remembering.get("/api/internal/ping", "Authorization", bearer));
      assertRefused(shortLived.accessToken()); // at a worker that has never seen it
    }
  }

  @Test
  void onlyTheExactCompactFormIsAToken() {
    var compact = session.accessToken();
    var parts = compact.split("\\.", -1);
    for (var wrong :
        List.of(
            compact + "=",
            parts[0] + "=." + parts[1] + "." + parts[2],
            compact + ".",
            compact + "." + parts[2],
            "." + compact,
            parts[0] + "." + parts[1],
            parts[0] + ". " + parts[1] + "." + parts[2],
            parts[0] + "\t." + parts[1] + "." + parts[2],
            "\"" + compact + "\"",
            compact.replace('.', ','),
            compact.substring(0, compact.length() - 2),
            compact + "A",
            parts[0] + "." + parts[1] + "." + "A".repeat(86),
            parts[0] + "." + parts[1] + "." + parts[2].substring(0, 85) + "+",
            "x",
            "...",
            "..",
            "a".repeat(20_000))) {
      // Over a raw socket, because no decent client sends some of these.
      try (var socket = RawSocket.connect(deployment.userWorker().port())) {
        socket.send(RawSocket.head("GET /auth/me HTTP/1.1", "Authorization: Bearer " + wrong));
        var answer = socket.answer().plain();
        if (answer.status() != 431) {
          assertRefused(answer);
        }
      }
    }
  }

  @Test
  void noOtherSchemeOrPlaceTakesTheTokenIn() {
    var compact = session.accessToken();
    for (var scheme : List.of("", "Basic ", "JWT ", "Token ", "DPoP ", "Bearer:", "Bearer")) {
      assertRefusedCredential(scheme + compact);
    }
    assertRefused(http.get("/api/internal/ping?access_token=" + compact));
    assertRefused(http.get("/api/internal/ping", "X-API-Key", compact));
    assertRefused(http.get("/api/internal/ping", "Cookie", "access_token=" + compact));
  }
}
