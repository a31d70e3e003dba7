package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.user.ProblemShape;
import dev.sallyport.user.RawClient;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The rules of {@link HeadRulesTest} where they count: in a server. Also shows that Netty calls us
 * and that Vert.x's pipeline is as we believe.
 */
class StrictFramingTest {
  private static final String FAST = "GET /fast HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String SLOW = "GET /slow HTTP/1.1\r\nHost: a\r\n\r\n";
  private static final String CHUNKED =
      "POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  private static final Duration HEAD_WITHIN = Duration.ofSeconds(2);
  private static final String BAD = "GET /fast HTTP/1.1\r\nHost: a\r\nX-Folded: a\r\n b\r\n\r\n";

  private static Vertx vertx;
  private static HttpServer server;

  @BeforeAll
  static void serve() throws Exception {
    StrictFraming.announce();
    vertx = Vertx.vertx();
    var options =
        new HttpServerOptions()
            .setHost("127.0.0.1")
            .setPort(0)
            .setMaxInitialLineLength(8192)
            .setMaxHeaderSize(16384);
    new PublicServer().customizeHttpServer(options);
    StrictFraming.install(options, HEAD_WITHIN);
    server =
        vertx
            .createHttpServer(options)
            .requestHandler(StrictFramingTest::answer)
            .listen()
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
  }

  /** Says which path it was and how many bytes came with it. */
  private static void answer(HttpServerRequest request) {
    if ("/early".equals(request.path())) {
      request.response().end("/early");
    }
    request
        .body()
        .onSuccess(body -> {
          var text = request.path() + " " + body.length();
          if ("/slow".equals(request.path())) {
            vertx.setTimer(200, later -> request.response().end(text));
          } else if (!request.response().ended()) {
            request.response().end(text);
          }
        });
  }

  @AfterAll
  static void stop() throws Exception {
    vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @Test
  void nettyFindsUs() {
    assertThat(StrictFraming.isInPlace()).isTrue();
  }

  @ParameterizedTest
  @MethodSource("dev.sallyport.user.edge.HeadRulesTest#refused")
  void aHeadThatIsRefusedGetsItsOneAnswerAndTheConnectionEnds(String head) {
    try (var client = new RawClient(server.actualPort())) {
      client.send(head + FAST);
      assertRefused(client.readAnswer(), 400, "bad-request");
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("dev.sallyport.user.edge.HeadRulesTest#clear")
  void aHeadThatIsClearIsServed(String head) {
    try (var client = new RawClient(server.actualPort())) {
      client.send(head);
      if (head.contains("Length")) {
        client.send("01234");
      } else if (head.toLowerCase(Locale.ROOT).contains("chunked")) {
        client.send("5\r\n01234\r\n0\r\n\r\n");
      }
      assertThat(client.readAnswer().status()).isEqualTo(200);
    }
  }

  @Test
  void aHeadThatComesByteByByteIsJudgedAsAWhole() {
    try (var client = new RawClient(server.actualPort())) {
      sendByteByByte(client, FAST);
      assertThat(client.readAnswer().body()).isEqualTo("/fast 0");
      sendByteByByte(client, BAD);
      assertRefused(client.readAnswer(), 400, "bad-request");
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  private static void sendByteByByte(RawClient client, String text) {
    for (byte one : text.getBytes(StandardCharsets.US_ASCII)) {
      client.send(new byte[] {one});
    }
  }

  @Test
  void requestsBeforeABadOneGetTheirAnswersInOrderFirst() {
    try (var client = new RawClient(server.actualPort())) {
      client.send(FAST + SLOW + post(10) + BAD + FAST);
      assertThat(client.readAnswer().body()).isEqualTo("/fast 0");
      assertThat(client.readAnswer().body()).isEqualTo("/slow 0");
      assertThat(client.readAnswer().body()).isEqualTo("/post 10");
      assertRefused(client.readAnswer(), 400, "bad-request");
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void aBodyIsNotJudgedAsAHead() {
    var request = "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: " + BAD.length() + "\r\n\r\n";
    try (var client = new RawClient(server.actualPort())) {
      client.send(request + BAD + FAST);
      assertThat(client.readAnswer().body()).isEqualTo("/post " + BAD.length());
      assertThat(client.readAnswer().body()).isEqualTo("/fast 0");
    }
  }

  @ParameterizedTest
  @MethodSource("dev.sallyport.user.edge.ChunkRulesTest#refused")
  void aBodyThatIsRefusedGetsItsOneAnswerAndTheConnectionEnds(String body) {
    try (var client = new RawClient(server.actualPort())) {
      client.send(CHUNKED + body + FAST);
      assertRefused(client.readAnswer(), 400, "bad-request");
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("dev.sallyport.user.edge.ChunkRulesTest#clear")
  void aBodyThatIsClearIsReadToItsEndAndNoFurther(String body) {
    try (var client = new RawClient(server.actualPort())) {
      sendByteByByte(client, CHUNKED + body);
      assertThat(client.readAnswer().body()).startsWith("/post ");
      client.send(CHUNKED + body + FAST);
      assertThat(client.readAnswer().body()).startsWith("/post ");
      assertThat(client.readAnswer().body()).isEqualTo("/fast 0");
    }
  }

  @Test
  void requestsBeforeABadBodyGetTheirAnswersInOrderFirst() {
    try (var client = new RawClient(server.actualPort())) {
      client.send(FAST + SLOW + CHUNKED + "2\r\n{}\r\n0\r\n\r\n" + CHUNKED + "2\n{}\r\n" + FAST);
      assertThat(client.readAnswer().body()).isEqualTo("/fast 0");
      assertThat(client.readAnswer().body()).isEqualTo("/slow 0");
      assertThat(client.readAnswer().body()).isEqualTo("/post 2");
      assertRefused(client.readAnswer(), 400, "bad-request");
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void aBodyThatIsRefusedAfterItsAnswerGetsNoSecondOne() {
    try (var client = new RawClient(server.actualPort())) {
      client.send("POST /early" + CHUNKED.substring(10) + "2\r\n{}\r\n");
      assertThat(client.readAnswer().body()).isEqualTo("/early");
      client.send("2\n{}\r\n" + FAST);
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void aHeadThatStopsHalfWayIsTooSlowAndOneThatHasNotBegunIsAwaited() {
    try (var silent = new RawClient(server.actualPort());
        var idle = new RawClient(server.actualPort());
        var first = new RawClient(server.actualPort());
        var second = new RawClient(server.actualPort())) {
      idle.send(FAST);
      assertThat(idle.readAnswer().body()).isEqualTo("/fast 0");
      first.send("G");
      second.send(FAST + FAST.substring(0, 20));
      assertThat(second.readAnswer().body()).isEqualTo("/fast 0");
      assertRefused(first.readAnswer(), 408, "request-timeout");
      assertRefused(second.readAnswer(), 408, "request-timeout");
      assertThat(first.readToEnd()).isEmpty();
      assertThat(second.readToEnd()).isEmpty();
      assertThat(silent.readToEnd()).isEmpty();
      idle.send(FAST);
      assertThat(idle.readAnswer().body()).isEqualTo("/fast 0");
    }
  }

  @Test
  void headersThatAreTooLargeAreSaidToBe() {
    try (var client = new RawClient(server.actualPort())) {
      client.send("GET /fast HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(17_000) + "\r\n\r\n" + FAST);
      assertRefused(client.readAnswer(), 431, "headers-too-large");
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void aRequestLineThatIsTooLongIsSaidToBe() {
    try (var client = new RawClient(server.actualPort())) {
      client.send("GET /" + "x".repeat(9_000) + " HTTP/1.1\r\nHost: a\r\n\r\n" + FAST);
      assertRefused(client.readAnswer(), 414, "uri-too-long");
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void aLineWithoutAnEndIsATooLongOne() {
    try (var client = new RawClient(server.actualPort())) {
      client.send("x".repeat(60_000));
      assertRefused(client.readAnswer(), 414, "uri-too-long");
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  /** The decoder behind does not count line ends: it would take the part that is there. */
  @Test
  void noPartOfAHeadIsReadBeforeTheWholeIsJudged() {
    try (var client = new RawClient(server.actualPort())) {
      client.send("GET /fast HTTP/1.1\r\nHost: a\r\n" + "a:\r\n".repeat(8_000));
      client.send("GET /fast HTTP/1.1\r\nHost: b\r\n\r\n");
      assertRefused(client.readAnswer(), 400, "bad-request");
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void aHeadWithoutAnEndIsATooLargeOne() {
    try (var client = new RawClient(server.actualPort())) {
      client.send("GET /fast HTTP/1.1\r\nHost: a\r\n" + "a:\r\n".repeat(12_000));
      assertRefused(client.readAnswer(), 431, "headers-too-large");
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void emptyLinesWithoutAnEndAreRefused() {
    try (var client = new RawClient(server.actualPort())) {
      client.send("\r\n".repeat(30_000));
      assertRefused(client.readAnswer(), 431, "headers-too-large");
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  private static String post(int bytes) {
    return "POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: "
        + bytes
        + "\r\n\r\n"
        + "x".repeat(bytes);
  }

  private static void assertRefused(RawClient.Answer answer, int status, String slug) {
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.head())
        .containsIgnoringCase("\r\nContent-Type: application/problem+json\r\n")
        .containsIgnoringCase("\r\nConnection: close\r\n");
    var problem = ProblemShape.of(answer.body(), status, slug);
    assertThat(answer.head()).containsIgnoringCase("X-Request-Id: " + problem.get("requestId"));
  }
}
