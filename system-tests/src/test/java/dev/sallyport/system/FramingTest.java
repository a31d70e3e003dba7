package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Ambiguous framing (RFC 9112) ends the connection after the one answer, and never does more than
 * one request leave for one that came.
 */
@ExtendWith(SharedDeployment.class)
class FramingTest {
  /** Which answers are right. */
  enum Right {
    REFUSED(400, 400),
    REFUSED_CODING(400, 501),
    REFUSED_VERSION(400, 505),
    /** Also taken without the ambiguity. */
    CLEANED(400, 200);

    private final int one;
    private final int other;

    Right(int one, int other) {
      this.one = one;
      this.other = other;
    }

    Set<Integer> statuses() {
      return one == other ? Set.of(one) : Set.of(one, other);
    }
  }

  /** One ambiguity: its header lines, the body behind them, and the statuses that are right. */
  enum Ambiguity {
    DIFFERING_LENGTHS(Right.REFUSED, "{}", "Content-Length: 2", "Content-Length: 3"),
    DIFFERING_LENGTHS_IN_ONE_LINE(Right.REFUSED, "{}", "Content-Length: 2, 3"),
    REPEATED_LENGTHS(Right.REFUSED, "{}", "Content-Length: 2", "Content-Length: 2"),
    REPEATED_LENGTHS_IN_ONE_LINE(Right.REFUSED, "{}", "Content-Length: 2, 2"),
    LENGTH_WITH_A_SIGN(Right.REFUSED, "{}", "Content-Length: +2"),
    NEGATIVE_LENGTH(Right.REFUSED, "", "Content-Length: -1"),
    HEXADECIMAL_LENGTH(Right.REFUSED, "{}", "Content-Length: 0x2"),
    LENGTH_WITH_A_BLANK_INSIDE(Right.REFUSED, "{}", "Content-Length: 2 2"),
    EMPTY_LENGTH(Right.REFUSED, "", "Content-Length:"),
    HUGE_LENGTH(Right.REFUSED, "", "Content-Length: 18446744073709551618"),
    BLANK_BEFORE_COLON(Right.REFUSED, "{}", "Content-Length : 2"),
    TAB_BEFORE_COLON(Right.REFUSED, "{}", "Content-Length\t: 2"),
    BLANK_BEFORE_COLON_OF_CODING(Right.REFUSED, CHUNKED, "Transfer-Encoding : chunked"),
    BLANK_BEFORE_COLON_OF_ANY_HEADER(Right.REFUSED, "", "X-Any : x"),
    NUL_IN_A_VALUE(Right.REFUSED, "", "X-Any: a\0b"),
    NUL_IN_A_NAME(Right.REFUSED, "", "X-A\0ny: ab"),
    BARE_CR_IN_A_VALUE(Right.REFUSED, "", "X-Any: a\rX-User-Id: eve"),
    NO_COLON(Right.REFUSED, "", "X-Any"),
    EMPTY_NAME(Right.REFUSED, "", ": x"),
    TWO_CODINGS(Right.REFUSED_CODING, CHUNKED, "Transfer-Encoding: gzip, chunked"),
    CHUNKED_FIRST_OF_TWO(Right.REFUSED_CODING, CHUNKED, "Transfer-Encoding: chunked, gzip"),
    CHUNKED_TWICE(Right.REFUSED_CODING, CHUNKED, "Transfer-Encoding: chunked, chunked"),
    TWO_CODING_LINES(
        Right.REFUSED_CODING, CHUNKED, "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
    IDENTITY_LINE_BEFORE_CHUNKED(
        Right.REFUSED_CODING, CHUNKED, "Transfer-Encoding: identity", "Transfer-Encoding: chunked"),
    IDENTITY(Right.REFUSED_CODING, "", "Transfer-Encoding: identity"),
    UNKNOWN_CODING(Right.REFUSED_CODING, CHUNKED, "Transfer-Encoding: xchunked"),
    CODING_WITH_A_PARAMETER(Right.REFUSED_CODING, CHUNKED, "Transfer-Encoding: chunked;x=1"),
    QUOTED_CODING(Right.REFUSED_CODING, CHUNKED, "Transfer-Encoding: \"chunked\""),
    CODING_AFTER_VERTICAL_TAB(Right.REFUSED_CODING, CHUNKED, "Transfer-Encoding: \u000bchunked"),
    LENGTH_THEN_CHUNKED(Right.CLEANED, CHUNKED, "Content-Length: 4", "Transfer-Encoding: chunked"),
    CHUNKED_THEN_LENGTH(Right.CLEANED, CHUNKED, "Transfer-Encoding: chunked", "Content-Length: 4"),
    ZERO_LENGTH_AND_CHUNKED(
        Right.CLEANED, CHUNKED, "Content-Length: 0", "Transfer-Encoding: chunked"),
    FOLDED_HEADER(Right.CLEANED, "", "X-Any: a", " b"),
    FOLDED_WITH_A_TAB(Right.CLEANED, "", "X-Any: a", "\tb"),
    FOLDED_LENGTH(Right.CLEANED, "{}", "Content-Length:", " 2"),
    FOLDED_CODING(Right.CLEANED, CHUNKED, "Transfer-Encoding:", " chunked"),
    FOLD_BEFORE_ANY_HEADER(Right.REFUSED, "", " X-Any: a");

    private final Right right;
    private final String body;
    private final String lines;

    Ambiguity(Right right, String body, String... lines) {
      this.right = right;
      this.body = body;
      this.lines = String.join("\r\n", lines);
    }
  }

  private static final String CHUNKED = OneInOneOut.CHUNKED;

  private final Gate gate;
  private final OneInOneOut one;
  private final String marker;

  FramingTest(Gate gate) {
    this.gate = gate;
    this.one = new OneInOneOut(gate);
    this.marker = one.marker();
  }

  private String post(String... lines) {
    return one.post(lines);
  }

  private String next() {
    return one.next();
  }

  private void assertOneAnswerAndTheEnd(String bytes, Right right) {
    one.assertOneAnswerAndTheEnd(bytes, right.statuses());
  }

  @ParameterizedTest
  @EnumSource
  void anAmbiguityEndsTheConnectionAfterOneAnswer(Ambiguity ambiguity) {
    assertOneAnswerAndTheEnd(post(ambiguity.lines) + ambiguity.body + next(), ambiguity.right);
  }

  @ParameterizedTest
  @EnumSource
  void itDoesSoOnOurOwnPathsToo(Ambiguity ambiguity) {
    var head =
        RawSocket.head(
            "POST /auth/login HTTP/1.1", "Content-Type: application/json", ambiguity.lines);
    try (var socket = gate.connect().within(Duration.ofSeconds(5))) {
      var answers = socket.send(head + ambiguity.body + next()).answersUntilClosed();
      assertThat(answers).hasSize(1);
      assertThat(answers.getFirst().status()).isIn(400, 422, 501);
      assertThat(gate.recorder().seen("next-" + marker)).isEmpty();
    }
  }

  @Test
  void bareLineFeedsAreNotLineEnds() {
    assertOneAnswerAndTheEnd(post().replace("\r\n", "\n") + next(), Right.CLEANED);
    assertOneAnswerAndTheEnd(post("X-Any: a\nContent-Length: 2") + "{}" + next(), Right.CLEANED);
  }

  @Test
  void aBareCarriageReturnEndsNoLine() {
    assertOneAnswerAndTheEnd(post("X-Any: a\rContent-Length: 2") + "{}" + next(), Right.REFUSED);
  }

  @Test
  void chunkedUnderHttp10IsFaulty() {
    var request = post("Transfer-Encoding: chunked").replace("HTTP/1.1", "HTTP/1.0");
    assertOneAnswerAndTheEnd(request + CHUNKED + next(), Right.CLEANED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP/1.2", "HTTP/2.0", "HTTP/0.9", "http/1.1", "HTTP/1.1 x", "HTTP/11"})
  void anotherVersionIsRefused(String version) {
    var request = post().replace("HTTP/1.1", version);
    assertOneAnswerAndTheEnd(request + next(), Right.REFUSED_VERSION);
  }

  @Test
  void aHostIsSaidOnce() {
    assertOneAnswerAndTheEnd(post("Host: evil.example") + next(), Right.REFUSED);
    var without = post().replace("Host: localhost\r\n", "");
    assertOneAnswerAndTheEnd(without + next(), Right.REFUSED);
  }

  @Test
  void aBodyIsNeverReadAsARequest() {
    var body = next();
    try (var socket = gate.connect()) {
      socket.send(post("Content-Length: " + body.length()) + body);
      assertThat(socket.answer().status()).isEqualTo(200);
      socket.send(gate.head("GET /api/internal/after-" + marker + " HTTP/1.1"));
      assertThat(socket.answer().status()).isEqualTo(200);
    }
    assertThat(gate.recorder().seen(marker))
        .extracting(Recorder.Seen::target)
        .containsExactly("/api/internal/" + marker, "/api/internal/after-" + marker);
  }

  @Test
  void pipelinedRequestsAreAnsweredInTheirOrder() {
    try (var socket = gate.connect()) {
      var first = gate.head("GET /api/internal/first-" + marker + " HTTP/1.1");
      var second = gate.head("GET /auth/me HTTP/1.1");
      var third = gate.head("GET /api/internal/third-" + marker + " HTTP/1.1", "Connection: close");
      socket.send(first + second + third);
      var answers = socket.answersUntilClosed();
      assertThat(answers).extracting(RawAnswer::status).containsExactly(200, 200, 200);
      assertThat(answers.get(1).text()).contains(gate.session().account().email());
    }
    assertThat(gate.recorder().seen(marker))
        .extracting(Recorder.Seen::target)
        .containsExactly("/api/internal/first-" + marker, "/api/internal/third-" + marker);
  }
}
