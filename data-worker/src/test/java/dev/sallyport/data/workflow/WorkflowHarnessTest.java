package dev.sallyport.data.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WorkflowHarnessTest {
  private static final Retry THRICE = Retry.upTo(3).fixed(Duration.ofSeconds(10));

  /** Charges, waits for a word of approval, and publishes. */
  static final class Order implements Workflow<Order.Params, Order.Result> {
    record Params(String item, int count) {}

    record Word(boolean yes) {}

    record Result(String receipt, boolean approved, long row) {}

    @Override
    public Result run(Run run, Params params) {
      var receipt = run.step("charge", THRICE, () -> params.item() + "x" + params.count());
      run.sleep("cool down", Duration.ofHours(1));
      var word = run.waitFor("approval", Word.class, Duration.ofDays(1));
      long row = run.transaction("publish", tx -> 1L + tx.execute("SELECT 1").rowCount());
      return new Result(receipt, word.yes(), row);
    }
  }

  private final WorkflowHarness harness = WorkflowHarness.of(new Order()).mock("publish", 7L);
  private final Order.Params pears = new Order.Params("pear", 3);

  @Test
  void aRunGoesAsFarAsItsTimeAllows() {
    var run = harness.start(pears);
    assertThat(run.status()).isEqualTo("waiting");
    assertThat(run.progress()).containsExactly("charge done", "cool down waiting");
    harness.advance(Duration.ofHours(1));
    assertThat(run.waitingFor()).contains("\"event\":\"approval\"");
    run.send("approval", new Order.Word(true));
    assertThat(run.output(Order.Result.class)).isEqualTo(new Order.Result("pearx3", true, 7));
    assertThat(harness.ran()).containsExactly("charge@1", "publish@1");
  }

  @Test
  void failuresAreMockedByAttempt() {
    harness.mockFailure("charge", 2, new IllegalStateException("no money"));
    var run = harness.start(pears);
    assertThat(run.progress()).containsExactly("charge retrying");
    harness.advance(Duration.ofSeconds(20));
    assertThat(run.progress()).containsExactly("charge done", "cool down waiting");
    assertThat(run.steps().getFirst().attempts()).isEqualTo(3);
    assertThat(harness.ran()).containsExactly("charge@1", "charge@2", "charge@3");
  }

  @Test
  void theLastFailureEndsTheRun() {
    harness.mockFailure("charge", 3, new IllegalStateException("no money"));
    var run = harness.start(pears);
    harness.advance(Duration.ofMinutes(1));
    assertThat(run.status()).isEqualTo("errored");
    assertThat(run.error().code()).isEqualTo(WorkflowError.Code.STEP_FAILED);
    assertThat(run.error().step()).isEqualTo("charge");
    assertThat(run.error()).hasMessageContaining("no money").hasMessageContaining("3 attempts");
  }

  @Test
  void anAttemptCanBeMadeToTakeTooLong() {
    harness.timeOut("charge");
    var run = harness.start(pears);
    assertThat(run.steps().getFirst().error()).contains("no result within PT10M");
    harness.advance(Duration.ofSeconds(10));
    assertThat(run.progress()).containsExactly("charge done", "cool down waiting");
  }

  @Test
  void aTransactionThatIsNotMockedSaysSo() {
    var bare = WorkflowHarness.of(new Order());
    var run = bare.start(pears);
    bare.advance(Duration.ofHours(1));
    run.send("approval", new Order.Word(true));
    assertThat(run.error()).hasMessageContaining("harness.mock(\"publish\"");
  }

  @Test
  void timersComeInOrderOfTime() {
    var first = harness.start(pears);
    harness.advance(Duration.ofMinutes(1));
    var second = harness.start(pears);
    harness.advance(Duration.ofDays(2));
    assertThat(List.of(first.error().code(), second.error().code()))
        .containsOnly(WorkflowError.Code.EVENT_TIMEOUT);
    var ends =
        Stream.of(first, second).map(run -> run.look().entries().getLast().endedAt()).toList();
    var late = WorkflowHarness.BEGINNING.plus(Duration.ofHours(25));
    assertThat(ends).containsExactly(late, late.plusSeconds(60));
  }

  @Test
  void aHeldStepKeepsItsRunInMemoryUntilItIsReleased() {
    harness.hold("charge");
    var run = harness.start(pears);
    assertThat(run.status()).isEqualTo("running");
    harness.release("charge");
    assertThat(run.progress()).containsExactly("charge done", "cool down waiting");
  }

  @Test
  void aHeldStepTimesOutWhenItsTimeIsOver() {
    harness.hold("charge");
    var run = harness.start(pears);
    harness.advance(Duration.ofMinutes(9));
    assertThat(run.status()).isEqualTo("running");
    harness.advance(Duration.ofMinutes(1));
    assertThat(run.progress()).containsExactly("charge retrying");
  }

  @Test
  void pausedRunsWaitAndTerminatedOnesAreOver() {
    var run = harness.start(pears).pause();
    harness.advance(Duration.ofHours(2));
    assertThat(run.status()).isEqualTo("paused");
    run.resume();
    assertThat(run.waitingFor()).contains("approval");
    run.terminate();
    assertThat(run.status()).isEqualTo("terminated");
  }
}
