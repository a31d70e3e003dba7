package dev.sallyport.data.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.data.workflow.Entry.Kind;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class JournalTest {
  private static final Position FIRST = new Position("", 0);
  private static final Position SECOND = new Position("", 1);

  private static Entry entry(Position at, Kind kind, String key) {
    var now = Instant.EPOCH;
    return new Entry(at, kind, key, Entry.Status.DONE, 1, "1", null, null, null, now, now);
  }

  private final Journal journal =
      new Journal(List.of(entry(FIRST, Kind.STEP, "load"), entry(SECOND, Kind.CHANGE, "fee")));

  @Test
  void whatWasRecordedIsGivenBackAndWhatWasNotIsNew() {
    assertThat(journal.recall(FIRST, Kind.STEP, "load")).isNotNull();
    assertThat(journal.recall(new Position("0.1", 0), Kind.STEP, "load")).isNull();
  }

  @Test
  void codeThatAsksForSomethingElseIsToldBothNames() {
    assertThatThrownBy(() -> journal.recall(FIRST, Kind.STEP, "save"))
        .isInstanceOfSatisfying(
            WorkflowError.class,
            error -> assertThat(error.code()).isEqualTo(WorkflowError.Code.DIVERGED))
        .hasMessageContaining("step 'load'")
        .hasMessageContaining("step 'save'");
  }

  @Test
  void codeThatEndsBeforeItsJournalIsToldWhatIsLeft() {
    journal.recall(FIRST, Kind.STEP, "load");
    assertThatThrownBy(journal::requireAllAsked)
        .isInstanceOf(WorkflowError.class)
        .hasMessageContaining("change 'fee'");
    assertThat(journal.has(SECOND, Kind.CHANGE, "fee")).isTrue();
    assertThatCode(journal::requireAllAsked).doesNotThrowAnyException();
  }
}
