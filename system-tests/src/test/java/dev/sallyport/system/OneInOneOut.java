package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * Says exactly these bytes at a {@link Gate}, and holds what comes of them against the rule: one
 * request in is at most one out, under our word alone.
 */
final class OneInOneOut {
  /** A whole chunked body: one chunk, the last one, no trailer. */
  static final String CHUNKED = "2\r\n{}\r\n0\r\n\r\n";

  private static final Duration BOUND = Duration.ofSeconds(5);

  private final Gate gate;
  private final String marker = Gate.marker();

  OneInOneOut(Gate gate) {
    this.gate = gate;
  }

  /** Occurs in the requests of this test only. */
  String marker() {
    return marker;
  }

  /** The head of a POST through the gate that would be served. */
  String post(String... lines) {
    return gate.head("POST /api/internal/" + marker + " HTTP/1.1", lines);
  }

  /** What somebody would smuggle in behind: complete, authorized, and told apart by its path. */
  String next() {
    return gate.head("GET /api/internal/next-" + marker + " HTTP/1.1");
  }

  /** What went through of the requests of this test. */
  List<Recorder.Seen> seen() {
    return gate.recorder().seen(marker);
  }

  /**
   * Asserts one right answer, the end of the connection, at most one request out, and nothing of
   * what was smuggled.
   */
  RawAnswer assertOneAnswerAndTheEnd(String bytes, Set<Integer> statuses) {
    try (var socket = gate.connect().within(BOUND)) {
      var answers = socket.send(bytes).answersUntilClosed();
      assertThat(answers).as(answers.toString()).hasSize(1);
      var answer = answers.getFirst();
      assertThat(answer.status()).as(answer.text()).isIn(statuses);
      if (answer.status() >= 400) {
        Problems.assertProblem(answer.plain(), answer.status());
      }
      assertAtMostOneOut();
      return answer;
    }
  }

  /** Asserts that one request at the most has come out whole, without what was smuggled. */
  void assertAtMostOneOut() {
    assertThat(gate.recorder().seen("next-" + marker)).isEmpty();
    assertThat(seen().stream().filter(Recorder.Seen::whole))
        .hasSizeLessThanOrEqualTo(1)
        .allSatisfy(seen -> {
          assertThat(seen.body().text()).isIn("", "{}");
          assertThat(seen.headers().all("X-User-Id"))
              .containsExactly(gate.session().account().id());
        });
  }

  /** Asserts that nothing at all has come out whole. */
  void assertNothingOut() {
    assertThat(seen().stream().filter(Recorder.Seen::whole)).isEmpty();
  }
}
