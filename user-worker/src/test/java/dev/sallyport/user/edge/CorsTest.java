package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.local.StackResource;
import dev.sallyport.user.ProblemShape;
import dev.sallyport.user.Visitor;
import dev.sallyport.user.Visitor.SignedIn;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
@WithTestResource(value = FakeService.class, scope = TestResourceScope.MATCHING_RESOURCES)
class CorsTest {
  private static final String APP = "https://app.example";

  @TestHTTPResource("/")
  URI base;

  private Visitor visitor;

  @BeforeEach
  void arrive() {
    visitor = new Visitor(base);
  }

  private HttpResponse<String> preflight(String path, String origin) {
    return visitor.send(
        "OPTIONS",
        path,
        BodyPublishers.noBody(),
        "Origin",
        origin,
        "Access-Control-Request-Method",
        "POST",
        "Access-Control-Request-Headers",
        "authorization,content-type");
  }

  private static List<String> listed(HttpHeaders headers, String name) {
    return headers.allValues(name).stream()
        .flatMap(value -> Arrays.stream(value.split(",", -1)))
        .map(value -> value.strip().toLowerCase(Locale.ROOT))
        .toList();
  }

  private static void isReadableByTheApp(HttpResponse<?> answer) {
    var headers = answer.headers();
    assertThat(headers.allValues("Access-Control-Allow-Origin")).containsExactly(APP);
    assertThat(headers.allValues("Access-Control-Allow-Credentials")).containsExactly("true");
    assertThat(listed(headers, "Vary")).contains("origin");
    assertThat(listed(headers, "Access-Control-Expose-Headers"))
        .contains(
            "x-request-id",
            "x-service-binding-time",
            "server-timing",
            "retry-after",
            "ratelimit",
            "ratelimit-policy",
            "location",
            "etag");
  }

  private static void isReadableByNobodyElse(HttpResponse<?> answer) {
    assertThat(answer.headers().map().keySet().stream())
        .noneMatch(name -> name.toLowerCase(Locale.ROOT).startsWith("access-control-"));
    assertThat(listed(answer.headers(), "Vary")).contains("origin");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/auth/login", "/api/internal/seen", "/api/queues/a/messages", "/none"})
  void aPageOfAnAllowedOriginIsToldWhatItMaySend(String path) {
    var answer = preflight(path, APP);
    var headers = answer.headers();
    assertThat(answer.statusCode()).isEqualTo(204);
    assertThat(headers.allValues("Access-Control-Allow-Origin")).containsExactly(APP);
    assertThat(headers.allValues("Access-Control-Allow-Credentials")).containsExactly("true");
    assertThat(listed(headers, "Access-Control-Allow-Methods"))
        .contains("get", "post", "put", "patch", "delete");
    assertThat(listed(headers, "Access-Control-Allow-Headers"))
        .contains("authorization", "x-api-key", "content-type", "idempotency-key", "if-none-match")
        .doesNotContain("*", "cookie", "x-user-id");
    assertThat(headers.firstValueAsLong("Access-Control-Max-Age").orElseThrow()).isPositive();
    assertThat(listed(headers, "Vary")).contains("origin", "access-control-request-method");
    assertThat(headers.allValues("X-Request-Id")).hasSize(1);
  }

  static Stream<String> foreignOrigins() {
    return Stream.of(
        "https://evil.example",
        "null",
        "http://app.example",
        "https://app.example:444",
        "https://app.example.evil.example",
        "HTTPS://APP.EXAMPLE");
  }

  @ParameterizedTest
  @MethodSource("foreignOrigins")
  void aPageOfAnyOtherOriginIsToldNothing(String origin) {
    isReadableByNobodyElse(preflight("/auth/login", origin));
    isReadableByNobodyElse(preflight("/api/internal/seen", origin));
    isReadableByNobodyElse(visitor.get("/health", "Origin", origin));
    isReadableByNobodyElse(visitor.get("/nowhere", "Origin", origin));
  }

  @Test
  void whoSendsNoOriginGetsNoPermissionButACacheIsWarned() {
    isReadableByNobodyElse(visitor.get("/health"));
    isReadableByNobodyElse(visitor.get("/nowhere"));
  }

  @Test
  void everyAnswerIsReadableErrorsOfTheEdgeIncluded() {
    var ada = visitor.signUp();
    isReadableByTheApp(visitor.get("/health", "Origin", APP));
    isReadableByTheApp(visitor.get("/.well-known/jwks.json", "Origin", APP));
    var missing = visitor.get("/nowhere", "Origin", APP);
    ProblemShape.of(missing, 404, "not-found");
    isReadableByTheApp(missing);
    var refused = visitor.get("/auth/login", "Origin", APP);
    ProblemShape.of(refused, 405, "method-not-allowed");
    isReadableByTheApp(refused);
    isReadableByTheApp(visitor.get("/api/internal/seen", "Origin", APP));
    isReadableByTheApp(visitor.get("/auth/me", and(ada, "Origin", APP)));
    isReadableByTheApp(visitor.get("/api/internal/seen", and(ada, "Origin", APP)));
    isReadableByTheApp(visitor.get("/api/internal/die-at-once", and(ada, "Origin", APP)));
    isReadableByTheApp(visitor.post("/auth/login", "{", "Origin", APP));
  }

  private static String[] and(SignedIn who, String... headers) {
    return Stream.concat(Arrays.stream(who.byToken()), Arrays.stream(headers))
        .toArray(String[]::new);
  }

  @Test
  void whatThePrivateSideSaysOfOriginsDoesNotCount() {
    var ada = visitor.signUp();
    isReadableByNobodyElse(visitor.get("/api/internal/cors", ada.byToken()));
    isReadableByNobodyElse(
        visitor.get("/api/internal/cors", and(ada, "Origin", "https://evil.example")));
    isReadableByTheApp(visitor.get("/api/internal/cors", and(ada, "Origin", APP)));
    assertThat(listed(visitor.get("/api/internal/cors", ada.byToken()).headers(), "Vary"))
        .containsExactlyInAnyOrder("accept", "origin");
  }

  @Test
  void thePrivateSideIsAskedItsOptionsByWhoIsSignedIn() {
    ProblemShape.of(
        visitor.send("OPTIONS", "/api/internal/seen", BodyPublishers.noBody()),
        401,
        "unauthenticated");
    var ada = visitor.signUp();
    var asked =
        visitor.send("OPTIONS", "/api/internal/seen", BodyPublishers.noBody(), ada.byToken());
    assertThat(asked.body()).contains("\"OPTIONS\"");
  }
}
