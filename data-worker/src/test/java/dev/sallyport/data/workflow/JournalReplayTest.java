package dev.sallyport.data.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class JournalReplayTest {
  private static final Retry TWICE = Retry.upTo(2).fixed(Duration.ofMinutes(1));

  record Note(String text) {}

  /** Adds one. */
  static final class GoldenChild implements Workflow<Integer, Integer> {
    @Override
    public Integer run(Run run, Integer number) {
      return run.step("add", () -> number + 1);
    }
  }

  /** Asks for everything that a journal can hold. */
  static final class Golden implements Workflow<Integer, Note> {
    @Override
    public Note run(Run run, Integer number) {
      var made = run.step("make", TWICE, () -> new Note("note " + number), done -> {});
      long row = run.transaction("row", tx -> 0L);
      var changed = run.since("change");
      run.sleep("nap", Duration.ofHours(1));
      var word = run.waitFor("word", Note.class);
      int more = run.child("child", GoldenChild.class, number);
      var both =
          run.<String>all(
              List.of(
                  branch -> branch.step("left", () -> "l"),
                  branch -> {
                    branch.sleep("rest", Duration.ofMinutes(1));
                    return branch.step("right", () -> "r");
                  }));
      var missed = "";
      try {
        run.step(
            "fail",
            TWICE,
            () -> {
              throw new IllegalStateException("no");
            });
      } catch (WorkflowError e) {
        missed = e.code().wire();
      }
      run.rollback();
      return new Note(made.text() + row + changed + word.text() + more + both + missed);
    }
  }

  private static final JournalReplay REPLAY = JournalReplay.of(new Golden(), new GoldenChild());

  @Test
  void journalsOfEveryKindOfEntryGoOnWithTodaysCode() {
    var harness = WorkflowHarness.of(new Golden(), new GoldenChild()).mock("row", 7L);
    var run = harness.start(1);
    JournalReplay.keep(run, "asleep");
    assertThat(REPLAY.misfit(run.stored())).isNull();
    harness.advance(Duration.ofHours(1));
    run.send("word", new Note("w"));
    harness.advance(Duration.ofMinutes(1));
    assertThat(run.waitingFor()).contains("retry");
    JournalReplay.keep(run, "retrying");
    harness.advance(Duration.ofHours(1));
    assertThat(run.output(Note.class).text()).isEqualTo("note 17truew2[l, r]step-failed");
    JournalReplay.keep(run, "complete");
    assertThat(REPLAY.misfit(run.stored())).isNull();
    REPLAY.checkAll();
  }

  /** What the code of {@link Changing} does. */
  private static volatile Function<Run, Integer> code = run -> 0;

  static final class Changing implements Workflow<Integer, Integer> {
    @Override
    public Integer run(Run run, Integer number) {
      return code.apply(run);
    }
  }

  private static String misfit(Function<Run, Integer> before, Function<Run, Integer> now) {
    code = before;
    var harness = WorkflowHarness.of(new Changing());
    var run = harness.start(0);
    code = now;
    return String.valueOf(JournalReplay.of(new Changing()).misfit(run.stored()));
  }

  private static int both(Run run) {
    return run.step("a", () -> 1) + run.step("b", () -> 2);
  }

  @Test
  void theSameCodeFitsAndNoBodyIsRun() {
    assertThat(
            misfit(
                JournalReplayTest::both,
                run -> run.<Integer>step("a", () -> 100) + run.<Integer>step("b", () -> 200)))
        .isEqualTo("null");
  }

  @Test
  void aStepWithAnotherNameIsToldWithBoth() {
    assertThat(misfit(JournalReplayTest::both, run -> run.step("z", () -> 1)))
        .contains("the journal has step 'a' but the code now asks for step 'z'");
  }

  @Test
  void aStepThatIsGoneIsTold() {
    assertThat(misfit(JournalReplayTest::both, run -> run.step("a", () -> 1)))
        .contains("the journal has step 'b', which the code does not ask for any more");
  }

  @Test
  void aStepMoreThanTheRunHadIsToldWithoutBeingDone() {
    assertThat(misfit(JournalReplayTest::both, run -> both(run) + run.step("c", () -> 3)))
        .isEqualTo("the run was over, but the code now goes on with 'c'");
  }

  @Test
  void anotherOutputIsTold() {
    assertThat(misfit(JournalReplayTest::both, run -> -both(run)))
        .isEqualTo("the output was 3 and would now be -3");
  }

  @Test
  void aRunThatIsNotOverMayGoOnWithWhateverComesAfterItsJournal() {
    Function<Run, Integer> sleeping =
        run -> {
          int first = run.step("a", () -> 1);
          run.sleep("nap", Duration.ofHours(1));
          return first;
        };
    assertThat(misfit(sleeping, run -> sleeping.apply(run) + run.step("more", () -> 1)))
        .isEqualTo("null");
  }
}
