package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
@WithTestResource(value = FakeService.class, scope = TestResourceScope.MATCHING_RESOURCES)
class ProxiedCallTest {
  @TestHTTPResource("/")
  URI base;

  private Visitor visitor;
  private Visitor.SignedIn ada;

  @BeforeEach
  void signIn() {
    visitor = new Visitor(base);
    ada = visitor.signUp();
  }

  @Test
  void theServiceSeesOurWordAndTheClientsContentAndNothingElse() {
    var seen =
        seen(
            visitor.send(
                "PUT",
                FakeService.BASE + "seen?a=%2e&b",
                BodyPublishers.ofString("{}"),
                "Authorization",
                "Bearer " + ada.token(),
                "Content-Type",
                "application/json",
                "Idempotency-Key",
                "k",
                "Accept",
                "a/b",
                "X-User-Id",
                "eve",
                "x_user_id",
                "eve",
                "X-USER-ROLES",
                "admin",
                "X-Internal-Request",
                "false",
                "X-Sallyport-Signature",
                "v1",
                "X-Deadline",
                "999999",
                "X-Request-Id",
                "mine",
                "X-Client-Address",
                "6.6.6.6",
                "X-Forwarded-For",
                "203.0.113.7",
                "Forwarded",
                "for=6.6.6.6",
                "Cookie",
                "a=b",
                "X-Custom",
                "1"));
    assertThat(seen).containsEntry("method", "PUT").containsEntry("bodyBytes", 2);
    assertThat(seen).containsEntry("target", FakeService.BASE + "seen?a=%2e&b");
    var headers = headers(seen);
    assertThat(headers)
        .containsOnlyKeys(
            "host",
            "content-length",
            "content-type",
            "idempotency-key",
            "accept",
            "x-user-id",
            "x-user-roles",
            "x-request-id",
            "x-client-address",
            "x-internal-request",
            "x-deadline",
            "x-sallyport-signature")
        .containsEntry("x-user-id", List.of(ada.id()))
        .containsEntry("x-user-roles", List.of("user"))
        .containsEntry("x-internal-request", List.of("true"))
        .containsEntry("x-client-address", List.of("203.0.113.7"))
        .containsEntry("x-deadline", List.of("1000"));
    assertThat(headers.values()).allSatisfy(values -> assertThat((List<?>) values).hasSize(1));
  }

  @Test
  void connectionRemovesNoneOfOurHeaders() {
    try (var client = new RawClient(visitor.port())) {
      client.send(
          request("GET", "seen")
              + "Connection: close, X-User-Id, X-Sallyport-Signature, Authorization\r\n\r\n");
      assertThat(headers(Json.object(client.readAnswer().body())))
          .containsKeys("x-user-id", "x-sallyport-signature");
    }
  }

  @Test
  void theAnswerComesBackWithWhatWeAddAndLessWhatIsNotTheClients() {
    var answer = get("headers");
    assertThat(answer.body()).isEqualTo("body");
    var headers = answer.headers();
    assertThat(headers.allValues("X-Passed")).containsExactly("a", "b");
    assertThat(headers.allValues("ETag")).containsExactly("\"1\"");
    assertThat(headers.allValues("X-Request-Id")).hasSize(1).doesNotContain("theirs");
    assertThat(headers.firstValue("X-Service-Binding-Time").orElseThrow()).matches("[0-9]+");
    assertThat(headers.firstValue("Server-Timing").orElseThrow())
        .matches("binding;dur=[0-9]+\\.[0-9]");
    assertThat(headers.map()).doesNotContainKeys("x-hop", "x-sallyport-secret");
  }

  @Test
  void bodiesOfEverySizeComeThroughWhole() {
    for (int size : List.of(0, 1, 16 * 1024, 16 * 1024 + 1, 1024 * 1024)) {
      var sent = new byte[size];
      new Random(size).nextBytes(sent);
      for (var publisher :
          List.of(
              BodyPublishers.ofByteArray(sent),
              BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(sent)))) {
        var answer =
            visitor.send(
                "POST",
                FakeService.BASE + "echo",
                publisher,
                BodyHandlers.ofByteArray(),
                ada.byToken());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(sent);
      }
      var answer =
          visitor.send(
              "GET",
              FakeService.BASE + "sized?size=" + size,
              BodyPublishers.noBody(),
              BodyHandlers.ofByteArray(),
              ada.byToken());
      assertThat(answer.body()).hasSize(size);
    }
  }

  @Test
  void aBodyOverAMebibyteIsTooLargeAnnouncedOrNot() {
    var sent = new byte[1024 * 1024 + 1];
    ProblemShape.of(post("echo", BodyPublishers.ofByteArray(sent)), 413, "too-large");
    try (var client = new RawClient(visitor.port())) {
      client.send(request("POST", "seen") + "Transfer-Encoding: chunked\r\n\r\n");
      for (int i = 0; i < 17; i++) {
        client.send("10000\r\n" + "x".repeat(64 * 1024) + "\r\n");
      }
      assertThat(client.readAnswer().status()).isEqualTo(413);
    }
  }

  @Test
  void statusesWithoutABodyHaveNone() {
    for (int status : List.of(204, 304)) {
      try (var client = new RawClient(visitor.port())) {
        client.send(request("GET", "status?code=" + status) + "\r\n");
        assertThat(client.readHead()).startsWith("HTTP/1.1 " + status);
        client.send(request("GET", "headers") + "\r\n");
        assertThat(client.readAnswer().body()).isEqualTo("body");
      }
    }
    try (var client = new RawClient(visitor.port())) {
      client.send(request("HEAD", "sized?size=20000") + "\r\n");
      assertThat(client.readHead()).containsIgnoringCase("\r\nContent-Length: 20000\r\n");
      client.send(request("GET", "headers") + "\r\n");
      assertThat(client.readAnswer().body()).isEqualTo("body");
    }
  }

  @Test
  void aServiceThatHangsIsGivenUpAtTheDeadline() {
    var get = ProblemShape.of(get("hang"), 504, "binding-timeout");
    assertThat(get).containsEntry("retryable", true);
    var post = ProblemShape.of(post("hang", BodyPublishers.ofString("{}")), 504, "binding-timeout");
    assertThat(post).containsEntry("retryable", false);
  }

  /** Four connections, and a wait for one counts like any other. */
  @Test
  void theDeadlineOfACallDoesNotWaitForAConnection() throws Exception {
    long began = System.nanoTime();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var calls = new ArrayList<Future<HttpResponse<String>>>();
      for (int i = 0; i < 16; i++) {
        calls.add(threads.submit(() -> get("hang")));
      }
      for (var call : calls) {
        ProblemShape.of(call.get(), 504, "binding-timeout");
      }
    }
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(3));
  }

  @Test
  void aServiceThatBreaksOffBeforeItAnswersIsDown() {
    var get = ProblemShape.of(get("die-at-once"), 503, "binding-down");
    assertThat(get).containsEntry("retryable", true);
    var post =
        ProblemShape.of(post("die-at-once", BodyPublishers.ofString("x")), 503, "binding-down");
    assertThat(post).containsEntry("retryable", false);
  }

  @Test
  void nothingOfAnAnswerThatBrokeOffIsInTheProblem() {
    var answer = get("die-in-small-body");
    ProblemShape.of(answer, 503, "binding-down");
    assertThat(answer.headers().map()).doesNotContainKeys("content-encoding", "set-cookie");
  }

  @Test
  void anAnswerThatBreaksOffInMidBodyNeverLooksWhole() {
    assertThatThrownBy(() -> get("die-in-stream")).hasRootCauseInstanceOf(IOException.class);
    try (var client = new RawClient(visitor.port())) {
      client.send(request("GET", "die-in-stream") + "\r\n");
      assertThat(client.readHead()).startsWith("HTTP/1.1 200");
      assertThat(client.readToEnd()).contains("half").doesNotContain("\r\n0\r\n");
    }
  }

  @Test
  void anAnswerThatStandsStillIsCut() {
    try (var client = new RawClient(visitor.port())) {
      client.send(request("GET", "fall-silent") + "\r\n");
      assertThat(client.readHead()).startsWith("HTTP/1.1 200");
      assertThat(client.readToEnd()).contains("half").doesNotContain("\r\n0\r\n");
    }
  }

  @Test
  void eventsAreNotHeldBack() {
    try (var client = new RawClient(visitor.port())) {
      client.send(request("GET", "events") + "\r\n");
      assertThat(client.readHead()).containsIgnoringCase("Content-Type: text/event-stream");
      assertThat(new String(client.readBytes(12), StandardCharsets.UTF_8)).contains("data: 1");
    }
  }

  @Test
  void anAnswerBeforeTheEndOfTheBodyArrivesThoughTheClientGoesOnSending() {
    for (int round = 0; round < 10; round++) {
      try (var client = new RawClient(visitor.port())) {
        client.send(request("POST", "early") + "Content-Length: 1000000\r\n\r\n");
        client.send("x".repeat(500_000));
        var answer = client.readAnswer();
        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.body()).isEqualTo("no more");
        assertThat(client.readToEnd()).isEmpty();
      }
    }
  }

  /** More often than there are connections: none of them is left behind half used. */
  @Test
  void noConnectionIsLostToClientsThatLeaveOrAnswersThatComeEarly() {
    for (int round = 0; round < 12; round++) {
      try (var client = new RawClient(visitor.port())) {
        client.send(
            request("POST", "early") + "Content-Length: 1000000\r\n\r\n" + "x".repeat(20_000));
        assertThat(client.readAnswer().status()).isEqualTo(413);
      }
      try (var client = new RawClient(visitor.port())) {
        client.send(
            request("POST", "seen") + "Content-Length: 1000000\r\n\r\n" + "x".repeat(20_000));
      }
      try (var client = new RawClient(visitor.port())) {
        client.send(request("GET", "events") + "\r\n");
        client.readHead();
      }
      assertThat(get("headers").body()).isEqualTo("body");
    }
  }

  @Test
  void aMisdirectedCallNeverShowsWhoseItIs() {
    var answer = get("misdirected");
    ProblemShape.of(answer, 503, "binding-down");
    assertThat(answer.headers().map()).doesNotContainKey("x-owner");
  }

  @Test
  void aRepeatedSingleHeaderIsRefused() {
    ProblemShape.of(
        visitor.get(
            FakeService.BASE + "seen",
            "Authorization",
            "Bearer " + ada.token(),
            "Idempotency-Key",
            "a",
            "Idempotency-Key",
            "b"),
        400,
        "bad-request");
  }

  @Test
  void withoutACredentialNothingLeaves() {
    ProblemShape.of(visitor.get(FakeService.BASE + "seen"), 401, "unauthenticated");
  }

  @Test
  void aSlowClientGetsItsHundredContinue() {
    try (var client = new RawClient(visitor.port())) {
      client.send(request("POST", "seen") + "Content-Length: 5\r\nExpect: 100-continue\r\n\r\n");
      assertThat(client.readHead()).startsWith("HTTP/1.1 100");
      client.send("12345");
      assertThat(Json.object(client.readAnswer().body())).containsEntry("bodyBytes", 5);
    }
  }

  private String request(String method, String path) {
    return method
        + " "
        + FakeService.BASE
        + path
        + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
        + ada.token()
        + "\r\n";
  }

  private HttpResponse<String> get(String path) {
    return visitor.get(FakeService.BASE + path, ada.byToken());
  }

  private HttpResponse<String> post(String path, BodyPublisher body) {
    return visitor.send("POST", FakeService.BASE + path, body, ada.byToken());
  }

  private static Map<String, Object> seen(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.object(answer.body());
  }

  @SuppressWarnings("unchecked") // as FakeService writes it
  private static Map<String, Object> headers(Map<String, Object> seen) {
    return (Map<String, Object>) Objects.requireNonNull(seen.get("headers"));
  }
}
