package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.local.StackResource;
import dev.sallyport.user.Json;
import dev.sallyport.user.ProblemShape;
import dev.sallyport.user.Visitor;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.sqlclient.Pool;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
class UsersTest {
  private static final String USERS = "/auth/users";

  @TestHTTPResource("/")
  URI base;

  @Inject Pool pool;

  private Visitor visitor;
  private Visitor.SignedIn root;
  private Visitor.SignedIn ada;

  @BeforeEach
  void signIn() {
    visitor = new Visitor(base);
    root = visitor.signIn("root@example.org", "root has a password");
    ada = visitor.signUp();
  }

  private HttpResponse<String> change(Visitor.SignedIn who, String json, String... credential) {
    var headers = new ArrayList<>(List.of("Content-Type", "application/json"));
    headers.addAll(List.of(credential));
    return visitor.send(
        "PATCH",
        USERS + "/" + who.id(),
        BodyPublishers.ofString(json),
        headers.toArray(String[]::new));
  }

  @Test
  void onlyAdminsSeeAndChangeAccounts() {
    ProblemShape.of(visitor.get(USERS), 401, "unauthenticated");
    ProblemShape.of(visitor.get(USERS, ada.byToken()), 403, "forbidden");
    ProblemShape.of(change(ada, "{\"roles\":[\"admin\"]}", ada.byToken()), 403, "forbidden");
    assertThat(visitor.get(USERS, root.byToken()).statusCode()).isEqualTo(200);
  }

  @Test
  void everyAccountIsOnOnePageOfTheList() {
    for (int i = 0; i < 5; i++) {
      visitor.signUp();
    }
    var seen = new ArrayList<String>();
    var cursor = "";
    while (cursor != null) {
      var page = visitor.get(USERS + "?limit=3" + cursor, root.byToken());
      var body = Json.object(page.body());
      for (var item : (List<?>) Objects.requireNonNull(body.get("items"))) {
        var user = (Map<?, ?>) item;
        assertThat(user.toString()).doesNotContain("argon2", "password");
        seen.add(String.valueOf(user.get("id")));
      }
      var next = body.get("next");
      cursor = next == null ? null : "&cursor=" + next;
    }
    assertThat(seen).doesNotHaveDuplicates().contains(ada.id(), root.id()).isSorted();
  }

  @Test
  void aDisabledAccountIsOutWithEverythingAtOnceUntilItIsEnabled() {
    var answer = change(ada, "{\"disabled\":true}", root.byToken());
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(Json.object(answer.body()))
        .containsOnlyKeys("id", "email", "roles", "disabled", "createdAt")
        .containsEntry("disabled", true);
    assertThat(visitor.me(ada.byToken())).isEqualTo(401);
    assertThat(visitor.me(ada.byCookie())).isEqualTo(401);
    ProblemShape.of(
        visitor.post("/auth/refresh", Map.of("refreshToken", ada.refreshToken())),
        401,
        "unauthenticated");
    var login = Map.of("email", ada.email(), "password", ada.password());
    ProblemShape.of(visitor.post("/auth/login", login), 401, "wrong-credentials");
    change(ada, "{\"disabled\":false}", root.byToken());
    assertThat(visitor.me(ada.byToken())).isEqualTo(401);
    assertThat(visitor.me(visitor.signIn(ada.email(), ada.password()).byToken())).isEqualTo(200);
  }

  @Test
  void whoseRolesChangeSignsInAgain() {
    assertThat(
            Json.object(
                change(ada, "{\"roles\":[\"user\",\"clerk\",\"user\"]}", root.byToken()).body()))
        .containsEntry("roles", List.of("clerk", "user"));
    assertThat(visitor.me(ada.byToken())).isEqualTo(401);
    assertThat(visitor.me(ada.byCookie())).isEqualTo(401);
    var again = visitor.signIn(ada.email(), ada.password());
    assertThat(Json.object(visitor.get("/auth/me", again.byToken()).body()))
        .containsEntry("roles", List.of("clerk", "user"));
  }

  @Test
  void whatChangesNothingEndsNothing() {
    assertThat(change(ada, "{}", root.byToken()).statusCode()).isEqualTo(200);
    assertThat(
            change(ada, "{\"roles\":[\"user\"],\"disabled\":false}", root.byToken()).statusCode())
        .isEqualTo(200);
    assertThat(visitor.me(ada.byToken())).isEqualTo(200);
  }

  @Test
  void theLastAdminStaysOne() throws Exception {
    var before = others();
    try {
      for (var change : List.of("{\"disabled\":true}", "{\"roles\":[\"user\"]}")) {
        ProblemShape.of(change(root, change, root.byToken()), 409, "conflict");
      }
      assertThat(visitor.me(root.byToken())).isEqualTo(200);
      change(ada, "{\"roles\":[\"admin\",\"user\"]}", root.byToken());
      var admin = visitor.signIn(ada.email(), ada.password());
      // Two who take each other's place away at once: one of them stays.
      List<Callable<Integer>> both =
          List.of(
              () -> change(root, "{\"roles\":[\"user\"]}", admin.byToken()).statusCode(),
              () -> change(ada, "{\"roles\":[\"user\"]}", root.byToken()).statusCode());
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        var answers = new ArrayList<Integer>();
        for (var one : threads.invokeAll(both)) {
          answers.add(one.get());
        }
        assertThat(answers).containsOnlyOnce(200);
      }
      assertThat(count("'admin' = ANY (string_to_array(roles, ',')) AND NOT disabled")).isOne();
    } finally {
      sql("UPDATE account.account SET roles = 'admin,user' WHERE email = 'root@example.org'");
      for (var id : before) {
        sql("UPDATE account.account SET roles = 'admin,user' WHERE id = '" + id + "'");
      }
    }
  }

  /** Other tests' admins, who are none until this one is over. */
  private Set<UUID> others() {
    var ids = new HashSet<UUID>();
    var rows =
        pool.query(
                "UPDATE account.account SET roles = 'user' WHERE roles LIKE '%admin%'"
                    + " AND email <> 'root@example.org' RETURNING id")
            .execute()
            .toCompletionStage()
            .toCompletableFuture()
            .join();
    rows.forEach(row -> ids.add(row.getUUID("id")));
    return ids;
  }

  private long count(String condition) {
    return pool.query("SELECT count(*) FROM account.account WHERE " + condition)
        .execute()
        .toCompletionStage()
        .toCompletableFuture()
        .join()
        .iterator()
        .next()
        .getLong(0);
  }

  private void sql(String statement) {
    pool.query(statement).execute().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void anAccountThatIsNotThereIsNotFound() {
    for (var id : List.of(UUID.randomUUID().toString(), "x", "1-1-1-1-1")) {
      ProblemShape.of(
          visitor.send(
              "PATCH",
              USERS + "/" + id,
              BodyPublishers.ofString("{\"disabled\":true}"),
              "Content-Type",
              "application/json",
              "Authorization",
              "Bearer " + root.token()),
          404,
          "not-found");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"roles\":[\"a,b\"]}",
        "{\"roles\":[\"\"]}",
        "{\"roles\":[\"Admin\"]}",
        "{\"roles\":[null]}",
        "{\"roles\":\"admin\"}",
        "{\"disabled\":\"yes\"}",
        "{\"email\":\"a@b\"}"
      })
  void whatIsNoChangeIsInvalid(String body) {
    ProblemShape.of(change(ada, body, root.byToken()), 422, "invalid");
  }

  @Test
  void aSessionIsValidByTokenAndByCookieAndOnlyIfItIsTheCallers() {
    for (var credential : List.of(ada.byToken(), ada.byCookie())) {
      var answer = visitor.post("/auth/validate-session", "{}", credential);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      var body = Json.object(answer.body());
      assertThat(body)
          .containsOnlyKeys("valid", "userId", "roles", "expiresAt")
          .containsEntry("valid", true)
          .containsEntry("userId", ada.id())
          .containsEntry("roles", List.of("user"));
      assertThat(Instant.parse(String.valueOf(body.get("expiresAt")))).isNotNull();
    }
    assertThat(
            visitor
                .send("POST", "/auth/validate-session", BodyPublishers.noBody(), ada.byToken())
                .statusCode())
        .isEqualTo(200);
    var session = String.valueOf(claim(ada.token(), "sid"));
    assertThat(
            visitor
                .post("/auth/validate-session", Map.of("sessionId", session), ada.byToken())
                .statusCode())
        .isEqualTo(200);
    ProblemShape.of(
        visitor.post(
            "/auth/validate-session",
            Map.of("sessionId", UUID.randomUUID().toString()),
            ada.byToken()),
        401,
        "unauthenticated");
    ProblemShape.of(visitor.post("/auth/validate-session", "{}"), 401, "unauthenticated");
    ProblemShape.of(
        visitor.post(
            "/auth/validate-session",
            "{}",
            "Cookie",
            ada.cookie(),
            "Origin",
            "https://elsewhere.example"),
        403,
        "origin-refused");
    visitor.post("/auth/logout", "", ada.byToken());
    ProblemShape.of(
        visitor.post("/auth/validate-session", "{}", ada.byToken()), 401, "unauthenticated");
  }

  private static Object claim(String token, String name) {
    var payload = Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]);
    return Objects.requireNonNull(
        Json.object(new String(payload, StandardCharsets.UTF_8)).get(name));
  }

  @Test
  void healthTellsAdminsMoreAndNeverASecret() {
    for (var credential :
        List.of(ada.byToken(), new String[] {"Authorization", "Bearer x"}, new String[0])) {
      var answer = visitor.get("/health", credential);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(Json.object(answer.body()))
          .containsOnlyKeys("status", "worker", "version", "bindings");
    }
    var answer = visitor.get("/health", root.byToken());
    var body = Json.object(answer.body());
    assertThat(Instant.parse(String.valueOf(body.get("timestamp")))).isNotNull();
    assertThat((Map<?, ?>) body.get("secrets"))
        .isNotEmpty()
        .allSatisfy((name, set) -> assertThat(set).isInstanceOf(Boolean.class));
    assertThat(answer.body())
        .contains("\"sallyport.auth.key-encryption-key\":true")
        .doesNotContain("root has a password");
  }
}
