package dev.sallyport.system;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Attacks on the wire, beyond the heads of {@link FramingTest} and the targets of {@link
 * PathsTest}: bodies, upgrades, expectations, lengths and order. A recorder behind the edge says
 * what came out.
 */
@ExtendWith(SharedDeployment.class)
class WireAttacksTest {
  private static final String CHUNKED_LINE = "Transfer-Encoding: chunked";
  private static final Set<Integer> BAD = Set.of(400);

  private final Gate gate;
  private final OneInOneOut one;

  WireAttacksTest(Gate gate) {
    this.gate = gate;
    this.one = new OneInOneOut(gate);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2x\r\n{}\r\n0\r\n\r\n",
        "0x2\r\n{}\r\n0\r\n\r\n",
        "+2\r\n{}\r\n0\r\n\r\n",
        "-1\r\n{}\r\n0\r\n\r\n",
        " 2\r\n{}\r\n0\r\n\r\n",
        "2 \r\n{}\r\n0\r\n\r\n",
        "2\0\r\n{}\r\n0\r\n\r\n",
        "2\n{}\r\n0\r\n\r\n",
        "2\r{}\r\n0\r\n\r\n",
        "2\r\n{}\n0\r\n\r\n",
        "2\r\n{}\r\n0\n\r\n",
        "2\r\n{}\r\n0\r\n\n",
        "2\r\n{}0\r\n\r\n",
        "2\r\n{}xx0\r\n\r\n",
        "1\r\n{}\r\n0\r\n\r\n",
        "\r\n2\r\n{}\r\n0\r\n\r\n",
        "fffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        "80000000\r\n{}\r\n0\r\n\r\n",
        "g\r\n{}\r\n0\r\n\r\n",
        "2;x\n{}\r\n0\r\n\r\n",
        "2;\n3\r\n{}\r\n0\r\n\r\n",
        "2;x=\"\r\n\"\r\n{}\r\n0\r\n\r\n",
        "2;\r\n{}\r\n0\r\n\r\n",
        "2 ;x\r\n{}\r\n0\r\n\r\n",
        "2;x=\"y\"\r\n{}\r\n0\r\n\r\n",
        "2;x=1 y\r\n{}\r\n0\r\n\r\n",
        "2;\0\r\n{}\r\n0\r\n\r\n",
        "0;x\n\r\n\r\n",
        "2\r\n{}\r\n0\r\nX : 1\r\n\r\n",
        "2\r\n{}\r\n0\r\nX: 1\r\n 2\r\n\r\n",
        "2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n",
        "2\r\n{}\r\n0\r\nHost: b\r\n\r\n",
        "2\r\n{}\r\n0\r\n"
      })
  void aBrokenChunkedBodyIsAnsweredOnceAndEndsTheConnection(String chunks) {
    one.assertOneAnswerAndTheEnd(one.post(CHUNKED_LINE) + chunks + one.next(), BAD);
    one.assertNothingOut();
    // And so it is before a handler of our own.
    var login = "POST /auth/login HTTP/1.1";
    var own = RawSocket.head(login, "Content-Type: application/json", CHUNKED_LINE);
    one.assertOneAnswerAndTheEnd(own + chunks + one.next(), BAD);
  }

  @Test
  void extensionsAndTrailersHaveBounds() {
    var extension = "2;" + "x".repeat(1_100) + "\r\n{}\r\n0\r\n\r\n";
    one.assertOneAnswerAndTheEnd(one.post(CHUNKED_LINE) + extension, BAD);
    var many = ("1;" + "x".repeat(1_000) + "\r\n{\r\n").repeat(20) + "0\r\n\r\n";
    one.assertOneAnswerAndTheEnd(one.post(CHUNKED_LINE) + many, BAD);
    var trailers = "2\r\n{}\r\n0\r\n" + "X: y\r\n".repeat(2_000) + "\r\n";
    one.assertOneAnswerAndTheEnd(one.post(CHUNKED_LINE) + trailers, BAD);
    one.assertNothingOut();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "2\r\n{}\r\n0\r\n\r\n",
        "1\r\n{\r\n01\r\n}\r\n000\r\n\r\n",
        "2;x\r\n{}\r\n0;y=1\r\n\r\n",
        "2;x=1;y;z=!\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}\r\n0\r\nX-User-Id: eve\r\nX-Sum: 1\r\n\r\n"
      })
  void aChunkedBodyByTheGrammarComesOutAsOneWithoutItsTrimmings(String chunks) {
    try (var socket = gate.connect()) {
      for (byte b : (one.post(CHUNKED_LINE) + chunks).getBytes(US_ASCII)) {
        socket.send(new byte[] {b});
      }
      assertThat(socket.answer().status()).isEqualTo(200);
      socket.send(gate.head("GET /api/internal/after-" + one.marker() + " HTTP/1.1"));
      assertThat(socket.answer().status()).isEqualTo(200);
    }
    assertThat(one.seen()).hasSize(2);
    var first = one.seen().getFirst();
    assertThat(first.body().text()).isEqualTo("{}");
    assertThat(first.whole()).isTrue();
    assertThat(first.mentions("eve")).isFalse();
  }

  /** Each of these is chunked to somebody and not to somebody else. */
  static Stream<String> codings() {
    return Stream.of(
        "Transfer-Encoding: chunked, cow",
        "Transfer-Encoding: cow, chunked",
        "Transfer-Encoding: cow",
        "Transfer-Encoding: chunked\r\nTransfer-encoding: cow",
        "Transfer-Encoding: cow\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: identity, chunked",
        "Transfer-Encoding: ,chunked",
        "Transfer-Encoding: chunked,",
        "Transfer-Encoding: chunked;",
        "Transfer-Encoding: 'chunked'",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: chunked x",
        "Transfer-Encoding: x chunked",
        "Transfer-Encoding: chunked\u00a0",
        "Transfer-Encoding: \u00a0chunked",
        "Transfer-Encoding: \u0085chunked",
        "Transfer-Encoding: \u000cchunked",
        "Transfer-Encoding: \u000bchunked",
        "Transfer-Encoding: chunked\0",
        "Transfer-Encoding: chun\0ked",
        "Transfer-Encoding: chunked\rX: y",
        "Transfer-Encoding\t: chunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding\u00a0: chunked",
        "Transfer-Encoding\0: chunked",
        " Transfer-Encoding: chunked",
        "X: y\n Transfer-Encoding: chunked",
        "X: y\nTransfer-Encoding: chunked",
        "X: y\rTransfer-Encoding: chunked",
        "X:\r\n Transfer-Encoding: chunked",
        "Transfer-Encoding:\r\n chunked",
        "Transfer-Encoding: chunk\r\n ed",
        "Transfer-Encoding",
        "Transfer-Encoding:");
  }

  @ParameterizedTest
  @MethodSource("codings")
  void aCodingInDisguiseIsRefusedBesideALengthAndWithoutOne(String coding) {
    for (var lines :
        List.of(coding, coding + "\r\nContent-Length: 2", "Content-Length: 2\r\n" + coding)) {
      one.assertOneAnswerAndTheEnd(one.post(lines) + OneInOneOut.CHUNKED + one.next(), BAD);
    }
    one.assertNothingOut();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Transfer_Encoding: chunked",
        "Content-Encoding: chunked",
        "X-Transfer-Encoding: chunked",
        "Transfer-Encodin: chunked",
        "TE: chunked"
      })
  void whatIsNoCodingChangesNoLength(String line) {
    try (var socket = gate.connect()) {
      socket.send(one.post("Content-Length: 2", line) + "{}" + one.next());
      assertThat(socket.answer().status()).isEqualTo(200);
      assertThat(socket.answer().status()).isEqualTo(200);
    }
    assertThat(one.seen()).extracting(seen -> seen.body().text()).containsExactly("{}", "");
  }

  @ParameterizedTest
  @ValueSource(strings = {"GET", "HEAD", "DELETE", "OPTIONS", "PUT", "POST", "TRACE"})
  void aBodyOfAnyMethodIsABody(String method) {
    var body = one.next();
    var head = method + " /api/internal/" + one.marker() + " HTTP/1.1";
    try (var socket = gate.connect()) {
      socket.send(gate.head(head, "Content-Length: " + body.length()) + body);
      assertThat(socket.answer(method.equals("HEAD")).status()).isIn(200, 405);
      socket.finish();
      assertThat(socket.answersUntilClosed()).isEmpty();
    }
    assertThat(one.seen()).hasSizeLessThanOrEqualTo(1);
  }

  /** CL.0: somewhere the body is not looked at, and must not be looked at as a request either. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /health",
        "POST /health",
        "POST /auth/me",
        "GET /.well-known/jwks.json",
        "POST /no-such-path",
        "POST /api/internal/../x",
        "POST /demo/room",
        "PUT /auth/login",
        "POST //"
      })
  void aBodyThatNobodyReadsIsNoRequest(String request) {
    var body = one.next();
    for (var framing : List.of("Content-Length: " + body.length(), CHUNKED_LINE)) {
      var framed =
          framing.equals(CHUNKED_LINE)
              ? Integer.toHexString(body.length()) + "\r\n" + body + "\r\n0\r\n\r\n"
              : body;
      try (var socket = gate.connect()) {
        socket.send(gate.head(request + " HTTP/1.1", framing, "Connection: close") + framed);
        assertThat(socket.answersUntilClosed()).hasSize(1);
      }
    }
    assertThat(one.seen()).isEmpty();
  }

  @Test
  void noLineEndOfAHeadMayBeABareLineFeed() {
    var head = one.post("X-Any: a", "Content-Length: 2");
    for (int at = head.indexOf("\r\n"); at >= 0; at = head.indexOf("\r\n", at + 2)) {
      var bare = head.substring(0, at) + head.substring(at + 1);
      one.assertOneAnswerAndTheEnd(bare + "{}" + one.next(), BAD);
    }
    one.assertNothingOut();
  }

  @Test
  void whoAsksMaySendIsToldSoOnceAndAnsweredOnce() {
    try (var socket = gate.connect()) {
      socket.send(one.post("Content-Length: 2", "Expect: 100-continue"));
      assertThat(new HttpReader(socket.in()).nextHead().getFirst()).startsWith("HTTP/1.1 100 ");
      socket.send("{}");
      assertThat(socket.answer().status()).isEqualTo(200);
    }
    assertThat(one.seen())
        .singleElement()
        .satisfies(seen -> {
          assertThat(seen.body().text()).isEqualTo("{}");
          assertThat(seen.headers().all("Expect")).isEmpty();
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Expect: 200-ok",
        "Expect: 100-continue, x",
        "Expect: x\r\nExpect: 100-continue",
        "Expect: 100-continue",
        "Expect:",
        "Expect: 100-continue\r\nConnection: Expect"
      })
  void anyExpectationHasOneAnswerAndStaysHere(String lines) {
    try (var socket = gate.connect()) {
      socket.send(one.post("Content-Length: 2", lines, "Connection: close") + "{}");
      var answers = socket.answersUntilClosed();
      assertThat(answers).hasSize(1);
      assertThat(answers.getFirst().status()).isIn(200, 417);
    }
    one.assertAtMostOneOut();
    assertThat(one.seen()).allMatch(seen -> seen.headers().all("Expect").isEmpty());
  }

  @Test
  void anExpectationBesideBadFramingIsNotMet() {
    var lines = "Expect: 100-continue\r\nContent-Length: 2\r\n" + CHUNKED_LINE;
    try (var socket = gate.connect()) {
      socket.send(one.post(lines) + OneInOneOut.CHUNKED);
      assertThat(new HttpReader(socket.in()).nextHead().getFirst()).startsWith("HTTP/1.1 400 ");
    }
    one.assertNothingOut();
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2c", "h2c, websocket", "websocket, h2c", "TLS/1.0", "HTTP/2.0", "h2"})
  void noUpgradeToAnotherHttp(String protocols) {
    try (var socket = gate.connect()) {
      socket.send(
          gate.head(
              "GET /api/internal/" + one.marker() + " HTTP/1.1",
              "Connection: Upgrade, HTTP2-Settings",
              "Upgrade: " + protocols,
              "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA"));
      assertThat(socket.answer().status()).isEqualTo(200);
      // Who believed in the upgrade goes on with the preface.
      socket.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + one.next());
      var answers = socket.answersUntilClosed();
      assertThat(answers).hasSize(1);
      assertThat(answers.getFirst().status()).isIn(400, 505);
    }
    one.assertAtMostOneOut();
    assertThat(one.seen())
        .allSatisfy(seen -> {
          assertThat(seen.headers().all("Upgrade")).isEmpty();
          assertThat(seen.headers().all("HTTP2-Settings")).isEmpty();
        });
  }

  @Test
  void thePrefaceOfHttp2IsOneBadRequest() {
    var preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
    one.assertOneAnswerAndTheEnd(preface + one.next(), Set.of(400, 505));
    one.assertNothingOut();
  }

  @Test
  void whatIsTooLongIsSaidToBe() {
    var target = "GET /api/internal/" + one.marker();
    var line = gate.head(target + "x".repeat(9_000) + " HTTP/1.1");
    one.assertOneAnswerAndTheEnd(line + one.next(), Set.of(414));
    var query = gate.head(target + "?" + "x".repeat(70_000) + " HTTP/1.1");
    one.assertOneAnswerAndTheEnd(query, Set.of(414));
    var value = gate.head(target + " HTTP/1.1", "X-Long: " + "x".repeat(17_000));
    one.assertOneAnswerAndTheEnd(value + one.next(), Set.of(431));
    var name = gate.head(target + " HTTP/1.1", "x".repeat(17_000) + ": x");
    one.assertOneAnswerAndTheEnd(name + one.next(), Set.of(431));
    var many = gate.head(target + " HTTP/1.1", "A: b\r\n".repeat(8_000) + "A: b");
    one.assertOneAnswerAndTheEnd(many + one.next(), Set.of(431));
    var method = "x".repeat(9_000) + " /api/internal/" + one.marker() + " HTTP/1.1";
    one.assertOneAnswerAndTheEnd(gate.head(method) + one.next(), Set.of(414));
    one.assertNothingOut();
  }

  /** Our own headers come on top of a client's: the private side must have room for both. */
  @Test
  void whatJustFitsHereFitsThePrivateSideToo(Deployment deployment) {
    var bearer = deployment.accounts().newSession().bearer();
    var target = "/api/internal/ping?" + "x".repeat(8_000);
    var long15Kib = "Accept-Language: " + "de,".repeat(5_100) + "en";
    try (var socket = RawSocket.connect(deployment.userWorker().port())) {
      socket.send(
          RawSocket.head("GET " + target + " HTTP/1.1", "Authorization: " + bearer, long15Kib));
      assertThat(socket.answer().status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"G ET", "GET\0", "GE\u00cbT", "\"GET\"", "GET,", "(GET)", " GET", "GET\u000b", ""})
  void aMethodThatIsNoTokenIsRefused(String method) {
    var head = gate.head(method + " /api/internal/" + one.marker() + " HTTP/1.1");
    one.assertOneAnswerAndTheEnd(head + one.next(), BAD);
    one.assertNothingOut();
  }

  @ParameterizedTest
  @ValueSource(strings = {"get", "Get", "gET", "GETS", "FOO", "X-HTTP-METHOD"})
  void aMethodIsPassedOnAsItIsSpelledAndOpensNothingOfOurs(String method) {
    try (var socket = gate.connect()) {
      socket.send(gate.head(method + " /api/internal/" + one.marker() + " HTTP/1.1"));
      assertThat(socket.answer().status()).isIn(200, 405, 501);
      socket.send(gate.head(method + " /auth/me HTTP/1.1"));
      assertThat(socket.answer().status()).isIn(405, 501);
    }
    assertThat(one.seen())
        .hasSizeLessThanOrEqualTo(1)
        .allMatch(seen -> seen.method().equals(method));
  }

  @Test
  void manyPipelinedRequestsOfAllKindsComeOutOnceAndInOrder() {
    var bytes = new StringBuilder();
    var expected = new ArrayList<String>();
    for (int i = 0; i < 30; i++) {
      var target = "/api/internal/" + one.marker() + "-" + i;
      expected.add(target);
      bytes.append(
          switch (i % 3) {
            case 0 -> gate.head("GET " + target + " HTTP/1.1");
            case 1 -> gate.head("POST " + target + " HTTP/1.1", "Content-Length: 2") + "{}";
            default -> gate.head("PUT " + target + " HTTP/1.1", CHUNKED_LINE) + OneInOneOut.CHUNKED;
          });
      bytes.append(i % 5 == 0 ? "\r\n" : "");
    }
    var broken = gate.head("POST /api/internal/" + one.marker() + "-bad HTTP/1.1", CHUNKED_LINE);
    bytes.append(broken).append("2\n{}\r\n0\r\n\r\n").append(one.next());
    try (var socket = gate.connect()) {
      var answers = socket.send(bytes.toString()).answersUntilClosed();
      assertThat(answers.stream().limit(30).map(RawAnswer::status)).hasSize(30).containsOnly(200);
      assertThat(answers).hasSize(31);
      Problems.assertProblem(answers.getLast().plain(), 400, "bad-request");
    }
    assertThat(one.seen().stream().filter(Recorder.Seen::whole))
        .extracting(Recorder.Seen::target)
        .containsExactlyElementsOf(expected);
  }

  @Test
  void http10EndsWithItsAnswerUnlessItAsksOtherwise() {
    var request = "GET /api/internal/" + one.marker() + " HTTP/1.0";
    one.assertOneAnswerAndTheEnd(gate.head(request) + one.next(), Set.of(200));
    try (var socket = gate.connect()) {
      socket.send(gate.head(request, "Connection: keep-alive"));
      assertThat(socket.answer().status()).isEqualTo(200);
    }
    assertThat(one.seen()).hasSize(2);
  }

  @Test
  void aHeadThatComesADropAtATimeIsGivenUp() {
    var drops = one.post("Content-Length: 2").split("(?<=\r\n)", -1);
    try (var socket = gate.connect().within(Duration.ofSeconds(13));
        var next = gate.connect().within(Duration.ofSeconds(13))) {
      next.send(gate.head("GET /health HTTP/1.1"));
      assertThat(next.answer().status()).isEqualTo(200);
      long began = System.nanoTime();
      IntStream.range(0, 3).forEach(i -> socket.send(drops[i]));
      next.send("G");
      Problems.assertProblem(socket.answer().plain(), 408, "request-timeout");
      Problems.assertProblem(next.answer().plain(), 408, "request-timeout");
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofSeconds(9));
      assertThat(socket.closes()).isTrue();
      assertThat(next.closes()).isTrue();
    }
    one.assertNothingOut();
  }
}
