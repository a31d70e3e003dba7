package dev.sallyport.system;

import static dev.sallyport.system.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The data-worker, asked directly, believes nothing that the user-worker did not sign. */
@ExtendWith(SharedDeployment.class)
class PrivateWorkerTest {
  private static final String PING = "/api/internal/ping";

  private final Deployment deployment;
  private final Worker worker;
  private final String user = UUID.randomUUID().toString();

  PrivateWorkerTest(Deployment deployment) {
    this.deployment = deployment;
    this.worker = deployment.dataWorker();
  }

  private List<Headers.Field> signed() {
    return signedAt(InstantSource.system());
  }

  private List<Headers.Field> signedAt(InstantSource clock) {
    return new InnerCalls(deployment.signingKeys(), clock, user).headers("GET", PING, null);
  }

  private Answer get(String target, List<Headers.Field> headers) {
    return send("GET", target, headers);
  }

  private Answer send(String method, String target, List<Headers.Field> headers) {
    var flat = new ArrayList<String>();
    headers.forEach(field -> {
      flat.add(field.name());
      flat.add(field.value());
    });
    return worker.http().send(method, target, null, flat.toArray(String[]::new));
  }

  private static List<Headers.Field> with(List<Headers.Field> headers, String name, String value) {
    var changed = new ArrayList<>(headers);
    changed.removeIf(field -> field.name().equalsIgnoreCase(name));
    changed.add(new Headers.Field(name, value));
    return changed;
  }

  @Test
  void aSignedCallIsAnswered() {
    var answer = get(PING, signed());
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.json().required("userId").asText()).isEqualTo(user);
  }

  @ParameterizedTest
  @ValueSource(strings = {PING, "/api/internal/nothing", "/api/internal/echo/socket"})
  void withoutASignatureThereIsNothingToSee(String path) {
    assertProblem(get(path, List.of()), 401, "bad-signature");
    assertProblem(get(path, List.of(new Headers.Field("X-User-Id", user))), 401, "bad-signature");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "/q/health", "/q/metrics", "/api/internalx", "/auth/me"})
  void thereIsNothingBesideTheInternalPaths(String path) {
    assertThat(get(path, List.of()).status()).isIn(401, 404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "garbage",
        "",
        "v1",
        "v1;kid=k1;ts=1;mac=",
        "v2;kid=k1;ts=1;mac=AAAA",
        "v1;kid=;ts=;mac=",
        "v1;kid=k1;ts=99999999999999999999;mac=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      })
  void garbageIsNotASignature(String garbage) {
    var headers = with(signed(), "X-Sallyport-Signature", garbage);
    assertProblem(get(PING, headers), 401, "bad-signature");
  }

  @Test
  void aForeignKeyIsNotBelievedUnderAnyName() {
    var ourId = deployment.signingKeys().split(":", 2)[0];
    var secret = Base64.getUrlEncoder().withoutPadding().encodeToString(new byte[32]);
    for (var id : List.of(ourId, "another")) {
      var foreign = new InnerCalls(id + ":" + secret, InstantSource.system(), user);
      assertProblem(get(PING, foreign.headers("GET", PING, null)), 401, "bad-signature");
    }
  }

  @Test
  void everySignedFieldIsHeldToItsSignature() {
    var headers = signed();
    for (var change :
        List.of(
            new Headers.Field("X-User-Id", UUID.randomUUID().toString()),
            new Headers.Field("X-User-Roles", "admin,user"),
            new Headers.Field("X-Request-Id", "another"),
            new Headers.Field("X-Client-Address", "192.0.2.1"),
            new Headers.Field("X-Internal-Request", "false"),
            new Headers.Field("X-Deadline", "999999"),
            new Headers.Field("Content-Type", "text/plain"),
            new Headers.Field("Idempotency-Key", "k"))) {
      var answer = get(PING, with(headers, change.name(), change.value()));
      assertThat(answer.status()).as(change.name()).isEqualTo(401);
    }
    assertProblem(get(PING + "?more", headers), 401, "bad-signature");
    assertProblem(get("/api/internal/echo/bytes?size=1", headers), 401, "bad-signature");
    assertProblem(send("DELETE", PING, headers), 401, "bad-signature");
  }

  @Test
  void aHeaderThatIsThereTwiceIsNotBelieved() {
    var headers = new ArrayList<>(signed());
    headers.add(new Headers.Field("X-User-Id", UUID.randomUUID().toString()));
    var answer = get(PING, headers);
    assertThat(answer.status()).isIn(400, 401);
  }

  @Test
  void anotherTimeThanOursIsToldApartFromAForgery() {
    var now = InstantSource.system().instant();
    for (var off : List.of(Duration.ofSeconds(-95), Duration.ofSeconds(95))) {
      Instant then = now.plus(off);
      assertProblem(get(PING, signedAt(() -> then)), 401, "clock-skew");
    }
    for (var off : List.of(Duration.ofSeconds(-80), Duration.ofSeconds(80))) {
      Instant then = now.plus(off);
      assertThat(get(PING, signedAt(() -> then)).status()).isEqualTo(200);
    }
    var readiness = worker.management().get("/q/health/ready").json();
    assertThat(readiness.findValue("refusedCallBehindSeconds").asInt()).isBetween(-96, -90);
  }

  @Test
  void whatIsRefusedIsCounted() {
    double before = refusals();
    get(PING, List.of());
    get(PING, with(signed(), "X-User-Id", "eve"));
    assertThat(refusals()).isGreaterThanOrEqualTo(before + 2);
  }

  /** Over all reasons. */
  private double refusals() {
    return worker
        .management()
        .get("/q/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("sallyport_binding_refused_calls_total"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void anUpgradeWithoutASignatureIsNoUpgrade() {
    try (var socket = WsClient.open(worker.port(), "/api/internal/echo/socket")) {
      assertThat(socket.answer().status()).isEqualTo(401);
    }
  }
}
