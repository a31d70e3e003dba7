package dev.sallyport.data.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class AssignmentTest {
  @Test
  void everyPartitionHasOneWorkerAndNoWorkerMoreThanItsShare() {
    for (int workers = 1; workers <= 12; workers++) {
      for (int partitions : new int[] {1, 8, 13, 64}) {
        var assigned = Assignment.of("q", partitions, upTo(workers));
        assertThat(assigned).hasSize(partitions);
        assertThat(loads(assigned).values()).allMatch(atMost(Math.ceilDiv(partitions, workers)));
      }
    }
  }

  private static Predicate<Long> atMost(int share) {
    return load -> load <= share;
  }

  @Test
  void theOrderInWhichWorkersAreKnownDoesNotMatter() {
    var workers = new ArrayList<>(upTo(7));
    var assigned = Assignment.of("q", 32, workers);
    Collections.reverse(workers);
    assertThat(Assignment.of("q", 32, workers)).isEqualTo(assigned);
  }

  @Test
  void aWorkerMoreMovesLittleMoreThanItsShare() {
    var before = Assignment.of("q", 64, upTo(4));
    var after = Assignment.of("q", 64, upTo(5));
    long moved =
        before.entrySet().stream()
            .filter(one -> !one.getValue().equals(after.get(one.getKey())))
            .count();
    assertThat(moved).isBetween(10L, 30L);
  }

  @Test
  void withoutWorkersNobodyHasAny() {
    assertThat(Assignment.of("q", 8, List.of())).isEmpty();
  }

  private static List<Long> upTo(int count) {
    return LongStream.rangeClosed(1, count).boxed().toList();
  }

  private static Map<Long, Long> loads(Map<Integer, Long> assigned) {
    return assigned.values().stream()
        .collect(Collectors.groupingBy(worker -> worker, Collectors.counting()));
  }
}
