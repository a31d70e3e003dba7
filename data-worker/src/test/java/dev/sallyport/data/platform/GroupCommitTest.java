package dev.sallyport.data.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class GroupCommitTest {
  private static final int BATCH_MAX = 4;
  private static final int QUEUE_MAX = 6;

  /** What Postgres says no to. */
  private static final class Refused extends RuntimeException {}

  private static final class Broken extends RuntimeException {}

  private static final class Full extends RuntimeException {}

  /** One flush that was begun, and its answer. */
  private record Flush(List<String> items, Promise<List<String>> answer) {
    void succeeds() {
      answer.complete(items.stream().map(item -> item + "!").toList());
    }
  }

  private final List<Flush> flushes = new ArrayList<>();
  private final GroupCommit<String, String> commits =
      new GroupCommit<>(
          Runnable::run,
          items -> {
            var flush = new Flush(items, Promise.promise());
            flushes.add(flush);
            return flush.answer().future();
          },
          Refused.class::isInstance,
          item -> item.charAt(0),
          DistributionSummary.builder("sizes").register(new SimpleMeterRegistry()),
          BATCH_MAX,
          QUEUE_MAX,
          item -> new Full());

  private CompletableFuture<String> write(String item) {
    return commits.write(item).toCompletableFuture();
  }

  private List<List<String>> flushed() {
    return flushes.stream().map(Flush::items).toList();
  }

  @Test
  void theFirstIsWrittenAtOnceAndWhatGathersMeanwhileTogetherInOrder() {
    var first = write("a1");
    var second = write("b1");
    var third = write("a2");
    assertThat(flushed()).containsExactly(List.of("a1"));
    assertThat(first).isNotDone();
    flushes.getFirst().succeeds();
    assertThat(first).isCompletedWithValue("a1!");
    assertThat(flushed()).containsExactly(List.of("a1"), List.of("b1", "a2"));
    flushes.getLast().succeeds();
    assertThat(second).isCompletedWithValue("b1!");
    assertThat(third).isCompletedWithValue("a2!");
    assertThat(write("c1")).isNotDone();
    assertThat(flushed()).endsWith(List.of("c1"));
  }

  @Test
  void noBatchIsLargerThanItMayBe() {
    for (var item : List.of("a", "b", "c", "d", "e", "f")) {
      var _ = write(item);
    }
    flushes.getFirst().succeeds();
    flushes.getLast().succeeds();
    assertThat(flushed()).containsExactly(List.of("a"), List.of("b", "c", "d", "e"), List.of("f"));
  }

  @Test
  void moreThanMayWaitAreRefusedAtOnce() {
    for (int i = 0; i <= QUEUE_MAX; i++) {
      assertThat(write("a" + i)).isNotDone();
    }
    assertThatThrownBy(() -> write("z").join()).hasCauseInstanceOf(Full.class);
  }

  @Test
  void anItemThatIsRefusedFailsAlone() {
    var _ = write("x");
    var a = write("a1");
    var b = write("b1");
    var c = write("c1");
    flushes.getFirst().succeeds();
    flushes.getLast().answer().fail(new Refused());
    assertThat(flushed()).endsWith(List.of("a1"));
    flushes.getLast().succeeds();
    flushes.getLast().answer().fail(new Refused());
    flushes.getLast().succeeds();
    assertThat(a).isCompletedWithValue("a1!");
    assertThat(b).isCompletedExceptionally();
    assertThat(c).isCompletedWithValue("c1!");
  }

  @Test
  void afterAnItemThatWasRefusedNothingOfItsSourceIsWritten() {
    var _ = write("x");
    var first = write("a1");
    var other = write("b1");
    var second = write("a2");
    flushes.getFirst().succeeds();
    var third = write("a3");
    flushes.getLast().answer().fail(new Refused()); // all of them
    flushes.getLast().answer().fail(new Refused()); // a1
    flushes.getLast().succeeds(); // b1
    assertThat(first).isCompletedExceptionally();
    assertThat(second).isCompletedExceptionally();
    assertThat(third).isCompletedExceptionally();
    assertThat(other).isCompletedWithValue("b1!");
    assertThat(flushed()).endsWith(List.of("b1"));
    assertThat(write("a4")).isNotDone();
    assertThat(flushed()).endsWith(List.of("a4"));
  }

  @Test
  void afterAFlushWhoseFateIsUnknownNothingOfItsSourcesIsWritten() {
    var first = write("a1");
    var second = write("a2");
    var other = write("b1");
    // Whoever hears of the failure may give more until it has heard of the last.
    var heard =
        first.whenComplete((done, failure) -> {
          var _ = write("a3");
        });
    flushes.getFirst().answer().fail(new Broken());
    assertThat(heard).isCompletedExceptionally();
    assertThat(second).isCompletedExceptionally();
    assertThat(flushed()).containsExactly(List.of("a1"), List.of("b1"));
    flushes.getLast().succeeds();
    assertThat(other).isCompletedWithValue("b1!");
  }

  @Test
  void aFlushThatThrowsFailsItsItemsAndTheNextIsTried() {
    var thrown = new ArrayList<Boolean>();
    var fragile =
        new GroupCommit<String, String>(
            Runnable::run,
            items -> {
              if (thrown.isEmpty()) {
                thrown.add(true);
                throw new Broken();
              }
              return Future.succeededFuture(items);
            },
            Refused.class::isInstance,
            item -> item,
            DistributionSummary.builder("sizes").register(new SimpleMeterRegistry()),
            BATCH_MAX,
            QUEUE_MAX,
            item -> new Full());
    assertThat(fragile.write("a").toCompletableFuture()).isCompletedExceptionally();
    assertThat(fragile.write("b").toCompletableFuture()).isCompletedWithValue("b");
  }
}
