package dev.sallyport.user.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.MAP;

import dev.sallyport.local.StackResource;
import dev.sallyport.user.Json;
import dev.sallyport.user.ProblemShape;
import dev.sallyport.user.Visitor;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
class AccountsTest {
  @TestHTTPResource("/")
  URI base;

  @Inject Accounts accounts;

  private Visitor visitor;

  @BeforeEach
  void arrive() {
    visitor = new Visitor(base);
  }

  @Test
  void whoSignsUpHasAnAccount() {
    var email = Visitor.freshEmail();
    var made =
        visitor.post(
            "/auth/register",
            Map.of("email", email, "password", "long enough", "displayName", "Ada \u00e9"));
    assertThat(made.statusCode()).isEqualTo(201);
    var user = Json.object(made.body());
    assertThat(user)
        .containsOnlyKeys("id", "email", "displayName", "roles")
        .containsEntry("email", email)
        .containsEntry("displayName", "Ada \u00e9")
        .containsEntry("roles", List.of("user"));
    assertThat(UUID.fromString(String.valueOf(user.get("id"))).version()).isEqualTo(7);
    assertThat(made.headers().allValues("Set-Cookie")).isEmpty();
  }

  @Test
  void whoGivesNoNameHasNone() {
    var made = visitor.post("/auth/register", registration(Visitor.freshEmail()));
    assertThat(Json.object(made.body())).containsOnlyKeys("id", "email", "roles");
  }

  @Test
  void anAddressIsTakenInAnySpelling() {
    var email = Visitor.freshEmail();
    visitor.post("/auth/register", registration(email));
    for (var spelling : List.of(email, email.replace("example", "EXAMPLE"), " " + email)) {
      ProblemShape.of(visitor.post("/auth/register", registration(spelling)), 409, "email-taken");
    }
  }

  @Test
  void ofTwentyWhoWantOneAddressAtOnceOneGetsIt() throws Exception {
    var body = registration(Visitor.freshEmail());
    var answers = atOnce(20, () -> visitor.post("/auth/register", body));
    assertThat(answers).extracting(HttpResponse::statusCode).containsOnlyOnce(201);
    answers.stream()
        .filter(answer -> answer.statusCode() != 201)
        .forEach(answer -> ProblemShape.of(answer, 409, "email-taken"));
  }

  @Test
  void signingInGivesTokensAndACookie() {
    var email = Visitor.freshEmail();
    visitor.post("/auth/register", registration(email));
    var answer = visitor.post("/auth/login", registration(email));
    assertThat(answer.statusCode()).isEqualTo(200);
    var body = Json.object(answer.body());
    assertThat(body)
        .containsOnlyKeys("accessToken", "tokenType", "expiresIn", "refreshToken", "user")
        .containsEntry("tokenType", "Bearer")
        .containsEntry("expiresIn", 900);
    assertThat(body.get("user"))
        .asInstanceOf(MAP)
        .containsOnlyKeys("id", "email", "roles")
        .containsEntry("email", email);
    assertThat(answer.headers().allValues("Set-Cookie").getFirst())
        .matches("sallyport_session=[A-Za-z0-9_-]{43};.*")
        .containsIgnoringCase(";HttpOnly")
        .containsIgnoringCase(";SameSite=Lax")
        .containsIgnoringCase(";Path=/")
        .containsIgnoringCase(";Max-Age=2592000")
        // The test profile speaks plain http; the default is true: see SettingsTest.
        .doesNotContainIgnoringCase("Secure")
        .doesNotContainIgnoringCase("Domain");
  }

  @Test
  void anUnknownAddressAndAWrongPasswordAreAnsweredAlike() {
    var known = visitor.signUp();
    var wrong = visitor.post("/auth/login", Map.of("email", known.email(), "password", "wrong"));
    var unknown =
        visitor.post(
            "/auth/login", Map.of("email", Visitor.freshEmail(), "password", known.password()));
    var one = ProblemShape.of(wrong, 401, "wrong-credentials");
    var other = ProblemShape.of(unknown, 401, "wrong-credentials");
    one.remove("requestId");
    other.remove("requestId");
    assertThat(one).isEqualTo(other);
    var names = new TreeMap<>(wrong.headers().map()).keySet();
    assertThat(new TreeMap<>(unknown.headers().map()).keySet()).isEqualTo(names);
    assertThat(names).doesNotContain("set-cookie");
  }

  @Test
  void aTokenAndACookieBothSayWhoOneIs() {
    var ada = visitor.signUp();
    for (var credential : List.of(ada.byToken(), ada.byCookie())) {
      var me = visitor.get("/auth/me", credential);
      assertThat(me.statusCode()).isEqualTo(200);
      assertThat(Json.object(me.body()))
          .containsOnlyKeys("id", "email", "roles")
          .containsEntry("id", ada.id())
          .containsEntry("email", ada.email())
          .containsEntry("roles", List.of("user"));
    }
  }

  @Test
  void withoutAGoodCredentialNobodyIsAnybody() {
    ProblemShape.of(visitor.get("/auth/me"), 401, "unauthenticated");
    for (var credential :
        List.of("Bearer x", "Bearer ", "Bearer", "Basic YTpi", "x", "Bearer a.b.c", "")) {
      ProblemShape.of(visitor.get("/auth/me", "Authorization", credential), 401, "unauthenticated");
    }
    for (var cookie : List.of("sallyport_session=x", "sallyport_session=")) {
      ProblemShape.of(visitor.get("/auth/me", "Cookie", cookie), 401, "unauthenticated");
    }
    var ada = visitor.signUp();
    var twice = "Bearer " + ada.token();
    ProblemShape.of(
        visitor.get("/auth/me", "Authorization", twice, "Authorization", twice),
        401,
        "unauthenticated");
  }

  @Test
  void aRefreshTokenIsTradedForANewPair() {
    var ada = visitor.signUp();
    var answer = refresh(ada.refreshToken());
    assertThat(answer.statusCode()).isEqualTo(200);
    var body = Json.object(answer.body());
    assertThat(body)
        .containsOnlyKeys("accessToken", "tokenType", "expiresIn", "refreshToken", "user")
        .doesNotContainEntry("refreshToken", ada.refreshToken())
        .doesNotContainEntry("accessToken", ada.token());
    assertThat(visitor.me("Authorization", "Bearer " + body.get("accessToken"))).isEqualTo(200);
    assertThat(visitor.me(ada.byToken())).isEqualTo(200);
    assertThat(refresh(String.valueOf(body.get("refreshToken"))).statusCode()).isEqualTo(200);
  }

  @Test
  void aRefreshTokenThatIsShownAgainEndsTheSessionAndAllItsTokens() {
    var ada = visitor.signUp();
    var next = Json.object(refresh(ada.refreshToken()).body());
    ProblemShape.of(refresh(ada.refreshToken()), 401, "unauthenticated");
    assertThat(visitor.me(ada.byToken())).isEqualTo(401);
    assertThat(visitor.me(ada.byCookie())).isEqualTo(401);
    assertThat(visitor.me("Authorization", "Bearer " + next.get("accessToken"))).isEqualTo(401);
    ProblemShape.of(refresh(String.valueOf(next.get("refreshToken"))), 401, "unauthenticated");
  }

  @Test
  void ofTwoWhoShowOneRefreshTokenAtOnceOneGetsAPairAndTheSessionEnds() throws Exception {
    for (int round = 0; round < 5; round++) {
      var ada = visitor.signUp();
      var answers = atOnce(2, () -> refresh(ada.refreshToken()));
      assertThat(answers).extracting(HttpResponse::statusCode).containsExactlyInAnyOrder(200, 401);
      assertThat(visitor.me(ada.byToken())).isEqualTo(401);
    }
  }

  @Test
  void aRefreshTokenThatNobodyWasGivenIsRefused() {
    ProblemShape.of(refresh("nobody was given this"), 401, "unauthenticated");
  }

  @Test
  void whoSignsOutIsOutWithEveryCredentialOfThatSessionAndNoOther() {
    var first = visitor.signUp();
    var other = visitor.signIn(first.email(), first.password());
    var out = visitor.post("/auth/logout", "", first.byToken());
    assertThat(out.statusCode()).isEqualTo(204);
    assertThat(out.body()).isEmpty();
    assertThat(out.headers().firstValue("Set-Cookie").orElseThrow())
        .startsWith("sallyport_session=;")
        .containsIgnoringCase(";Max-Age=0");
    assertThat(visitor.me(first.byToken())).isEqualTo(401);
    assertThat(visitor.me(first.byCookie())).isEqualTo(401);
    ProblemShape.of(refresh(first.refreshToken()), 401, "unauthenticated");
    assertThat(visitor.me(other.byToken())).isEqualTo(200);
    assertThat(visitor.me(other.byCookie())).isEqualTo(200);
  }

  @Test
  void aCookieAloneSignsOutFromOurOwnPage() {
    var ada = visitor.signUp();
    var out =
        visitor.send(
            "POST",
            "/auth/logout",
            BodyPublishers.noBody(),
            "Cookie",
            ada.cookie(),
            "Origin",
            visitor.origin());
    assertThat(out.statusCode()).isEqualTo(204);
    assertThat(visitor.me(ada.byToken())).isEqualTo(401);
  }

  @Test
  void theBootstrapAccountIsThereWithItsRolesAndPassword() {
    var root = visitor.signIn("root@example.org", "root has a password");
    assertThat(Json.object(visitor.get("/auth/me", root.byToken()).body()))
        .containsEntry("roles", List.of("admin", "user"));
  }

  @Test
  void aBootstrapAccountBecomesWhatItIsConfiguredToBe() throws Exception {
    var ada = visitor.signUp();
    inVirtualThread(() -> {
      accounts.ensure(ada.email(), "another password", "admin,user");
      accounts.ensure(ada.email(), "another password", "admin,user");
    });
    var login = Map.of("email", ada.email(), "password", ada.password());
    ProblemShape.of(visitor.post("/auth/login", login), 401, "wrong-credentials");
    var again = visitor.signIn(ada.email(), "another password");
    assertThat(again.id()).isEqualTo(ada.id());
    assertThat(Json.object(visitor.get("/auth/me", again.byToken()).body()))
        .containsEntry("roles", List.of("admin", "user"));
  }

  private static void inVirtualThread(Runnable work) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      threads.submit(work).get();
    }
  }

  private HttpResponse<String> refresh(String token) {
    return visitor.post("/auth/refresh", Map.of("refreshToken", token));
  }

  private static Map<String, String> registration(String email) {
    return Map.of("email", email, "password", "long enough");
  }

  private static <T> List<T> atOnce(int times, Callable<T> work) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var started = new ArrayList<Future<T>>();
      for (int i = 0; i < times; i++) {
        started.add(threads.submit(work));
      }
      var results = new ArrayList<T>();
      for (var one : started) {
        results.add(one.get());
      }
      return results;
    }
  }
}
