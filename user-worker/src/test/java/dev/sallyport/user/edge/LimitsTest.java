package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;

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
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.Request;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who pays for which request, through the whole edge and a real Redis. */
@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
@WithTestResource(value = FakeService.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
@WithTestResource(value = LimitedWorker.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class LimitsTest {
  private static final String PING = FakeService.BASE + "ping";
  private static final Duration BOUND = Duration.ofSeconds(20);
  private static final Pattern STANDING = Pattern.compile("\"([^\"]+)\";r=(\\d+);t=(\\d+)");
  private static final AtomicInteger ADDRESSES = new AtomicInteger();

  @TestHTTPResource("/")
  URI base;

  @Inject Redis redis;

  private Visitor visitor;

  @BeforeEach
  void arrive() {
    visitor = new Visitor(base);
    // A worker that has only begun may not have its connection yet.
    Awaitility.await().atMost(BOUND).until(() -> ask("/closed", address()).statusCode() == 200);
  }

  /** One that has asked for nothing yet. */
  private static String address() {
    int next = ADDRESSES.incrementAndGet();
    return "198.51." + next / 250 + "." + (next % 250 + 1);
  }

  private HttpResponse<String> ask(String target, String address, String... headers) {
    return send("GET", target, address, headers);
  }

  private HttpResponse<String> send(
      String method, String target, String address, String... headers) {
    return visitor.send(method, target, BodyPublishers.noBody(), from(address, headers));
  }

  private static String[] from(String address, String... headers) {
    var all = new String[headers.length + 2];
    all[0] = "X-Forwarded-For";
    all[1] = address;
    System.arraycopy(headers, 0, all, 2, headers.length);
    return all;
  }

  /** From an address of its own, with a token that no request has shown yet. */
  private Visitor.SignedIn signUp() {
    var address = address();
    var email = Visitor.freshEmail();
    var body = Map.of("email", email, "password", "a long sentence");
    var made = visitor.post("/auth/register", body, from(address));
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    return signIn(email);
  }

  private Visitor.SignedIn signIn(String email) {
    var password = "a long sentence";
    var answer =
        visitor.post("/auth/login", Map.of("email", email, "password", password), from(address()));
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    var body = Json.object(answer.body());
    return new Visitor.SignedIn(
        "",
        email,
        password,
        String.valueOf(body.get("accessToken")),
        String.valueOf(body.get("refreshToken")),
        answer.headers().firstValue("Set-Cookie").orElseThrow().split(";", 2)[0]);
  }

  private void useUp(String address) {
    for (int i = 0; i < LimitedWorker.ADDRESS; i++) {
      assertThat(ask("/health", address).statusCode()).isEqualTo(200);
    }
    tooMany(ask("/health", address), "address");
  }

  private static long remaining(HttpResponse<String> answer, String policy) {
    var values = answer.headers().allValues("RateLimit");
    assertThat(values).hasSize(1);
    var standing = STANDING.matcher(values.getFirst());
    assertThat(standing.matches()).as(values.getFirst()).isTrue();
    assertThat(standing.group(1)).isEqualTo(policy);
    return Long.parseLong(standing.group(2));
  }

  private static void tooMany(HttpResponse<String> answer, String policy) {
    var problem = ProblemShape.of(answer, 429, "too-many-requests");
    assertThat(problem).containsEntry("retryable", true);
    assertThat((Integer) problem.get("retryAfter")).isBetween(1, 60);
    assertThat(remaining(answer, policy)).isZero();
  }

  @Test
  void whoAsksTooMuchWithoutACredentialIsToldWhenToComeBack() {
    var address = address();
    for (int i = 1; i <= LimitedWorker.ADDRESS; i++) {
      var answer = ask("/health", address);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(remaining(answer, "address")).isEqualTo(LimitedWorker.ADDRESS - i);
      assertThat(answer.headers().allValues("RateLimit-Policy"))
          .containsExactly("\"address\";q=20;w=60");
    }
    var refused = ask("/health", address);
    tooMany(refused, "address");
    // A twentieth of a minute.
    assertThat(refused.headers().firstValueAsLong("Retry-After").orElseThrow()).isBetween(1L, 3L);
    assertThat(ask("/health", address()).statusCode()).isEqualTo(200);
  }

  @Test
  void anIpV6AddressPaysForItsNetwork() {
    var network = "2001:db8:" + Integer.toHexString(ADDRESSES.incrementAndGet()) + ":1:";
    assertThat(remaining(ask("/health", network + ":1"), "address")).isEqualTo(19);
    assertThat(remaining(ask("/health", network + "a:b:c:d"), "address")).isEqualTo(18);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, /nowhere, 404",
    "GET, /auth/login, 405",
    "OPTIONS, /auth/login, 204",
    "GET, /auth/me, 401",
    "GET, /.well-known/jwks.json, 200",
    "GET, /plain, 200",
    "GET, /a/../b, 400"
  })
  void whateverEntersIsChargedOnce(String method, String target, int status) {
    var address = address();
    try (var client = new RawClient(visitor.port())) {
      client.send(
          method
              + " "
              + target
              + " HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: "
              + address
              + "\r\n\r\n");
      var head = client.readHead();
      assertThat(head).startsWith("HTTP/1.1 " + status + " ").contains("\"address\";r=19;");
    }
    assertThat(remaining(ask("/health", address), "address")).isEqualTo(18);
  }

  @Test
  void aBrowsersQuestionIsChargedToo() {
    var asked =
        send(
            "OPTIONS",
            "/auth/login",
            address(),
            "Origin",
            "https://app.example",
            "Access-Control-Request-Method",
            "POST");
    assertThat(asked.statusCode()).isEqualTo(204);
    assertThat(asked.headers().firstValue("Access-Control-Allow-Methods")).isPresent();
    assertThat(remaining(asked, "address")).isEqualTo(19);
  }

  @Test
  void aGoodCredentialPaysForItselfAndNotForItsAddress() {
    var ada = signUp();
    var address = address();
    for (int i = 1; i <= 3; i++) {
      var answer = ask(PING, address, ada.byToken());
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(remaining(answer, "principal")).isEqualTo(LimitedWorker.PRINCIPAL - i);
    }
    // Another credential of the same user.
    assertThat(remaining(ask(PING, address, ada.byCookie()), "principal")).isEqualTo(26);
    assertThat(remaining(ask("/health", address), "address")).isEqualTo(19);
    for (int i = 0; i < 26; i++) {
      assertThat(ask(PING, address(), ada.byToken()).statusCode()).isEqualTo(200);
    }
    tooMany(ask(PING, address(), ada.byToken()), "principal");
    assertThat(ask(PING, address).statusCode()).isEqualTo(401);
  }

  @Test
  void anApiKeyPaysForItselfAndNotForItsUser() {
    var ada = signUp();
    var made =
        visitor.post(
            "/auth/api-keys",
            Map.of("name", "robot"),
            from(address(), "Authorization", "Bearer " + ada.token()));
    assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
    var key = String.valueOf(Json.object(made.body()).get("key"));
    assertThat(remaining(ask(PING, address(), "X-API-Key", key), "principal")).isEqualTo(29);
    assertThat(remaining(ask(PING, address(), ada.byToken()), "principal")).isEqualTo(28);
  }

  @Test
  void whatIsForbiddenIsChargedAndSaidFirst() {
    var ada = signUp();
    var answer = ask("/auth/users", address(), ada.byToken());
    ProblemShape.of(answer, 403, "forbidden");
    assertThat(remaining(answer, "principal")).isEqualTo(29);
  }

  @Test
  void aBadCredentialIsChargedToItsAddress() {
    var address = address();
    String[][] bad = {
      {"Authorization", "Bearer a.b.c"},
      {"Authorization", "Bearer x"},
      {"Authorization", "Basic x"},
      {"X-API-Key", "sp_x"},
      {"Cookie", "sallyport_session=x"}
    };
    int left = LimitedWorker.ADDRESS;
    for (var headers : bad) {
      var answer = ask(PING, address, headers);
      ProblemShape.of(answer, 401, "unauthenticated");
      assertThat(remaining(answer, "address")).isEqualTo(--left);
    }
    while (left-- > 0) {
      assertThat(ask(PING, address, "Authorization", "Bearer a.b.c").statusCode()).isEqualTo(401);
    }
    tooMany(ask(PING, address, "Authorization", "Bearer a.b.c"), "address");
  }

  @Test
  void anAddressOutOfBudgetHasNothingVerified() {
    var ada = signUp();
    var address = address();
    useUp(address);
    tooMany(ask(PING, address, ada.byToken()), "address");
    tooMany(ask(PING, address, ada.byCookie()), "address");
    // Elsewhere it is verified, and from then on remembered.
    assertThat(ask(PING, address(), ada.byToken()).statusCode()).isEqualTo(200);
    assertThat(ask(PING, address, ada.byToken()).statusCode()).isEqualTo(200);
  }

  /** A ticket works once: one that still does has not been looked at. */
  @Test
  void anAddressOutOfBudgetUsesNoTicketUp() {
    var ada = signUp();
    var made = visitor.post("/auth/tickets", "", from(address(), ada.byToken()));
    assertThat(made.statusCode()).isEqualTo(201);
    var ticket = String.valueOf(Json.object(made.body()).get("ticket"));
    var address = address();
    useUp(address);
    assertThat(upgrade(ticket, address)).startsWith("HTTP/1.1 429 ");
    var elsewhere = address();
    assertThat(upgrade(ticket, elsewhere)).startsWith("HTTP/1.1 403 "); // as that service says
    assertThat(upgrade(ticket, elsewhere)).startsWith("HTTP/1.1 401 ");
  }

  private String upgrade(String ticket, String address) {
    try (var client = new RawClient(visitor.port())) {
      client.send(
          "GET "
              + FakeService.BASE
              + "seen-upgrade?ticket="
              + ticket
              + " HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
              + "X-Forwarded-For: "
              + address
              + "\r\n\r\n");
      return client.readHead();
    }
  }

  @Test
  void aRouteWithNumbersOfItsOwnHasBudgetsOfItsOwn() {
    var address = address();
    var first = ask("/few/a", address);
    assertThat(first.statusCode()).isEqualTo(200);
    assertThat(first.headers().allValues("RateLimit-Policy"))
        .containsExactly("\"address /few\";q=2;w=60");
    assertThat(remaining(ask("/few/b", address), "address /few")).isZero();
    tooMany(ask("/few", address), "address /few");
    assertThat(remaining(ask("/plain", address), "address")).isEqualTo(19);

    var ada = signUp();
    assertThat(remaining(ask("/mine", address, ada.byToken()), "principal /mine")).isOne();
    assertThat(ask("/mine", address, ada.byToken()).statusCode()).isEqualTo(200);
    tooMany(ask("/mine", address, ada.byToken()), "principal /mine");
    assertThat(remaining(ask(PING, address, ada.byToken()), "principal")).isEqualTo(29);
    var bad = ask("/mine", address, "Authorization", "Bearer a.b.c");
    assertThat(remaining(bad, "address /mine")).isEqualTo(2);
  }

  private void command(String... arguments) throws Exception {
    var request = Request.cmd(Command.CLIENT);
    for (var argument : arguments) {
      request.arg(argument);
    }
    redis
        .send(request)
        .toCompletionStage()
        .toCompletableFuture()
        .get(BOUND.toSeconds(), TimeUnit.SECONDS);
  }

  @Test
  void whileRedisDoesNotAnswerEachRouteDoesAsItSays() throws Exception {
    command("PAUSE", "60000", "WRITE");
    try {
      var address = address();
      var closed = ask("/closed", address);
      assertThat(ProblemShape.of(closed, 503, "store-down")).containsEntry("retryAfter", 1);
      for (int i = 1; i <= LimitedWorker.ADDRESS; i++) {
        assertThat(ask("/plain", address).statusCode()).isEqualTo(200);
        var open = ask("/open", address);
        assertThat(open.statusCode()).isEqualTo(200);
        assertThat(open.headers().allValues("RateLimit-Policy")).isEmpty();
      }
      tooMany(ask("/plain", address), "address");
      assertThat(ask("/open", address).statusCode()).isEqualTo(200);
    } finally {
      command("UNPAUSE");
    }
    Awaitility.await().atMost(BOUND).until(() -> ask("/closed", address()).statusCode() == 200);
  }
}
