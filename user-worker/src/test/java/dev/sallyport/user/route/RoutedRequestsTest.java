package dev.sallyport.user.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.local.StackResource;
import dev.sallyport.model.CallSigner;
import dev.sallyport.model.SignatureCheck;
import dev.sallyport.model.SignedCall;
import dev.sallyport.model.SigningKeys;
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
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that {@code routes.json} sends to two bindings, through the whole edge. */
@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
@WithTestResource(value = TwoServices.class, scope = TestResourceScope.MATCHING_RESOURCES)
class RoutedRequestsTest {
  private static final String ROUTES =
      """
      {"version": %d, "routes": [
        {"path": "/open", "binding": "shop", "requirement": "anonymous"},
        {"path": "/open/mine", "binding": "shop", "requirement": "authenticated"},
        {"path": "/boss", "binding": "shop", "requirement": "admin"},
        {"domain": "site.example", "binding": "site", "requirement": "anonymous"},
        {"domain": "*.site.example", "binding": "shop", "requirement": "authenticated"}
      ]}
      """;

  private static final AtomicInteger VERSIONS = new AtomicInteger();

  @TestHTTPResource("/")
  URI base;

  /** For other tests there is none. */
  @ConfigProperty(name = TwoServices.FILE)
  Optional<Path> file;

  @ConfigProperty(name = "sallyport.signing.keys")
  String keys;

  @Inject Routes routes;

  private Visitor visitor;

  @BeforeEach
  void arrive() throws Exception {
    visitor = new Visitor(base);
    write(ROUTES);
  }

  /** As a later version than all before, which other tests may have told of. */
  private void write(String text) throws Exception {
    var version = Integer.toString(VERSIONS.incrementAndGet());
    Files.writeString(file.orElseThrow(), text.replace("%d", version));
    routes.refresh().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private RawClient.Answer ask(String method, String target, String host, String... headers) {
    try (var client = new RawClient(visitor.port())) {
      client.send(
          method
              + " "
              + target
              + " HTTP/1.1\r\nHost: "
              + host
              + "\r\n"
              + String.join("", headers)
              + "\r\n");
      return client.readAnswer();
    }
  }

  @SuppressWarnings("unchecked") // the service says it so
  private static Map<String, String> headers(Map<String, Object> seen) {
    return (Map<String, String>) Objects.requireNonNull(seen.get("headers"));
  }

  @ParameterizedTest
  @CsvSource({
    "/open, localhost, shop, /open",
    "/open/a?b=c, site.example, shop, /open/a?b=c",
    "/, site.example, site, /pages/",
    "/x/y?z, SITE.example.:80, site, /pages/x/y?z",
    "/%6fpen/a, localhost, shop, /%6fpen/a"
  })
  void aRequestGoesWhereItsRouteSays(String target, String host, String service, String at) {
    var answer = ask("GET", target, host);
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(Json.object(answer.body()))
        .containsEntry("service", service)
        .containsEntry("target", at);
    assertThat(answer.count("X-Request-Id")).isOne();
    assertThat(answer.count("X-Service-Binding-Time")).isOne();
  }

  @Test
  void anAnonymousRouteNamesNobodyAndIsSignedForItsBinding() {
    var ada = visitor.signUp();
    var answer =
        visitor.get(
            "/open/a",
            "Authorization",
            "Bearer " + ada.token(),
            "X-User-Id",
            "mallory",
            "X-User-Roles",
            "admin",
            "Accept-Language",
            "de");
    var seen = Json.object(answer.body());
    var headers = headers(seen);
    assertThat(headers)
        .doesNotContainKeys("x-user-id", "x-user-roles", "authorization", "cookie", "origin")
        .containsEntry("accept-language", "de")
        .containsEntry("x-internal-request", "true");
    assertThat(check("shop", seen)).isInstanceOf(SignatureCheck.Valid.class);
    assertThat(check("site", seen)).isInstanceOf(SignatureCheck.Wrong.class);
    assertThat(visitor.get("/open", "Authorization", "Bearer x").statusCode()).isEqualTo(200);
  }

  private SignatureCheck check(String binding, Map<String, Object> seen) {
    var headers = headers(seen);
    var call =
        new SignedCall(
            binding,
            String.valueOf(seen.get("method")),
            String.valueOf(seen.get("target")),
            headers.get("x-user-id"),
            headers.get("x-user-roles"),
            headers.get("x-request-id"),
            headers.get("x-client-address"),
            headers.get("x-internal-request"),
            headers.get("x-deadline"),
            headers.get("content-type"),
            headers.get("idempotency-key"));
    return new CallSigner(SigningKeys.parse(keys), InstantSource.system())
        .check(call, headers.get("x-sallyport-signature"));
  }

  @Test
  void aRouteForTheSignedInSaysWhoTheyAre() {
    ProblemShape.of(visitor.get("/open/mine"), 401, "unauthenticated");
    var ada = visitor.signUp();
    var seen = Json.object(visitor.get("/open/mine", ada.byToken()).body());
    assertThat(headers(seen)).containsEntry("x-user-id", ada.id());
    assertThat(check("shop", seen)).isInstanceOf(SignatureCheck.Valid.class);
    assertThat(ask("GET", "/", "a.site.example").status()).isEqualTo(401);
  }

  @Test
  void aRouteForAdministratorsIsForThemAlone() {
    ProblemShape.of(visitor.get("/boss"), 401, "unauthenticated");
    ProblemShape.of(visitor.get("/boss", visitor.signUp().byToken()), 403, "forbidden");
    var root = visitor.signIn("root@example.org", "root has a password");
    assertThat(visitor.get("/boss", root.byToken()).statusCode()).isEqualTo(200);
  }

  @Test
  void aForeignPageChangesNothingThroughARoute() {
    ProblemShape.of(
        visitor.post("/open", "{}", "Origin", "https://evil.example"), 403, "origin-refused");
    assertThat(visitor.post("/open", "{}", "Origin", visitor.origin()).statusCode()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/api/x",
        "/auth/x",
        "/app",
        "/demo",
        "/l/x",
        "/q/health",
        "/openapi",
        "/health/x",
        "/.well-known/x",
        "/%61pi/internal/ping",
        "/.well%2Dknown/x"
      })
  void aDomainNeverGetsThisWorkersPaths(String path) {
    ProblemShape.of(ask("GET", path, "site.example").body(), 404, "not-found");
  }

  @Test
  void thisWorkersOwnPathsAreThereOnEveryHost() {
    var health = ask("GET", "/health", "site.example");
    assertThat(Json.object(health.body())).containsEntry("worker", "user-worker");
  }

  @Test
  void anUpgradeWhereNobodyIsKnownIsAnOrdinaryRequest() {
    var answer =
        ask("GET", "/open", "localhost", "Connection: Upgrade\r\n", "Upgrade: websocket\r\n");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(headers(Json.object(answer.body()))).doesNotContainKeys("upgrade");
  }

  @Test
  void aChangedFileIsServedAndABrokenOneIsNot() throws Exception {
    assertThat(visitor.get("/new").statusCode()).isEqualTo(404);
    write(ROUTES.replace("/boss", "/new"));
    assertThat(visitor.get("/new").statusCode()).isEqualTo(401);
    assertThat(visitor.get("/boss").statusCode()).isEqualTo(404);
    write(ROUTES.replace("shop", "nobody"));
    assertThat(visitor.get("/new").statusCode()).isEqualTo(401);
  }

  @Test
  void aHostThatIsNoneIsRefused() {
    for (var path : List.of("/", "/open", "/health")) {
      ProblemShape.of(ask("GET", path, "a b").body(), 400, "bad-request");
    }
  }
}
