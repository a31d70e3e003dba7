package dev.sallyport.data.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Sleeps, events and children. */
class WaitingTest {
  private static final Duration HOUR = Duration.ofHours(1);

  record Word(String text) {}

  @Test
  void aSleepThatHasPassedIsNone() {
    var harness =
        Code.harness(run -> {
          run.sleepUntil("long ago", WorkflowHarness.BEGINNING.minusSeconds(1));
          return "up";
        });
    assertThat(harness.start(null).output(String.class)).isEqualTo("up");
    assertThat(harness.worker().departures()).containsExactly(Execution.Departure.ENDED);
  }

  @Test
  void aSleepEndsWhenItBeganToMeanToWheneverItIsLoadedAgain() {
    var harness =
        Code.harness(run -> {
          run.sleep("nap", HOUR);
          return "up";
        });
    var run = harness.start(null);
    harness.advance(Duration.ofMinutes(59));
    run.pause().resume();
    assertThat(run.status()).isEqualTo("waiting");
    harness.advance(Duration.ofMinutes(1));
    assertThat(run.output(String.class)).isEqualTo("up");
  }

  @Test
  void anEventMayComeBeforeItIsWaitedFor() {
    var harness =
        Code.harness(run -> {
          run.sleep("nap", HOUR);
          return run.waitFor("go", Word.class).text() + run.waitFor("go", Word.class).text();
        });
    var run = harness.start(null).send("go", new Word("a")).send("go", new Word("b"));
    harness.advance(HOUR);
    assertThat(run.output(String.class)).isEqualTo("ab");
    assertThat(run.look().arrivals()).isEmpty();
  }

  @Test
  void anEventThatComesLateEnoughTimesOutAndIsNotTakenAfterwards() {
    var harness =
        Code.harness(run -> {
          try {
            return run.waitFor("go", Word.class, HOUR).text();
          } catch (WorkflowError e) {
            run.sleep("nap", HOUR);
            return e.code().wire();
          }
        });
    var run = harness.start(null);
    harness.advance(HOUR);
    run.send("go", new Word("late"));
    harness.advance(HOUR);
    assertThat(run.output(String.class)).isEqualTo("event-timeout");
  }

  @Test
  void anEventThatDoesNotFitFailsTheWaitAndIsConsumed() {
    var harness =
        Code.harness(run -> {
          try {
            return run.waitFor("go", Word.class).text();
          } catch (WorkflowError e) {
            return e.code() + run.waitFor("go", Word.class).text();
          }
        });
    var run = harness.start(null).send("go", List.of(1)).send("go", new Word("fits"));
    assertThat(run.output(String.class)).isEqualTo("EVENT_MISFITfits");
  }

  @Test
  void whateverComesMayBeTaken() {
    var harness = Code.harness(run -> run.waitFor("go", Object.class));
    var run = harness.start(null).send("other", 1).send("go", Map.of("n", 1));
    assertThat(run.look().output()).isEqualTo("{\"n\":1}");
    assertThat(run.look().arrivals()).extracting(Ledger.Arrival::name).containsExactly("other");
  }

  @Test
  void twoBranchesThatWaitForTheSameEventTakeOneEach() {
    var harness =
        Code.harness(run ->
            run
                .<String>all(
                    List.of(
                        branch -> branch.waitFor("go", Word.class).text(),
                        branch -> branch.waitFor("go", Word.class).text()))
                .stream()
                .sorted()
                .toList());
    var run = harness.start(null).send("go", new Word("a"));
    assertThat(run.status()).isEqualTo("waiting");
    run.send("go", new Word("b"));
    assertThat(run.output(String[].class)).containsExactly("a", "b");
  }

  @Test
  void anEventReachesABranchInMemoryWhileAStepRunsBesideIt() {
    var harness =
        Code.harness(run ->
            run.<String>all(
                List.of(
                    branch -> {
                      var word = branch.waitFor("go", Word.class).text();
                      return branch.step("after", () -> word);
                    },
                    branch -> branch.step("slow", () -> "s"))));
    harness.hold("slow");
    var run = harness.start(null);
    run.send("go", new Word("a"));
    assertThat(run.status()).isEqualTo("running");
    assertThat(run.progress()).containsExactly("go done", "after done");
    harness.release("slow");
    assertThat(run.output(String[].class)).containsExactly("a", "s");
  }

  @Test
  void aTimerOfOneBranchIsServedWhileAStepRunsInAnother() {
    var harness =
        Code.harness(run ->
            run.<String>all(
                List.of(
                    branch -> {
                      branch.sleep("nap", HOUR);
                      return branch.step("after", () -> "a");
                    },
                    branch ->
                        branch.step(
                            "slow", Retry.NEVER.attemptTimeout(HOUR.plus(HOUR)), () -> "s"))));
    harness.hold("slow");
    var run = harness.start(null);
    harness.advance(HOUR);
    assertThat(run.progress()).containsExactly("nap done", "after done");
    harness.release("slow");
    assertThat(run.output(String[].class)).containsExactly("a", "s");
  }

  @Test
  void whatItWaitsForIsToldTheEarliestFirst() {
    var harness =
        Code.harness(run ->
            run.<Object>all(
                List.of(
                    branch -> branch.waitFor("go", Object.class),
                    branch -> {
                      branch.sleep("nap", HOUR);
                      return 1;
                    },
                    branch ->
                        branch.step(
                            "flaky",
                            Retry.upTo(2).fixed(Duration.ofMinutes(5)),
                            () -> {
                              throw new IllegalStateException("no");
                            }))));
    var run = harness.start(null);
    assertThat(run.waitingFor())
        .isEqualTo(
            "{\"kind\":\"retry\",\"step\":\"flaky\",\"attempt\":2,"
                + "\"until\":\"2026-11-21T08:05:00Z\",\"others\":["
                + "{\"kind\":\"timer\",\"name\":\"nap\",\"until\":\"2026-11-21T09:00:00Z\"},"
                + "{\"kind\":\"event\",\"event\":\"go\",\"until\":\"2026-11-22T08:00:00Z\"}]}");
  }

  @Test
  void aChildHasNoTimeOfItsOwn() {
    var view =
        Waiting.view(
            List.of(new Waiting.Child("adder", "7"), new Waiting.Timer("nap", Instant.EPOCH)));
    assertThat(view.kind()).isEqualTo("timer");
    assertThat(view.others()).extracting(Waiting.View::id).containsExactly("7");
  }

  // ---- children

  static final class Kid implements Workflow<Integer, Word> {
    @Override
    public Word run(Run run, Integer number) {
      if (number < 0) {
        throw new IllegalArgumentException("negative");
      }
      run.sleep("grow", HOUR);
      return new Word("kid " + number);
    }
  }

  static final class Parent implements Workflow<Integer, List<String>> {
    @Override
    public List<String> run(Run run, Integer number) {
      var said = new ArrayList<String>();
      for (int i = 0; i < 2; i++) {
        try {
          said.add(run.child("kid", Kid.class, number - i).text());
        } catch (WorkflowError e) {
          said.add(e.code() + " " + e.step() + ": " + e.getMessage());
        }
      }
      return said;
    }
  }

  @Test
  void aChildsResultAndItsFailureReachItsParent() {
    var harness = WorkflowHarness.of(new Parent(), new Kid());
    var run = harness.start(0);
    assertThat(run.waitingFor()).contains("\"kind\":\"child\",\"type\":\"kid\"");
    harness.advance(HOUR);
    assertThat(run.output(String[].class))
        .containsExactly(
            "kid 0", "CHILD_FAILED kid#2: child kid#2 failed: IllegalArgumentException: negative");
  }

  @Test
  void aChildThatIsTerminatedFailsItsCallAndATerminatedParentTakesItAlong() {
    var harness = WorkflowHarness.of(new Parent(), new Kid());
    var run = harness.start(1);
    long first = run.pk() + 1;
    harness.worker().take(first, RunStatus.TERMINATED);
    long second = first + 1;
    assertThat(harness.worker().ledger().look(second).status()).isEqualTo(RunStatus.WAITING);
    run.terminate();
    assertThat(harness.worker().ledger().look(second).status()).isEqualTo(RunStatus.TERMINATED);
  }
}
