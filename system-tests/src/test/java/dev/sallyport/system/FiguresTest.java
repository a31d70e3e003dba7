package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the benchmarks say is what Linux says. */
class FiguresTest {
  private static final long SELF = ProcessHandle.current().pid();

  @TempDir Path folder;

  @Test
  void theMedianAndTheSpreadAreOfAllRounds() {
    var rounds = List.of(9.04, 1.0, 5.06);
    assertThat(Statistics.median(rounds, each -> each)).isEqualTo(5.1);
    assertThat(Statistics.spread(rounds, each -> each)).containsExactly(1.0, 9.0);
  }

  @Test
  void cpuTimeGrowsWithWorkAndIsFinerThanTicks() {
    var before = ProcessFigures.cpuOfThreads(SELF);
    long until = System.nanoTime() + Duration.ofMillis(30).toNanos();
    long spun = 0;
    while (System.nanoTime() < until) {
      spun++;
    }
    assertThat(spun).isPositive();
    assertThat(ProcessFigures.cpuOfThreads(SELF)).isGreaterThan(before);
    assertThat(ProcessFigures.cpuOfThreads(SELF)).isGreaterThanOrEqualTo(ProcessFigures.cpu(SELF));
  }

  @Test
  void aProcessesShareOfMemoryIsNoMoreThanWhatIsResident() {
    var memory = Memory.of(SELF);
    // Other processes run from the same files; the two readings are moments apart.
    assertThat(memory.proportionalBytes())
        .isBetween(memory.residentBytes() / 10, memory.residentBytes() * 11 / 10);
  }

  @Test
  void aProcessThatEndsWithoutAnAnswerIsNoStart() {
    try (var start = ColdStart.of(List.of("true"), Map.of(), folder.resolve("log"))) {
      assertThat(start.untilEnd()).isPositive();
      assertThatThrownBy(() -> start.until200(1, "GET / HTTP/1.1\r\n\r\n"))
          .hasMessageContaining("no answer");
    }
  }
}
