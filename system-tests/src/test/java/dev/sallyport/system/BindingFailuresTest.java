package dev.sallyport.system;

import static dev.sallyport.system.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The private side is down, hangs, or dies in the middle: what the client is told, and when. */
@ExtendWith(SharedDeployment.class)
class BindingFailuresTest {
  private static final Duration REFUSED_WITHIN = Duration.ofMillis(100);
  private static final int TRIES = 7;

  private final Gate gate;
  private final String marker = Gate.marker();
  private final String target = "/api/internal/" + marker;

  BindingFailuresTest(Gate gate) {
    this.gate = gate;
  }

  @AfterEach
  void thePrivateSideIsBack() {
    gate.recorder().behave(Recorder.Behaviour.ANSWER);
    await().atMost(Duration.ofSeconds(5)).until(() -> gate.get(target).status() == 200);
  }

  /**
   * The median of a few tries counts: one alone may meet a collection of garbage or a busy core,
   * here or there.
   */
  @Test
  void downIs503AtOnceAndWorthARetry() {
    assertThat(gate.get(target).status()).isEqualTo(200);
    gate.recorder().goAway();
    try {
      var took = new ArrayList<Duration>();
      for (int i = 0; i < TRIES; i++) {
        long began = System.nanoTime();
        var answer = gate.get(target);
        took.add(Duration.ofNanos(System.nanoTime() - began));
        var problem = assertProblem(answer, 503, "binding-down");
        assertThat(problem.required("retryable").asBoolean()).isTrue();
        assertThat(answer.body()).doesNotContain("127.0.0.1", "Connection refused");
      }
      assertThat(took.stream().sorted().toList().get(TRIES / 2)).isLessThan(REFUSED_WITHIN);
      assertProblem(post("{}"), 503, "binding-down");
    } finally {
      gate.recorder().comeBack();
    }
    await().atMost(Duration.ofSeconds(5)).until(() -> gate.get(target).status() == 200);
  }

  private Answer post(String json) {
    return gate.userWorker().http().post(target, json, "Authorization", gate.session().bearer());
  }

  @Test
  void healthSaysThatItIsDown() {
    gate.recorder().goAway();
    try {
      await()
          .atMost(Duration.ofSeconds(5))
          .untilAsserted(() -> {
            var health = gate.userWorker().http().get("/health");
            assertThat(health.status()).isEqualTo(200);
            assertThat(health.json().required("status").asText()).isEqualTo("degraded");
            var binding = health.json().required("bindings").required("BACKEND_SERVICE");
            assertThat(binding.required("status").asText()).isEqualTo("down");
          });
      assertThat(gate.userWorker().management().get("/q/health/ready").status()).isEqualTo(200);
    } finally {
      gate.recorder().comeBack();
    }
  }

  @Test
  void hangingIs504AtTheDeadline() {
    assertThat(gate.get(target).status()).isEqualTo(200);
    gate.recorder().behave(Recorder.Behaviour.HANG);
    long began = System.nanoTime();
    var get = assertProblem(gate.get(target), 504, "binding-timeout");
    assertThat(Duration.ofNanos(System.nanoTime() - began))
        .isBetween(Gate.TIMEOUT, Gate.TIMEOUT.plusSeconds(1));
    assertThat(get.required("retryable").asBoolean()).isTrue();
    var post = assertProblem(post("{}"), 504, "binding-timeout");
    assertThat(post.required("retryable").asBoolean()).as("it may have had its effect").isFalse();
  }

  @Test
  void aHangingUpgradeIs504AtTheDeadline() {
    gate.recorder().behave(Recorder.Behaviour.HANG);
    try (var socket = WsClient.open(gate.userWorker().port(), target, gate.authorization())) {
      assertProblem(socket.answer().plain(), 504, "binding-timeout");
    }
  }

  @Test
  void aSlowBodyIsNotALateAnswer() {
    gate.recorder().behave(Recorder.Behaviour.DRIP);
    var answer = gate.get(target);
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("x".repeat(10));
  }

  @Test
  void dyingBeforeTheHeadIsAnErrorOfOurs() {
    gate.recorder().behave(Recorder.Behaviour.RESET);
    var get = gate.get(target);
    assertThat(get.status()).isIn(502, 503);
    assertProblem(get, get.status());
    var answer = post("{}");
    var post = assertProblem(answer, answer.status());
    assertThat(post.required("retryable").asBoolean()).as("it may have had its effect").isFalse();
  }

  @Test
  void dyingInASizedBodyCutsTheClient() {
    assertCut(Recorder.Behaviour.DIE_IN_SIZED_BODY);
  }

  @Test
  void dyingInAChunkedBodyCutsTheClientWithoutALastChunk() {
    assertCut(Recorder.Behaviour.DIE_IN_CHUNKED_BODY);
  }

  private void assertCut(Recorder.Behaviour behaviour) {
    gate.recorder().behave(behaviour);
    try (var socket = gate.connect()) {
      socket.send(gate.head("GET " + target + " HTTP/1.1"));
      var answer = socket.answer();
      if (answer.status() == 200) {
        assertThat(answer.whole()).as("a truncated 200 that looks whole").isFalse();
        assertThat(answer.body().length()).isLessThanOrEqualTo(500);
      } else {
        assertProblem(answer.plain(), answer.status());
      }
      if (answer.status() == 200) {
        assertThat(socket.closes()).isTrue();
      }
    }
  }

  @Test
  void anAnswerFor421NeverLeaves() {
    gate.recorder().behave(Recorder.Behaviour.MISDIRECT);
    var answer = gate.get(target);
    assertThat(answer.status()).isIn(502, 503);
    assertProblem(answer, answer.status());
  }

  @Test
  void aClientThatLeavesFreesThePrivateSide() {
    gate.recorder().behave(Recorder.Behaviour.HANG);
    var socket = gate.connect();
    socket.send(gate.head("GET " + target + " HTTP/1.1"));
    await().atMost(Duration.ofSeconds(5)).until(() -> gate.recorder().seen(marker).size() == 1);
    int open = gate.recorder().connections();
    socket.close();
    await().atMost(Duration.ofMillis(900)).until(() -> gate.recorder().connections() < open);
  }
}
