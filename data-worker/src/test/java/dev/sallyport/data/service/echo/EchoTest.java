package dev.sallyport.data.service.echo;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.Json;
import dev.sallyport.data.RawConnection;
import dev.sallyport.data.UserWorker;
import dev.sallyport.model.Problem;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class EchoTest {
  private static final String ECHO = "/api/internal/echo";

  @TestHTTPResource("/")
  URI base;

  private UserWorker worker;

  @BeforeEach
  void call() {
    worker = UserWorker.calling(base);
  }

  @Test
  void pingSaysWhoCallsWhoAnswersAndWhen() {
    var pong = Json.object(worker.get("/api/internal/ping").body());
    assertThat(pong)
        .containsOnlyKeys("userId", "roles", "worker", "at")
        .containsEntry("userId", "ada")
        .containsEntry("roles", List.of("admin", "user"))
        .containsEntry("worker", "w-test");
    assertThat(Instant.parse((String) pong.get("at"))).isNotNull();
  }

  @Test
  void whoDidNotSignInIsToldTo() {
    assertProblem(worker.forNobody().get("/api/internal/ping"), 401, "unauthenticated");
    assertProblem(worker.forNobody().postJson(ECHO, "1"), 401, "unauthenticated");
    assertProblem(worker.forNobody().get(ECHO + "/bytes?size=1"), 401, "unauthenticated");
  }

  @Test
  void anyJsonValueComesBackAsItWas() {
    for (var json :
        List.of(
            "null",
            "true",
            "\"\"",
            "\"\\u0000 \\ud83d\\ude00 é 😀\"",
            "[]",
            "{\"b\":1,\"a\":{\"c\":[1,2,{}]}}",
            "12345678901234567890123456789.00000000000000000000000001",
            "1e400",
            "-0.0",
            "1.10")) {
      var answer = worker.postJson(ECHO, json);
      assertThat(answer.statusCode()).as(json).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
          .startsWith("application/json");
      assertThat(answer.body()).isEqualTo("{\"userId\":\"ada\",\"body\":" + json + "}");
    }
  }

  @Test
  void whatIsNotOneJsonValueIsBadJson() {
    for (var bad : List.of("", " ", "{", "1 2", "nul", "{'a':1}", "{\"a\":1,\"a\":2}", "[1,]")) {
      assertProblem(worker.postJson(ECHO, bad), 400, "bad-json");
    }
    assertProblem(worker.postJson(ECHO, "[".repeat(100_000)), 400, "bad-json");
  }

  @Test
  void anotherContentTypeThanJsonIsNotUnderstood() {
    assertProblem(worker.send("POST", ECHO, "text/plain", "1"), 415, "unsupported-media-type");
  }

  @Test
  void aMebibyteIsTakenAndAByteMoreIsTooMuch() {
    var largest = '"' + "x".repeat(1024 * 1024 - 2) + '"';
    var answer = worker.postJson(ECHO, largest);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertProblem(worker.postJson(ECHO, largest + " "), 413, "too-large");
  }

  @Test
  void aBodyOfUnknownLengthIsHeldToTheSameLimit() {
    try (var raw = RawConnection.to(worker.port())) {
      var headers = worker.headers("POST", ECHO, "application/json");
      headers.put("Content-Type", "application/json");
      headers.put("Transfer-Encoding", "chunked");
      raw.head("POST " + ECHO, headers);
      var chunk = ("20000\r\n" + " ".repeat(0x20000) + "\r\n").getBytes(US_ASCII);
      for (int i = 0; i < 9; i++) {
        raw.write(chunk);
      }
      assertThat(raw.readToEnd()).startsWith("HTTP/1.1 413 ").contains("too-large");
    }
  }

  @Test
  void aWrongMethodOrPathIsAProblemToo() {
    assertProblem(worker.send("DELETE", ECHO, null, null), 405, "method-not-allowed");
    var bytes = worker.send("DELETE", ECHO + "/bytes", null, null);
    assertProblem(bytes, 405, "method-not-allowed");
    assertThat(bytes.headers().firstValue("Allow")).contains("GET, HEAD, POST");
    assertProblem(worker.get("/api/internal/nowhere"), 404, "not-found");
    assertProblem(worker.get(ECHO + "/socket"), 426, "upgrade-required");
  }

  private static void assertProblem(HttpResponse<String> answer, int status, String slug) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).contains(Problem.MEDIA_TYPE);
    assertThat(Json.object(answer.body()))
        .containsEntry("type", "urn:sallyport:problem:" + slug)
        .containsEntry("status", status)
        .containsEntry("requestId", "r-1");
  }
}
