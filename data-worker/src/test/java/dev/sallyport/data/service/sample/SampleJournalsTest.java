package dev.sallyport.data.service.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.workflow.CrashEverywhere;
import dev.sallyport.data.workflow.JournalReplay;
import dev.sallyport.data.workflow.WorkflowHarness;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Samples over journals in memory, and over those that were kept of them. */
class SampleJournalsTest {
  private static final SampleSettings OPEN = () -> true;

  private static WorkflowHarness with(WorkflowHarness harness) {
    return harness
        .with(new SampleSteps(OPEN), new SampleApproval(OPEN), new SampleCount(OPEN))
        .mock("add", 1L)
        .mock("add#2", 2L);
  }

  @Test
  void runsThatWereKeptGoOnWithTodaysCode() {
    var harness = with(WorkflowHarness.of());
    var steps = harness.start(SampleSteps.class, new SampleSteps.Plan(3, 1000L, 1));
    harness.advance(Duration.ofMillis(500));
    JournalReplay.keep(steps, "asleep");
    harness.advance(Duration.ofMinutes(1));
    assertThat(steps.output(SampleSteps.Done.class)).isEqualTo(new SampleSteps.Done(3));
    JournalReplay.keep(steps, "complete");
    var broken = harness.start(SampleSteps.class, new SampleSteps.Plan(1, null, 9));
    harness.advance(Duration.ofMinutes(1));
    assertThat(broken.status()).isEqualTo("errored");
    JournalReplay.keep(broken, "errored");
    var approval = harness.start(SampleApproval.class, new SampleApproval.Nothing());
    JournalReplay.keep(approval, "waiting");
    approval.send("approval", Map.of("by", "bob"));
    assertThat(approval.status()).isEqualTo("complete");
    JournalReplay.keep(approval, "complete");
    var count = harness.start(SampleCount.class, new SampleCount.Plan("pears", 2));
    assertThat(count.output(SampleCount.Counted.class))
        .isEqualTo(new SampleCount.Counted("pears", 2));
    JournalReplay.keep(count, "complete");
    JournalReplay.of(new SampleSteps(OPEN), new SampleApproval(OPEN), new SampleCount(OPEN))
        .checkAll();
  }

  @CrashEverywhere
  void stepsAndSleepsComeToTheSameWhateverCrashes(WorkflowHarness harness) {
    var run = with(harness).start(SampleSteps.class, new SampleSteps.Plan(2, 1000L, 1));
    harness.advance(Duration.ofMinutes(1));
    assertThat(run.output(SampleSteps.Done.class)).isEqualTo(new SampleSteps.Done(2));
  }
}
