package dev.sallyport.system;

import static dev.sallyport.system.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Accounts, sessions and what ends them. */
@ExtendWith(SharedDeployment.class)
class SignInTest {
  private static final Duration EVERYWHERE_WITHIN = Duration.ofSeconds(1);

  private final Deployment deployment;
  private final Http http;
  private final Accounts accounts;

  SignInTest(Deployment deployment) {
    this.deployment = deployment;
    this.http = deployment.userWorker().http();
    this.accounts = deployment.accounts();
  }

  @Test
  void signingUpGivesAnAccountWithTheRoleUser() {
    var email = Accounts.freshEmail();
    var answer =
        http.post(
            "/auth/register",
            Json.write(
                Map.of("email", email, "password", Accounts.PASSWORD, "displayName", "Ada")));
    assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    var account = answer.json();
    assertThat(UUID.fromString(account.required("id").asText()).version()).isEqualTo(7);
    assertThat(account.required("email").asText()).isEqualTo(email);
    assertThat(account.required("displayName").asText()).isEqualTo("Ada");
    assertThat(account.required("roles")).hasSize(1);
    assertThat(answer.body()).doesNotContain(Accounts.PASSWORD);
  }

  @Test
  void signingInGivesTokensAndACookieThatScriptsCannotRead() {
    var account = accounts.register();
    var answer =
        http.post("/auth/login", Accounts.credentials(account.email(), account.password()));
    assertThat(answer.status()).isEqualTo(200);
    var body = answer.json();
    assertThat(body.required("tokenType").asText()).isEqualTo("Bearer");
    assertThat(body.required("expiresIn").asLong()).isEqualTo(900);
    assertThat(body.required("user").required("id").asText()).isEqualTo(account.id());
    var cookie = answer.header("Set-Cookie").orElseThrow();
    assertThat(cookie).startsWith("sallyport_session=").contains("HttpOnly", "SameSite=Lax");
  }

  @Test
  void theAccessTokenIsASignedStatementWithTheClaimsThatWePromise() {
    var session = accounts.newSession();
    var token = Token.parse(session.accessToken());
    assertThat(token.header().required("alg").asText()).isEqualTo("ES256");
    assertThat(token.claims().required("sub").asText()).isEqualTo(session.account().id());
    assertThat(token.claims().required("groups").get(0).asText()).isEqualTo("user");
    for (var claim : new String[] {"iss", "aud", "jti", "sid"}) {
      assertThat(token.claims().hasNonNull(claim)).as(claim).isTrue();
    }
    var lifetime =
        token.claims().required("exp").asLong() - token.claims().required("iat").asLong();
    assertThat(lifetime).isEqualTo(900);
    var kid = token.header().required("kid");
    assertThat(keys()).anyMatch(key -> key.required("kid").equals(kid));
  }

  private Iterable<JsonNode> keys() {
    return http.get("/.well-known/jwks.json").json().required("keys");
  }

  @Test
  void thePublishedKeysAreForEs256AndHoldNothingPrivate() {
    assertThat(StreamSupport.stream(keys().spliterator(), false))
        .isNotEmpty()
        .allSatisfy(key -> {
          assertThat(key.required("kty").asText()).isEqualTo("EC");
          assertThat(key.required("crv").asText()).isEqualTo("P-256");
          assertThat(key.required("kid").asText()).isNotBlank();
          assertThat(key.has("d")).isFalse();
        });
  }

  @Test
  void whoAmIAnswersForTheTokenAndTheCookie() {
    var account = accounts.register();
    var login = http.post("/auth/login", Accounts.credentials(account.email(), account.password()));
    var bearer = "Bearer " + login.json().required("accessToken").asText();
    var cookie = login.header("Set-Cookie").orElseThrow().split(";", 2)[0];
    for (var me :
        new Answer[] {
          http.get("/auth/me", "Authorization", bearer), http.get("/auth/me", "Cookie", cookie)
        }) {
      assertThat(me.status()).as(me.body()).isEqualTo(200);
      assertThat(me.json().required("id").asText()).isEqualTo(account.id());
      assertThat(me.json().required("email").asText()).isEqualTo(account.email());
      assertThat(me.json().required("roles")).hasSize(1);
    }
    assertProblem(http.get("/auth/me"), 401, "unauthenticated");
  }

  @Test
  void anEmailAddressHasOneAccountHoweverItIsSpelled() {
    var account = accounts.register();
    assertProblem(
        http.post("/auth/register", Accounts.credentials(account.email(), Accounts.PASSWORD)),
        409,
        "email-taken");
    assertProblem(
        http.post(
            "/auth/register",
            Accounts.credentials(account.email().replace("user-", "USER-"), Accounts.PASSWORD)),
        409,
        "email-taken");
  }

  @Test
  void anUnknownAddressAndAWrongPasswordAreAnsweredAlike() {
    var account = accounts.register();
    var wrong = http.post("/auth/login", Accounts.credentials(account.email(), "not this one"));
    var unknown =
        http.post("/auth/login", Accounts.credentials(Accounts.freshEmail(), "not this one"));
    var one = assertProblem(wrong, 401, "wrong-credentials");
    var other = assertProblem(unknown, 401, "wrong-credentials");
    assertThat(one.required("detail")).isEqualTo(other.required("detail"));
    assertThat(wrong.headers().names())
        .containsExactlyInAnyOrderElementsOf(unknown.headers().names());
  }

  @Test
  void theyAreAnsweredInLikeTimeToo() {
    var wrong = new ArrayList<Long>();
    var unknown = new ArrayList<Long>();
    for (int i = 0; i < 9; i++) { // in turn, so that noise meets both
      wrong.add(nanosOf(accounts.register().email())); // of one account only five go unslowed
      unknown.add(nanosOf(Accounts.freshEmail()));
    }
    double ratio = (double) median(wrong) / median(unknown);
    assertThat(ratio).isBetween(0.5, 2.0);
  }

  private long nanosOf(String email) {
    long began = System.nanoTime();
    assertProblem(http.post("/auth/login", Accounts.credentials(email, "not this one")), 401);
    return System.nanoTime() - began;
  }

  private static long median(List<Long> times) {
    return times.stream().sorted().toList().get(times.size() / 2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"email":"no-at-sign","password":"a long enough passphrase"} | email
          {"email":"a@example.test","password":"short"}                | password
          {"password":"a long enough passphrase"}                      | email
          {"email":"a@example.test"}                                   | password
          {"email":"a@example.test","password":"a long enough passphrase","role":"admin"} | role
          {"email":"a@example.test","password":"a long enough passphrase","displayName":"\\u0000"} | displayName
          """)
  void aWrongFieldIsNamed(String body, String field) {
    var problem = assertProblem(http.post("/auth/register", body), 422, "invalid");
    assertThat(problem.required("errors"))
        .anySatisfy(error -> assertThat(error.required("field").asText()).isEqualTo(field))
        .allSatisfy(error -> assertThat(error.required("message").asText()).isNotBlank());
  }

  @ParameterizedTest
  @CsvSource({"{", "not json", "''", "{\"email\":\"a@b.c\"} {}"})
  void whatIsNotJsonIsABadRequest(String body) {
    assertProblem(http.post("/auth/login", body), 400, "bad-json");
  }

  @Test
  void refreshingGivesANewPairAndTheOldRefreshTokenEndsTheSession() {
    var first = accounts.newSession();
    var answer = refresh(first.refreshToken());
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    var second = Accounts.session(answer.json(), Accounts.PASSWORD);
    assertThat(second.refreshToken()).isNotEqualTo(first.refreshToken());
    assertThat(second.accessToken()).isNotEqualTo(first.accessToken());
    assertThat(status(second)).isEqualTo(200);

    assertProblem(refresh(first.refreshToken()), 401);
    assertProblem(refresh(second.refreshToken()), 401);
    await().atMost(EVERYWHERE_WITHIN).until(() -> status(second) == 401 && status(first) == 401);
  }

  private Answer refresh(String token) {
    return http.post("/auth/refresh", Json.write(Map.of("refreshToken", token)));
  }

  private int status(Accounts.Session session) {
    return http.get("/api/internal/ping", "Authorization", session.bearer()).status();
  }

  @Test
  void anUnknownRefreshTokenIsRefused() {
    assertProblem(refresh("no-such-token"), 401);
  }

  @Test
  void signingOutEndsThatSessionOnEveryUserWorkerAndNoOther(Gate gate) {
    var account = accounts.register();
    var ends = accounts.login(account);
    var stays = accounts.login(account);
    assertThat(statusAt(gate, ends)).isEqualTo(200); // the other worker remembers the token now
    try (var socket =
        WsClient.open(
            deployment.userWorker().port(),
            "/api/internal/echo/socket",
            "Authorization: " + ends.bearer())) {
      assertThat(socket.upgraded()).isTrue();
      var answer = http.send("POST", "/auth/logout", null, "Authorization", ends.bearer());
      assertThat(answer.status()).as(answer.body()).isEqualTo(204);
      await().atMost(EVERYWHERE_WITHIN).until(() -> status(ends) == 401);
      await().atMost(EVERYWHERE_WITHIN).until(() -> statusAt(gate, ends) == 401);
      socket.socket().within(EVERYWHERE_WITHIN);
      assertThat(socket.nextFrame().closeCode()).as("the session's socket").isEqualTo(4001);
    }
    assertProblem(refresh(ends.refreshToken()), 401);
    assertThat(status(stays)).isEqualTo(200);
    assertThat(statusAt(gate, stays)).isEqualTo(200);
  }

  private static int statusAt(Gate gate, Accounts.Session session) {
    return gate.userWorker()
        .http()
        .get("/api/internal/t", "Authorization", session.bearer())
        .status();
  }
}
