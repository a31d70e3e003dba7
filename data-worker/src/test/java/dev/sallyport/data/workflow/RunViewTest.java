package dev.sallyport.data.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RunViewTest {
  private static final Instant AT = Instant.parse("2026-11-21T10:00:00.5Z");

  private static RunRow run(RunStatus status, @Nullable String output, @Nullable String error) {
    return new RunRow(
        1,
        "order",
        "o-1",
        2,
        1,
        "ada",
        status,
        "{ \"a\" : 1.10 }",
        output,
        error,
        null,
        3,
        1,
        AT,
        AT);
  }

  @Test
  void whatIsAbsentIsLeftOutAndWhatWasKeptGoesOutAsItWas() {
    assertThat(RunView.whole(run(RunStatus.QUEUED, null, null), "{\"kind\":\"timer\"}", List.of()))
        .isEqualTo(
            """
            {"id":"o-1","type":"order","version":2,"status":"queued",\
            "createdAt":"2026-11-21T10:00:00.500Z","updatedAt":"2026-11-21T10:00:00.500Z",\
            "params":{ "a" : 1.10 },"waitingFor":{"kind":"timer"},"steps":[]}\
            """);
  }

  @Test
  void aStepSaysWhatBecameOfIt() {
    var note = new ErrorNote(WorkflowError.Code.STEP_FAILED, "no \"luck\"\n", "a#2", true);
    var entry =
        new Entry(
            new Position("0.1", 3),
            Entry.Kind.STEP,
            "a#2",
            Entry.Status.FAILED,
            5,
            null,
            null,
            note,
            null,
            AT,
            AT);
    assertThat(RunView.step(StepRow.of(List.of(entry)).getFirst()))
        .isEqualTo(
            """
            {"name":"a#2","kind":"step","branch":"0.1","status":"failed","attempts":5,\
            "startedAt":"2026-11-21T10:00:00.500Z","endedAt":"2026-11-21T10:00:00.500Z",\
            "error":{"code":"step-failed","message":"no \\"luck\\"\\n","step":"a#2",\
            "retryable":true}}\
            """);
  }

  @Test
  void theIdOfAChildThatIsUnderWayIsNoOutput() {
    var entry =
        new Entry(
            new Position("", 0),
            Entry.Kind.CHILD,
            "kid",
            Entry.Status.WAITING,
            0,
            "0190-id",
            null,
            null,
            null,
            AT,
            null);
    assertThat(RunView.step(StepRow.of(List.of(entry)).getFirst())).doesNotContain("0190-id");
  }
}
