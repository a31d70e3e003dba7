package dev.sallyport.system;

import static dev.sallyport.system.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests and answers pass as they are, and only whole ones look whole. */
@ExtendWith(SharedDeployment.class)
class ProxyTest {
  private final Gate gate;
  private final String marker = Gate.marker();
  private final String target = "/api/internal/" + marker;

  ProxyTest(Gate gate) {
    this.gate = gate;
  }

  @AfterEach
  void thePrivateSideAnswersAgain() {
    gate.recorder().behave(Recorder.Behaviour.ANSWER);
    await().atMost(Duration.ofSeconds(5)).until(() -> gate.get(target).status() == 200);
  }

  private RawAnswer get() {
    try (var socket = gate.connect()) {
      return socket.send(gate.head("GET " + target + " HTTP/1.1")).answer();
    }
  }

  @Test
  void eventsArePassedOnAsTheyCome() {
    gate.recorder().behave(Recorder.Behaviour.DRIP_EVENTS); // over two and a half seconds
    long began = System.nanoTime();
    try (var socket = gate.connect()) {
      socket.send(gate.head("GET " + target + " HTTP/1.1"));
      var reader = new HttpReader(socket.in());
      assertThat(reader.nextHead().getFirst()).startsWith("HTTP/1.1 200");
      assertThat(reader.sizedBody(12).text()).isEqualTo("9\r\ndata: x\n\n");
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(2));
    }
  }

  @Test
  void aClientThatAsksWhetherToSendItsBodyIsToldToGoOn() {
    try (var socket = gate.connect()) {
      socket.send(
          gate.head("POST " + target + " HTTP/1.1", "Content-Length: 2", "Expect: 100-continue"));
      var lines = new HttpReader(socket.in());
      assertThat(lines.nextHead().getFirst()).startsWith("HTTP/1.1 100");
      assertThat(socket.send("{}").answer().status()).isEqualTo(200);
    }
    assertThat(gate.recorder().seen(marker))
        .singleElement()
        .satisfies(seen -> assertThat(seen.body().text()).isEqualTo("{}"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Content-Length: 100000", "Content-Length: 10", "Transfer-Encoding: chunked"})
  void aRequestThatBreaksOffNeverLooksWhole(String framing) {
    try (var socket = gate.connect()) {
      var part = framing.startsWith("T") ? "2\r\n{}\r\n" : "{}";
      socket.send(gate.head("POST " + target + " HTTP/1.1", framing) + part);
      socket.finish();
      socket.closes();
    }
    var after = "/api/internal/after-" + marker;
    assertThat(gate.get(after).status()).isEqualTo(200);
    assertThat(gate.recorder().seen("/api/internal/" + marker))
        .allSatisfy(seen -> assertThat(seen.whole()).isFalse());
  }

  @ParameterizedTest
  @ValueSource(ints = {201, 202, 204, 304, 400, 404, 409, 422, 500, 503})
  void aStatusPassesAsItIs(int status) {
    var body = status == 204 || status == 304 ? "\r\n" : "Content-Length: 2\r\n\r\n{}";
    gate.recorder().answerWith("HTTP/1.1 " + status + " Some Words\r\nX-Kept: yes\r\n" + body);
    var answer = get();
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.headers().all("X-Kept")).containsExactly("yes");
    assertThat(answer.text()).isEqualTo(status == 204 || status == 304 ? "" : "{}");
  }

  @Test
  void whatBelongsToTheInnerConnectionStaysThere() {
    gate.recorder()
        .answerWith(
            String.join(
                "\r\n",
                "HTTP/1.1 200 OK",
                "Connection: keep-alive, X-Hop",
                "Keep-Alive: timeout=5",
                "X-Hop: hop",
                "X-Sallyport-Secret: hop",
                "X-Request-Id: theirs",
                "ETag: \"kept\"",
                "Content-Length: 2",
                "",
                "{}"));
    var answer = get();
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.headers().all("ETag")).containsExactly("\"kept\"");
    assertThat(answer.headers().all("Keep-Alive")).isEmpty();
    assertThat(answer.headers().fields()).noneMatch(field -> field.value().contains("hop"));
    assertThat(answer.headers().all("X-Request-Id")).hasSize(1).doesNotContain("theirs");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\r\n\r\n",
        "HTTP/1.1 two hundred\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}x"
      })
  void anAnswerThatCannotBeReadIsNotPassedOn(String garbled) {
    gate.recorder().answerWith(garbled);
    var answer = get();
    assertThat(answer.status()).isIn(502, 503);
    assertProblem(answer.plain(), answer.status());
  }

  @Test
  void anAnswerNobodyAskedForReachesNobody() {
    var twice = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
    gate.recorder().answerWith(twice + "mine" + twice + "evil");
    assertThat(get().text()).isEqualTo("mine");
    gate.recorder().behave(Recorder.Behaviour.ANSWER);
    for (int i = 0; i < 10; i++) {
      assertThat(get().text()).doesNotContain("evil");
    }
  }
}
