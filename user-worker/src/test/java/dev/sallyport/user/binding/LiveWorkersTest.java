package dev.sallyport.user.binding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.user.HandClock;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LiveWorkersTest {
  private static final String ONE = "http://10.0.0.1:8080";
  private static final String TWO = "http://10.0.0.2:8080";

  private final HandClock ticker = new HandClock();
  private Future<Set<String>> stored = Future.succeededFuture(Set.of(ONE));
  private int reads;
  private final LiveWorkers workers =
      new LiveWorkers(
          () -> {
            reads++;
            return stored;
          },
          ticker);

  @Test
  void theListIsReadOnceAndRemembered() {
    assertThat(workers.has(ONE).result()).isTrue();
    assertThat(workers.has(ONE).result()).isTrue();
    assertThat(reads).isEqualTo(1);
  }

  @Test
  void aListOfASecondIsReadAgainInTheBackground() {
    workers.has(ONE);
    stored = Future.succeededFuture(Set.of());
    ticker.advance(LiveWorkers.FRESH_FOR);
    assertThat(workers.has(ONE).result()).isTrue();
    assertThat(workers.has(ONE).result()).isFalse();
    assertThat(reads).isEqualTo(2);
  }

  @Test
  void aListOfTenSecondsIsNotBelieved() {
    workers.has(ONE);
    stored = Future.succeededFuture(Set.of());
    ticker.advance(LiveWorkers.BELIEVED_FOR);
    assertThat(workers.has(ONE).result()).isFalse();
  }

  @Test
  void aWorkerThatHasJustBegunIsFoundAtOnce() {
    workers.has(ONE);
    stored = Future.succeededFuture(Set.of(ONE, TWO));
    ticker.advance(LiveWorkers.AGAIN_AFTER);
    assertThat(workers.has(TWO).result()).isTrue();
    assertThat(reads).isEqualTo(2);
  }

  @Test
  void whoIsNotThereIsLookedForFiveTimesASecondAtTheMost() {
    for (int i = 0; i < 100; i++) {
      assertThat(workers.has(TWO + i).result()).isFalse();
    }
    assertThat(reads).isEqualTo(1);
    ticker.advance(LiveWorkers.AGAIN_AFTER.minusNanos(1));
    assertThat(workers.has(TWO).result()).isFalse();
    assertThat(reads).isEqualTo(1);
    ticker.advance(Duration.ofNanos(1));
    assertThat(workers.has(TWO).result()).isFalse();
    assertThat(reads).isEqualTo(2);
  }

  @Test
  void manyWhoAskAtOnceWaitForOneAnswer() {
    var answer = Promise.<Set<String>>promise();
    stored = answer.future();
    var first = workers.has(ONE);
    var second = workers.has(TWO);
    assertThat(first.isComplete()).isFalse();
    answer.complete(Set.of(ONE));
    assertThat(first.result()).isTrue();
    assertThat(second.result()).isFalse();
    assertThat(reads).isEqualTo(1);
  }

  @Test
  void withoutPostgresTheLastListCounts() {
    workers.has(ONE);
    stored = Future.failedFuture("away");
    ticker.advance(Duration.ofHours(1));
    assertThat(workers.has(ONE).result()).isTrue();
    assertThat(workers.has(TWO).result()).isFalse();
  }

  @Test
  void withoutAnyListNobodyIsAlive() {
    stored = Future.failedFuture("away");
    assertThat(workers.has(ONE).result()).isFalse();
  }
}
