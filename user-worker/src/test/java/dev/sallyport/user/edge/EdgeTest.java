package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.local.StackResource;
import dev.sallyport.user.Json;
import dev.sallyport.user.ProblemShape;
import dev.sallyport.user.RawClient;
import dev.sallyport.user.Visitor;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
class EdgeTest {
  private static final String LOGIN = "/auth/login";

  @TestHTTPResource("/")
  URI base;

  private Visitor visitor;

  @BeforeEach
  void arrive() {
    visitor = new Visitor(base);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/nowhere",
        "/q",
        "/q/health",
        "/q/health/ready",
        "/q/metrics",
        "/q/openapi",
        "/openapi",
        "/auth/users/",
        "/api/internalx/ping",
        "/health/"
      })
  void aPathThatIsNotThereIsNotFound(String path) {
    ProblemShape.of(visitor.get(path), 404, "not-found");
  }

  @Test
  void aMethodThatAPathDoesNotTakeIsNotAllowed() {
    ProblemShape.of(visitor.get(LOGIN), 405, "method-not-allowed");
    ProblemShape.of(
        visitor.send("DELETE", "/health", BodyPublishers.noBody()), 405, "method-not-allowed");
    ProblemShape.of(
        visitor.send("PATCH", "/auth/register", BodyPublishers.ofString("{}")),
        405,
        "method-not-allowed");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "GET | /auth/login | POST, OPTIONS",
        "DELETE | /health | GET, HEAD, OPTIONS",
        "POST | /auth/me | GET, HEAD, OPTIONS",
        "PUT | /waitlist | POST, OPTIONS",
        "GET | /api/queues/any/messages | POST, OPTIONS",
        "PATCH | /demo/room | GET, HEAD, OPTIONS"
      })
  void whoUsesAnotherMethodIsToldWhichThereAre(String method, String path, String allow) {
    var refused = visitor.send(method, path, BodyPublishers.noBody());
    ProblemShape.of(refused, 405, "method-not-allowed");
    assertThat(refused.headers().allValues("Allow")).containsExactly(allow);
    var told = visitor.send("OPTIONS", path, BodyPublishers.noBody());
    assertThat(told.statusCode()).isEqualTo(204);
    assertThat(told.body()).isEmpty();
    assertThat(told.headers().allValues("Allow")).containsExactly(allow);
    assertThat(told.headers().firstValue("Access-Control-Allow-Origin")).isEmpty();
  }

  @Test
  void headIsThereWhereGetIs() {
    for (var path : List.of("/health", "/.well-known/jwks.json", "/demo/room")) {
      var head = visitor.send("HEAD", path, BodyPublishers.noBody());
      assertThat(head.statusCode()).as(path).isEqualTo(200);
      assertThat(head.body()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "{]", "{\"email\":}", "not JSON", "{} {}", "{\"email\":\"\\ud8\"}"})
  void aBodyThatIsNotJsonIsBad(String body) {
    ProblemShape.of(visitor.post(LOGIN, body), 400, "bad-json");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "5",
        "\"text\"",
        "{\"email\":5,\"password\":\"x\"}",
        "{\"email\":true,\"password\":\"x\"}",
        "{\"email\":[\"a@b\"],\"password\":\"x\"}",
        "{\"email\":{},\"password\":\"x\"}",
        "{\"email\":\"a@b\",\"password\":\"x\",\"more\":1}",
        "{\"email\":\"a@b\"}",
        "{\"password\":\"x\"}",
        "{\"email\":null,\"password\":null}",
        "{\"email\":\"a\\u0000@b\",\"password\":\"x\"}",
        "{}"
      })
  void aBodyThatDoesNotFitIsInvalidAndSaysWhere(String body) {
    var problem = ProblemShape.of(visitor.post(LOGIN, body), 422, "invalid");
    assertThat((List<?>) problem.get("errors"))
        .isNotEmpty()
        .allSatisfy(error ->
            assertThat(((Map<?, ?>) error).keySet())
                .map(String::valueOf)
                .containsExactlyInAnyOrder("field", "message"));
  }

  @Test
  void halfASurrogatePairIsNoName() {
    var body =
        "{\"email\":\""
            + Visitor.freshEmail()
            + "\",\"password\":\"long enough\",\"displayName\":\"\\ud800\"}";
    ProblemShape.of(visitor.post("/auth/register", body), 422, "invalid");
  }

  @Test
  void onlyJsonIsUnderstood() {
    for (var type : List.of("text/plain", "application/xml", "application/x-www-form-urlencoded")) {
      ProblemShape.of(
          visitor.send("POST", LOGIN, BodyPublishers.ofString("{}"), "Content-Type", type),
          415,
          "unsupported-media-type");
    }
  }

  @Test
  void onlyJsonIsGiven() {
    ProblemShape.of(visitor.get("/health", "Accept", "text/html"), 406, "not-acceptable");
  }

  @Test
  void aBodyOfMoreThanAMebibyteIsTooLarge() {
    var body = "{\"email\":\"" + "a".repeat(1024 * 1024) + "\"}";
    ProblemShape.of(visitor.post(LOGIN, body), 413, "too-large");
    ProblemShape.of(visitor.post("/auth/register", body), 413, "too-large");
  }

  @Test
  void aBodyOfMoreThanAMebibyteIsTooLargeThoughItDoesNotSaySoBefore() {
    var chunk = "x".repeat(64 * 1024);
    try (var client = new RawClient(visitor.port())) {
      client.send(
          head("POST " + LOGIN)
              + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < 17; i++) {
        client.send("10000\r\n" + chunk + "\r\n");
      }
      var answer = client.readAnswer();
      assertThat(answer.status()).isEqualTo(413);
      ProblemShape.of(answer.body(), 413, "too-large");
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/internal/../auth/me",
        "/api/internal/%2e%2e/auth/me",
        "//api/internal/ping",
        "/api/internal//ping",
        "/api/internal/;x/ping",
        "/api/internal/%2fping",
        "/api/internal/%5cping",
        "/api/internal/%252e",
        "/api/internal/\u00e9",
        "http://localhost/api/internal/ping",
        "*",
        "x"
      })
  void aTargetThatCouldMeanTwoThingsIsBad(String target) {
    try (var client = new RawClient(visitor.port())) {
      client.send(head("GET " + target) + "\r\n");
      var answer = client.readAnswer();
      ProblemShape.of(answer.body(), 400, "bad-request");
      assertThat(answer.status()).isEqualTo(400);
      assertThat(answer.count("X-Request-Id")).isEqualTo(1);
    }
  }

  @Test
  void everyAnswerHasAnIdOfItsOwnThatNoClientChooses() {
    var one = visitor.get("/health", "X-Request-Id", "mine");
    var other = visitor.get("/health", "X-Request-Id", "mine");
    assertThat(one.headers().allValues("X-Request-Id")).hasSize(1).doesNotContain("mine");
    assertThat(one.headers().allValues("X-Request-Id"))
        .isNotEqualTo(other.headers().allValues("X-Request-Id"));
  }

  @Test
  void healthIsAlwaysAnswered() {
    var answer = visitor.get("/health");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(Json.object(answer.body()))
        .containsOnlyKeys("status", "worker", "version", "bindings")
        .containsEntry("worker", "user-worker");
  }

  @Test
  void aForeignPageCannotSignAnybodyInOrUp() {
    var body = Map.of("email", Visitor.freshEmail(), "password", "long enough");
    for (var path : List.of("/auth/register", LOGIN, "/auth/refresh")) {
      for (var origin : List.of("https://evil.example", "null", "")) {
        ProblemShape.of(visitor.post(path, body, "Origin", origin), 403, "origin-refused");
      }
    }
    assertThat(visitor.post("/auth/register", body, "Origin", "https://app.example").statusCode())
        .isEqualTo(201);
    assertThat(visitor.post(LOGIN, body, "Origin", visitor.origin()).statusCode()).isEqualTo(200);
  }

  @Test
  void aCookieChangesNothingWithoutAnOrigin() {
    var ada = visitor.signUp();
    ProblemShape.of(visitor.post("/auth/logout", "", ada.byCookie()), 403, "origin-refused");
    ProblemShape.of(
        visitor.post("/auth/logout", "", "Cookie", ada.cookie(), "Origin", "https://evil.example"),
        403,
        "origin-refused");
    assertThat(visitor.me("Cookie", ada.cookie(), "Origin", "https://evil.example")).isEqualTo(200);
    assertThat(visitor.me(ada.byToken())).isEqualTo(200);
  }

  @Test
  void theTokenDecidesWhereBothAreSent() {
    var ada = visitor.signUp();
    ProblemShape.of(
        visitor.get("/auth/me", "Authorization", "Bearer x", "Cookie", ada.cookie()),
        401,
        "unauthenticated");
  }

  @Test
  void aBadCredentialIsNoHindranceWhereNoneIsNeeded() {
    assertThat(visitor.get("/health", "Authorization", "Bearer x").statusCode()).isEqualTo(200);
    assertThat(visitor.get("/.well-known/jwks.json", "Cookie", "sallyport_session=x").statusCode())
        .isEqualTo(200);
  }

  private static String head(String methodAndTarget) {
    return methodAndTarget + " HTTP/1.1\r\nHost: a\r\n";
  }
}
