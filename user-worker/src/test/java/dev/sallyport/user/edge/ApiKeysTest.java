package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.local.StackResource;
import dev.sallyport.user.Json;
import dev.sallyport.user.ProblemShape;
import dev.sallyport.user.RawClient;
import dev.sallyport.user.Visitor;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.sqlclient.Pool;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
@WithTestResource(value = FakeService.class, scope = TestResourceScope.MATCHING_RESOURCES)
class ApiKeysTest {
  private static final String KEYS = "/auth/api-keys";
  private static final String SEEN = "/api/internal/seen";
  private static final Duration A_SECOND = Duration.ofSeconds(1);

  @TestHTTPResource("/")
  URI base;

  @Inject Pool pool;

  private Visitor visitor;
  private Visitor.SignedIn ada;

  /** A key as its maker sees it, once. */
  private record Key(String id, String text) {
    String[] header() {
      return new String[] {"X-API-Key", text};
    }
  }

  @BeforeEach
  void signIn() {
    visitor = new Visitor(base);
    ada = visitor.signUp();
  }

  private Key key(String... scopes) {
    var body = new LinkedHashMap<String, Object>();
    body.put("name", "of a test");
    if (scopes.length > 0) {
      body.put("scopes", List.of(scopes));
    }
    var made = visitor.post(KEYS, body, ada.byToken());
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    var answer = Json.object(made.body());
    return new Key(String.valueOf(answer.get("id")), String.valueOf(answer.get("key")));
  }

  private HttpResponse<String> delete(Key key, String... credential) {
    return visitor.send("DELETE", KEYS + "/" + key.id(), BodyPublishers.noBody(), credential);
  }

  private List<Map<?, ?>> listed() {
    return items(visitor.get(KEYS, ada.byToken()));
  }

  private static List<Map<?, ?>> items(HttpResponse<String> page) {
    assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
    var items = new ArrayList<Map<?, ?>>();
    for (var item : (List<?>) Objects.requireNonNull(Json.object(page.body()).get("items"))) {
      items.add((Map<?, ?>) item);
    }
    return items;
  }

  @Test
  void aKeyIsShownOnceAndKeptAsAHash() throws Exception {
    var made =
        visitor.post(
            KEYS,
            Map.of(
                "name", "reports", "scopes", List.of("read"), "expiresAt", "2031-02-03T04:05:06Z"),
            ada.byToken());
    assertThat(made.statusCode()).isEqualTo(201);
    var answer = Json.object(made.body());
    assertThat(answer)
        .containsOnlyKeys("id", "name", "key", "scopes", "createdAt", "expiresAt")
        .containsEntry("name", "reports")
        .containsEntry("scopes", List.of("read"))
        .containsEntry("expiresAt", "2031-02-03T04:05:06Z");
    var key = String.valueOf(answer.get("key"));
    assertThat(key).matches("sp_[A-Za-z0-9_-]{43}");
    assertThat(UUID.fromString(String.valueOf(answer.get("id"))).version()).isEqualTo(7);
    var page = visitor.get(KEYS, ada.byToken());
    assertThat(page.body()).doesNotContain(key, "\"key\"");
    assertThat(items(page))
        .singleElement()
        .satisfies(item ->
            assertThat(item.keySet())
                .map(String::valueOf)
                .containsExactlyInAnyOrder("id", "name", "scopes", "createdAt", "expiresAt"));
    var rows =
        pool.query("SELECT api_key::text FROM account.api_key WHERE name = 'reports'")
            .execute()
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
    assertThat(rows.iterator().next().getString(0)).doesNotContain(key.substring(3));
  }

  @Test
  void aKeyActsForItsOwnerAndStaysOutside() {
    var seen = visitor.get(SEEN, key().header());
    assertThat(seen.statusCode()).isEqualTo(200);
    assertThat(seen.body())
        .contains("\"x-user-id\":[\"" + ada.id() + "\"]", "\"x-user-roles\":[\"user\"]")
        .doesNotContainIgnoringCase("x-api-key")
        .doesNotContain("sp_");
    assertThat(visitor.me(key("write:/api/queues").header())).isEqualTo(200);
  }

  @Test
  void aKeyDoesWhatItsScopesSay() {
    var reads = key("read");
    assertThat(visitor.get(SEEN, reads.header()).statusCode()).isEqualTo(200);
    ProblemShape.of(visitor.post(SEEN, "{}", reads.header()), 403, "forbidden");
    var one = key("write:/api/internal/seen");
    assertThat(visitor.post(SEEN, "{}", one.header()).statusCode()).isEqualTo(200);
    ProblemShape.of(visitor.get("/api/internal/ping", one.header()), 403, "forbidden");
    ProblemShape.of(visitor.get("/api/internal/%73een", one.header()), 403, "forbidden");
  }

  @Test
  void aKeyManagesNoAccount() {
    var key = key();
    for (var path : List.of(KEYS, "/auth/logout", "/auth/validate-session")) {
      ProblemShape.of(visitor.post(path, Map.of("name", "x"), key.header()), 403, "forbidden");
    }
    ProblemShape.of(visitor.get(KEYS, key.header()), 403, "forbidden");
    ProblemShape.of(delete(key, key.header()), 403, "forbidden");
    assertThat(listed()).hasSize(1);
    var root = visitor.signIn("root@example.org", "root has a password");
    var made = visitor.post(KEYS, Map.of("name", "root's"), root.byToken());
    var roots = String.valueOf(Json.object(made.body()).get("key"));
    ProblemShape.of(visitor.get("/auth/users", "X-API-Key", roots), 403, "forbidden");
  }

  @Test
  void aDeletedKeyIsRefusedThoughItWasRemembered() {
    var key = key();
    assertThat(visitor.me(key.header())).isEqualTo(200);
    var other = visitor.signUp();
    ProblemShape.of(delete(key, other.byToken()), 404, "not-found");
    assertThat(visitor.me(key.header())).isEqualTo(200);
    assertThat(delete(key, ada.byToken()).statusCode()).isEqualTo(204);
    ProblemShape.of(visitor.get("/auth/me", key.header()), 401, "unauthenticated");
    ProblemShape.of(delete(key, ada.byToken()), 404, "not-found");
    assertThat(listed()).isEmpty();
  }

  @Test
  void aKeyThatIsDeletedElsewhereIsRefusedWithinASecond() {
    var key = key();
    assertThat(visitor.me(key.header())).isEqualTo(200);
    sql(
        "WITH gone AS (DELETE FROM account.api_key WHERE id = '"
            + key.id()
            + "' RETURNING id),"
            + " numbered AS (UPDATE account.revocation_counter SET last = last + 1 RETURNING last)"
            + " INSERT INTO account.revocation SELECT last, id, now() + interval '1 hour'"
            + " FROM gone, numbered");
    await().atMost(A_SECOND).until(() -> visitor.me(key.header()) == 401);
  }

  @Test
  void whatTheOwnerMayDoIsWhatTheKeyMayDoAtOnce() {
    var key = key();
    assertThat(visitor.get(SEEN, key.header()).body()).contains("\"x-user-roles\":[\"user\"]");
    var root = visitor.signIn("root@example.org", "root has a password");
    change(root, Map.of("roles", List.of("user", "clerk")));
    assertThat(visitor.get(SEEN, key.header()).body())
        .contains("\"x-user-roles\":[\"clerk,user\"]");
    change(root, Map.of("disabled", true));
    ProblemShape.of(visitor.get(SEEN, key.header()), 401, "unauthenticated");
    change(root, Map.of("disabled", false));
    assertThat(visitor.get(SEEN, key.header()).statusCode()).isEqualTo(200);
  }

  private void change(Visitor.SignedIn admin, Map<String, ?> change) {
    var answer =
        visitor.send(
            "PATCH",
            "/auth/users/" + ada.id(),
            BodyPublishers.ofString(Json.text(change)),
            "Content-Type",
            "application/json",
            "Authorization",
            "Bearer " + admin.token());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }

  @Test
  void anExpiredKeyIsRefused() {
    var key = key();
    sql("UPDATE account.api_key SET expires_at = now() WHERE id = '" + key.id() + "'");
    ProblemShape.of(visitor.get("/auth/me", key.header()), 401, "unauthenticated");
    assertThat(listed()).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "sp_", "sp_x", "x", "sp_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})
  void whatIsNoKeyIsRefused(String text) {
    ProblemShape.of(visitor.get("/auth/me", "X-API-Key", text), 401, "unauthenticated");
  }

  @Test
  void twoCredentialsAreOneTooMany() {
    var key = key().text();
    var bearer = "Bearer " + ada.token();
    ProblemShape.of(
        visitor.get("/auth/me", "X-API-Key", key, "Authorization", bearer), 401, "unauthenticated");
    ProblemShape.of(
        visitor.get("/auth/me", "X-API-Key", key, "X-API-Key", key), 401, "unauthenticated");
    // A browser attaches it unasked: it is not looked at, good or bad.
    assertThat(visitor.me("X-API-Key", key, "Cookie", "sallyport_session=x")).isEqualTo(200);
    ProblemShape.of(
        visitor.get("/auth/me", "X-API-Key", "sp_x", "Cookie", ada.cookie()),
        401,
        "unauthenticated");
  }

  @Test
  void theLastUseIsWrittenDownSoon() {
    var key = key();
    assertThat(listed())
        .singleElement()
        .satisfies(
            item -> assertThat(item.keySet()).map(String::valueOf).doesNotContain("lastUsedAt"));
    visitor.me(key.header());
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> listed().getFirst().get("lastUsedAt") != null);
  }

  @Test
  void anAccountHasAHundredAtTheMostAndSeesThemPageByPage() {
    for (int i = 0; i < 100; i++) {
      key();
    }
    ProblemShape.of(visitor.post(KEYS, Map.of("name", "x"), ada.byToken()), 409, "conflict");
    var seen = new ArrayList<Object>();
    var cursor = "";
    int pages = 0;
    while (cursor != null) {
      var page = visitor.get(KEYS + "?limit=40" + cursor, ada.byToken());
      items(page).forEach(item -> seen.add(item.get("id")));
      var next = Json.object(page.body()).get("next");
      cursor = next == null ? null : "&cursor=" + next;
      pages++;
    }
    assertThat(pages).isEqualTo(3);
    assertThat(seen).hasSize(100).doesNotHaveDuplicates();
    assertThat(delete(new Key(String.valueOf(seen.getFirst()), ""), ada.byToken()).statusCode())
        .isEqualTo(204);
    key();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "{\"name\":\"\"}",
        "{\"name\":\"x\",\"scopes\":[]}",
        "{\"name\":\"x\",\"scopes\":[null]}",
        "{\"name\":\"x\",\"scopes\":[\"admin\"]}",
        "{\"name\":\"x\",\"scopes\":\"read\"}",
        "{\"name\":\"x\",\"scopes\":[5]}",
        "{\"name\":\"x\",\"expiresAt\":\"tomorrow\"}",
        "{\"name\":\"x\",\"expiresAt\":\"2020-01-01T00:00:00Z\"}",
        "{\"name\":\"x\",\"expiresAt\":\"+1000000-01-01T00:00:00Z\"}",
        "{\"name\":\"x\",\"key\":\"sp_mine\"}"
      })
  void whatIsNoOrderForAKeyIsInvalid(String body) {
    ProblemShape.of(visitor.post(KEYS, body, ada.byToken()), 422, "invalid");
  }

  @Test
  void aPageThatIsNoneIsInvalid() {
    for (var query : List.of("limit=0", "limit=201", "limit=x", "cursor=x", "cursor=AAAA")) {
      ProblemShape.of(visitor.get(KEYS + "?" + query, ada.byToken()), 422, "invalid");
    }
  }

  @Test
  void aTicketHasTheScopesOfItsKeyAndEndsWithIt() {
    var writes = key("write:/api/internal/socket");
    assertThat(open(ticket(writes)).readHead()).startsWith("HTTP/1.1 101 ");
    var reads = key("read");
    assertThat(open(ticket(reads)).readHead()).startsWith("HTTP/1.1 403 ");
    var late = ticket(writes);
    try (var socket = open(ticket(writes))) {
      assertThat(socket.readHead()).startsWith("HTTP/1.1 101 ");
      assertThat(delete(writes, ada.byToken()).statusCode()).isEqualTo(204);
      socket.readToEnd();
    }
    assertThat(open(late).readHead()).startsWith("HTTP/1.1 401 ");
  }

  private String ticket(Key key) {
    var made = visitor.post("/auth/tickets", "", key.header());
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    return String.valueOf(Json.object(made.body()).get("ticket"));
  }

  private RawClient open(String ticket) {
    var client = new RawClient(visitor.port());
    client.send(
        "GET /api/internal/socket?ticket="
            + ticket
            + " HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    return client;
  }

  private void sql(String statement) {
    pool.query(statement).execute().toCompletionStage().toCompletableFuture().join();
  }
}
