package dev.sallyport.data.binding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.Json;
import dev.sallyport.data.RawConnection;
import dev.sallyport.data.UserWorker;
import dev.sallyport.model.Problem;
import dev.sallyport.model.WorkerHeaders;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class GateTest {
  private static final String PING = "/api/internal/ping";
  private static final String OLD_KEY = "old:b2xkLWtleS1mb3ItdGVzdHMtMDEyMzQ1Njc4OWFiY2RlZg";
  private static final String STRANGERS_KEY = "new:c3RyYW5nZXJzLWtleS1mb3ItdGVzdHMtMDEyMzQ1Njc4OQ";

  @TestHTTPResource("/")
  URI base;

  @Inject MeterRegistry metrics;

  @TestHTTPResource(value = "/health/ready", management = true)
  URI readiness;

  private UserWorker worker;

  @BeforeEach
  void call() {
    worker = UserWorker.calling(base);
  }

  @Test
  void aSignedCallComesIn() {
    assertThat(worker.get(PING).statusCode()).isEqualTo(200);
  }

  @Test
  void eitherKeyIsBelievedDuringRotation() {
    assertThat(worker.withKey(OLD_KEY).get(PING).statusCode()).isEqualTo(200);
  }

  @Test
  void aCallWithoutASignatureIsRefusedAndCounted() {
    double before = refused("missing");
    var answer = worker.send(worker.request("GET", PING, null, null).header("X-User-Id", "ada"));
    assertRefused(answer, "bad-signature");
    assertThat(refused("missing")).isEqualTo(before + 1);
  }

  @Test
  void aStrangersKeyIsRefusedThoughItHasTheNameOfOurs() {
    double before = refused("wrong");
    assertRefused(worker.withKey(STRANGERS_KEY).get(PING), "bad-signature");
    assertThat(refused("wrong")).isEqualTo(before + 1);
  }

  @Test
  void whatWasSignedForOnePathMethodOrUserOpensNoOther() {
    var headers = worker.headers("GET", PING, null);
    assertRefused(worker.send(with(worker.request("GET", PING + "?a", null, null), headers)));
    assertRefused(worker.send(with(worker.request("POST", PING, null, null), headers)));
    headers.put(WorkerHeaders.USER_ID, "eve");
    assertRefused(worker.send(with(worker.request("GET", PING, null, null), headers)));
  }

  @Test
  void aSecondUserIdIsRefusedWhicheverOfThemIsSigned() {
    double before = refused("ambiguous");
    var request = with(worker.request("GET", PING, null, null), worker.headers("GET", PING, null));
    assertRefused(worker.send(request.header("x-user-id", "eve")));
    assertThat(refused("ambiguous")).isEqualTo(before + 1);
  }

  @Test
  void aClockThatIsOffIsSaidToBeOffCountedAndShownByReadiness() {
    double before = refused("clock-skew");
    var answer = worker.withClockAhead(Duration.ofMinutes(5)).get(PING);
    assertRefused(answer, "clock-skew");
    assertThat(refused("clock-skew")).isEqualTo(before + 1);
    assertThat(worker.send(HttpRequest.newBuilder(readiness)).body())
        .contains("refusedCallBehindSeconds\": -");
  }

  @Test
  void nothingOutsideTheInternalPathsIsServedSignedOrNot() {
    for (var target :
        List.of("/", "/q/health", "/q/metrics", "/api/internal", "/api/queues/x/messages")) {
      var answer = worker.get(target);
      assertThat(answer.statusCode()).as(target).isEqualTo(404);
      assertThat(problem(answer)).containsEntry("type", "urn:sallyport:problem:not-found");
    }
  }

  @Test
  void aPathThatClimbsOutOfTheInternalOnesIsNotServed() {
    for (var target : List.of("/api/internal/../../q/health", "/api/internal/%2e%2e/x")) {
      try (var raw = RawConnection.to(worker.port())) {
        raw.head("GET " + target, worker.headers("GET", target, null));
        assertThat(raw.readUntil("\r\n")).as(target).startsWith("HTTP/1.1 404 ");
      }
    }
  }

  @Test
  void aRefusedBodyIsNotAwaitedAndTheConnectionEnds() {
    try (var raw = RawConnection.to(worker.port())) {
      raw.head("POST /api/internal/echo", Map.of("Content-Length", "1000"));
      assertThat(raw.readToEnd()).startsWith("HTTP/1.1 401 ").contains("bad-signature");
    }
  }

  @Test
  void anUpgradeIsRefusedBeforeItIsOne() {
    try (var raw = RawConnection.to(worker.port())) {
      raw.head(
          "GET /api/internal/echo/socket",
          Map.of(
              "Connection", "Upgrade",
              "Upgrade", "websocket",
              "Sec-WebSocket-Version", "13",
              "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="));
      assertThat(raw.readUntil("\r\n")).startsWith("HTTP/1.1 401 ");
    }
  }

  private double refused(String reason) {
    return metrics.get("sallyport.binding.refused.calls").tag("reason", reason).counter().count();
  }

  private static HttpRequest.Builder with(
      HttpRequest.Builder request, Map<String, String> headers) {
    headers.forEach(request::header);
    return request;
  }

  private static void assertRefused(HttpResponse<String> answer) {
    assertRefused(answer, "bad-signature");
  }

  private static void assertRefused(HttpResponse<String> answer, String slug) {
    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(problem(answer))
        .containsEntry("type", "urn:sallyport:problem:" + slug)
        .containsEntry("status", 401)
        .containsEntry("retryable", false)
        .containsKeys("title", "detail", "requestId");
  }

  static Map<String, Object> problem(HttpResponse<String> answer) {
    assertThat(answer.headers().firstValue("Content-Type")).contains(Problem.MEDIA_TYPE);
    return Json.object(answer.body());
  }
}
