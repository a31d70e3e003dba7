package dev.sallyport.data.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Every call of {@link Run}, with crashes everywhere. */
class CrashEverywhereTest {
  private static final Retry THRICE = Retry.upTo(3).fixed(Duration.ofSeconds(10));

  /** Adds one to what it is given. */
  static final class Adder implements Workflow<Integer, Integer> {
    @Override
    public Integer run(Run run, Integer number) {
      run.sleep("think", Duration.ofMinutes(1));
      return run.step("add", () -> number + 1);
    }
  }

  /** Fails after a step. */
  static final class Spoiler implements Workflow<Integer, String> {
    @Override
    public String run(Run run, Integer none) {
      run.step("begin", () -> 1);
      throw new IllegalStateException("spoilt");
    }
  }

  /** Does everything there is. */
  static final class Everything implements Workflow<Everything.Params, List<String>> {
    record Params(int number) {}

    @Override
    public List<String> run(Run run, Params params) {
      var first = run.step("first", THRICE, () -> params.number() + 1, done -> {});
      long row = run.transaction("row", tx -> 0L);
      var changed = run.since("a change");
      run.sleep("nap", Duration.ofMinutes(5));
      var event = run.waitFor("go", String.class);
      var added = run.child("add", Adder.class, first);
      String spoilt;
      try {
        spoilt = run.child("spoil", Spoiler.class, 0);
      } catch (WorkflowError e) {
        spoilt = e.code().wire();
      }
      var both =
          run.<Integer>all(
              List.of(
                  branch -> branch.step("left", () -> 1) + branch.step("left", () -> 2),
                  branch -> {
                    branch.sleep("rest", Duration.ofMinutes(1));
                    return branch.step("right", THRICE, () -> 3, done -> {});
                  }));
      var missed = "";
      try {
        missed = run.waitFor("never", String.class, Duration.ofMinutes(1));
      } catch (WorkflowError e) {
        missed = e.code().wire();
      }
      run.rollback();
      return List.of(
          first + " " + row + " " + changed, event, added + spoilt, both.toString(), missed);
    }
  }

  @CrashEverywhere
  void everythingComesOutTheSame(WorkflowHarness harness) {
    var run =
        harness
            .with(new Everything(), new Adder(), new Spoiler())
            .mock("row", 7L)
            .mockFailure("right", 2, new IllegalStateException("not yet"))
            .start(new Everything.Params(1));
    harness.advance(Duration.ofMinutes(2));
    run.send("go", "gone");
    harness.advance(Duration.ofHours(1));
    assertThat(run.output(String[].class))
        .containsExactly("2 7 true", "gone", "3child-failed", "[3, 3]", "event-timeout");
  }

  @CrashEverywhere
  void aRunThatFailsUndoesTheSame(WorkflowHarness harness) {
    var run = harness.with(new Undoing()).start(null);
    harness.advance(Duration.ofHours(1));
    assertThat(run.error().step()).isEqualTo("fail");
  }

  /** Fails after two steps that can be undone. */
  static final class Undoing implements Workflow<Void, String> {
    @Override
    public String run(Run run, Void none) {
      run.step("a", THRICE, () -> 1, done -> {});
      run.step(
          "b",
          THRICE,
          () -> 1,
          done -> {
            throw new NonRetryable("it stays");
          });
      return run.step(
          "fail",
          THRICE,
          () -> {
            throw new IllegalStateException("no");
          });
    }
  }

  /** Counts outside its steps, which nobody should do. */
  static final class Unsteady implements Workflow<Void, Integer> {
    private final AtomicInteger count = new AtomicInteger();

    @Override
    public Integer run(Run run, Void none) {
      int loaded = count.incrementAndGet();
      run.step("a", () -> 1);
      return loaded;
    }
  }

  @Test
  void codeThatIsNotTheSameAgainIsFoundOutAndTheWriteNamed() {
    assertThatThrownBy(
            () -> new CrashTimes(0).run(harness -> harness.with(new Unsteady()).start(null)))
        .isInstanceOf(AssertionError.class)
        .hasMessage("with a crash before write 1, the output of run-1 is 2, not 1");
  }

  /** Two steps. */
  static final class Steady implements Workflow<Void, Integer> {
    @Override
    public Integer run(Run run, Void none) {
      return run.step("a", () -> 1) + run.step("b", () -> 2);
    }
  }

  @Test
  void eachWriteIsCrashedBeforeAndAfter() {
    // Two steps and the end are three writes.
    assertThat(new CrashTimes(4).run(harness -> harness.with(new Steady()).start(null)))
        .isEqualTo(1 + 2 * 3 + 4);
  }
}
