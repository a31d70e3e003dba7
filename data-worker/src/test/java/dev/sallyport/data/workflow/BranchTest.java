package dev.sallyport.data.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Branches, undoing, changes of the code, and leaving memory. */
class BranchTest {
  private static final Duration HOUR = Duration.ofHours(1);

  // ---- branches

  @Test
  void resultsComeInOrderAndBranchesMayHaveBranches() {
    var harness =
        Code.harness(run ->
            run.<Object>all(
                List.of(
                    branch -> {
                      branch.sleep("nap", HOUR);
                      return branch.<Object>all(
                          List.of(
                              inner -> inner.step("a", () -> "a"),
                              inner -> {
                                inner.sleep("nap", HOUR);
                                return inner.step("b", () -> "b");
                              }));
                    },
                    branch -> List.of(branch.step("c", () -> "c")))));
    var run = harness.start(null);
    harness.advance(HOUR);
    assertThat(run.steps())
        .extracting(step -> step.branch() + " " + step.key() + " " + step.status())
        .containsExactly("0.0 nap done", "0.0/0.0 a done", "0.0/0.1 nap waiting", "0.1 c done");
    harness.advance(HOUR);
    assertThat(run.look().output()).isEqualTo("[[\"a\",\"b\"],[\"c\"]]");
    assertThat(harness.ran()).containsExactlyInAnyOrder("a@1", "b@1", "c@1");
  }

  @Test
  void noBranchesGiveNoResultsAndMoreThanAHundredAreRefused() {
    var none = Code.harness(run -> run.all(List.<Run.Branch<Object>>of()));
    assertThat(none.start(null).output(Object[].class)).isEmpty();
    var many =
        Code.harness(run ->
            run.all(
                IntStream.range(0, 101).mapToObj(i -> (Run.Branch<Integer>) branch -> i).toList()));
    assertThat(many.start(null).error()).hasMessageContaining("at most 100 branches");
  }

  @Test
  void theFirstFailureByOrderIsThrownOnceAllOthersAreDone() {
    var harness =
        Code.harness(run ->
            run.<String>all(
                List.of(
                    branch -> {
                      branch.sleep("nap", HOUR);
                      throw new IllegalStateException("first by order");
                    },
                    branch -> {
                      throw new IllegalStateException("first by time");
                    },
                    branch -> {
                      branch.sleep("long nap", HOUR.plus(HOUR));
                      return branch.step("late", () -> "done all the same");
                    })));
    var run = harness.start(null);
    harness.advance(HOUR);
    assertThat(run.status()).isEqualTo("waiting");
    harness.advance(HOUR);
    assertThat(run.error()).hasMessageContaining("first by order");
    assertThat(run.progress()).contains("late done");
  }

  // ---- undoing

  private static String undoable(Run run, String name, ConcurrentLinkedQueue<String> log) {
    return run.step(
        name,
        Retry.NEVER,
        () -> {
          log.add(name);
          return name;
        },
        done -> log.add("undo " + done));
  }

  @Test
  void stepsAreUndoneInReverseOverBranchesToo() {
    var log = new ConcurrentLinkedQueue<String>();
    var harness =
        Code.harness(run -> {
          undoable(run, "a", log);
          run.all(
              List.of(
                  branch -> {
                    branch.sleep("later", HOUR);
                    return undoable(branch, "b", log);
                  },
                  branch -> undoable(branch, "c", log)));
          undoable(run, "d", log);
          throw new IllegalStateException("all of it");
        });
    var run = harness.start(null);
    harness.advance(HOUR);
    assertThat(run.error()).hasMessage("IllegalStateException: all of it");
    // By the order of branches, not of time, which another run could not repeat.
    assertThat(log).containsExactly("a", "c", "b", "d", "undo d", "undo c", "undo b", "undo a");
  }

  @Test
  void whatFailedToBeUndoneIsAddedToTheReasonAndTheOthersAreUndoneStill() {
    var log = new ConcurrentLinkedQueue<String>();
    var harness =
        Code.harness(run -> {
          undoable(run, "a", log);
          undoable(run, "b", log);
          throw new IllegalStateException("reason");
        });
    harness.mockFailure("undo b", 5, new NonRetryable("b stays"));
    var run = harness.start(null);
    assertThat(run.error().code()).isEqualTo(WorkflowError.Code.FAILED);
    assertThat(run.error()).hasMessageContaining("reason; then ").hasMessageContaining("b stays");
    assertThat(log).containsExactly("a", "b", "undo a");
  }

  @Test
  void whatWasRolledBackIsNotUndoneAgain() {
    var log = new ConcurrentLinkedQueue<String>();
    var harness =
        Code.harness(run -> {
          undoable(run, "a", log);
          run.rollback();
          undoable(run, "b", log);
          throw new IllegalStateException("reason");
        });
    harness.start(null);
    assertThat(log).containsExactly("a", "undo a", "b", "undo b");
  }

  @Test
  void anUndoIsTriedAgainLikeAStep() {
    var log = new ConcurrentLinkedQueue<String>();
    var harness =
        Code.harness(run -> {
          undoable(run, "a", log);
          throw new IllegalStateException("reason");
        });
    harness.mockFailure("undo a", 2, new IllegalStateException("not yet"));
    var run = harness.start(null);
    assertThat(run.status()).isEqualTo("waiting");
    harness.advance(Duration.ofMinutes(1));
    assertThat(run.status()).isEqualTo("errored");
    assertThat(log).containsExactly("a", "undo a");
  }

  // ---- changes of the code

  @Test
  void codeThatChangedIsFoundOutNamingBoth() {
    var isNew = new AtomicBoolean();
    var log = new ConcurrentLinkedQueue<String>();
    var harness =
        Code.harness(run -> {
          undoable(run, "kept", log);
          if (isNew.get()) {
            run.sleep("charge", HOUR);
          } else {
            run.step("charge", () -> 1);
          }
          run.sleep("nap", HOUR);
          return 1;
        });
    var run = harness.start(null);
    isNew.set(true);
    harness.advance(HOUR);
    assertThat(run.error().code()).isEqualTo(WorkflowError.Code.DIVERGED);
    assertThat(run.error())
        .hasMessageContaining("at entry 2 the journal has step 'charge'")
        .hasMessageContaining("the code now asks for sleep 'charge'");
    assertThat(log).as("nothing is undone by code that is not the run's").containsExactly("kept");
  }

  @Test
  void aBranchThatChangedIsNamed() {
    var name = new AtomicReference<>("old");
    var harness =
        Code.harness(run ->
            run.<Integer>all(
                List.of(
                    branch -> 0,
                    branch -> {
                      int one = branch.step(name.get(), () -> 1);
                      branch.sleep("nap", HOUR);
                      return one;
                    })));
    var run = harness.start(null);
    name.set("new");
    harness.advance(HOUR);
    assertThat(run.error().code()).isEqualTo(WorkflowError.Code.DIVERGED);
    assertThat(run.error())
        .hasMessageContaining("entry 1 of branch 0.1")
        .hasMessageContaining("step 'old'")
        .hasMessageContaining("step 'new'");
  }

  @Test
  void codeThatCatchesEverythingCannotHideThatItChanged() {
    var name = new AtomicReference<>("old");
    var harness =
        Code.harness(run -> {
          try {
            run.step(name.get(), () -> 1);
          } catch (WorkflowError e) {
            run.sleep("longer", HOUR);
          }
          run.sleep("nap", HOUR);
          return 1;
        });
    var run = harness.start(null);
    name.set("new");
    harness.advance(HOUR);
    assertThat(run.error().code()).isEqualTo(WorkflowError.Code.DIVERGED);
  }

  @Test
  void aRunThatWasPastAChangeStaysWithTheOldCodeAndANewOneTakesTheNew() {
    var isNew = new AtomicBoolean();
    var harness =
        Code.harness(run -> {
          run.step("first", () -> 1);
          if (isNew.get() && run.since("fee")) {
            run.step("fee", () -> 2);
          }
          run.step("second", () -> 3);
          run.sleep("nap", HOUR);
          return isNew.get() && run.since("late") ? "late" : "early";
        });
    var old = harness.start(null);
    isNew.set(true);
    var young = harness.start(null);
    harness.advance(HOUR);
    assertThat(old.progress())
        .containsExactly("first done", "second done", "nap done", "late done");
    assertThat(young.progress())
        .containsExactly(
            "first done", "fee done", "fee done", "second done", "nap done", "late done");
    assertThat(old.output(String.class)).isEqualTo("late");
  }

  // ---- leaving memory

  @Test
  void codeThatCatchesEveryExceptionStillLeavesMemoryToWait() {
    var caught = new ArrayList<String>();
    var harness =
        Code.harness(run -> {
          try {
            run.sleep("nap", HOUR);
          } catch (Exception e) {
            caught.add(e.toString());
          } finally {
            run.step("finally", () -> 1);
          }
          return "up";
        });
    var run = harness.start(null);
    assertThat(run.status()).isEqualTo("waiting");
    assertThat(harness.worker().inMemory()).isEmpty();
    harness.advance(HOUR);
    assertThat(run.output(String.class)).isEqualTo("up");
    assertThat(run.progress()).containsExactly("nap done", "finally done");
    assertThat(caught).isEmpty();
  }

  @Test
  void codeThatCatchesEvenTheErrorWritesNothingMore() {
    var harness =
        Code.harness(run -> {
          try {
            run.sleep("nap", HOUR);
            return "up";
          } catch (Throwable e) {
            return "wrong";
          }
        });
    var run = harness.start(null);
    assertThat(run.status()).isEqualTo("waiting");
    harness.advance(HOUR);
    assertThat(run.output(String.class)).isEqualTo("up");
  }

  @Test
  void aRunThatIsTakenInTheMiddleOfAStepWritesNothing() {
    var harness = Code.harness(run -> run.step("slow", () -> "by attempt " + run.attempt()));
    harness.worker().script().holdStubbornly("slow");
    var run = harness.start(null);
    int writes = harness.worker().ledger().writes();
    run.pause();
    harness.worker().script().release("slow");
    assertThat(run.progress()).isEmpty();
    assertThat(harness.worker().ledger().writes()).isEqualTo(writes);
    run.resume();
    assertThat(run.output(String.class)).isEqualTo("by attempt 1");
  }

  @Test
  void anExceptionThatAnInterruptCausedWhenTheRunWasTakenIsNoFailureOfTheStep() {
    var harness = Code.harness(run -> run.step("slow", Retry.NEVER, () -> "done"));
    harness.hold("slow");
    var run = harness.start(null).pause();
    harness.worker().script().release("slow");
    run.resume();
    assertThat(run.output(String.class)).isEqualTo("done");
  }
}
