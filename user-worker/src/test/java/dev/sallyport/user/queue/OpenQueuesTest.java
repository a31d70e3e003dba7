package dev.sallyport.user.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.user.HandClock;
import dev.sallyport.user.platform.ProblemException;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OpenQueuesTest {
  private static final Senders USERS = new Senders.Users();

  private final HandClock ticker = new HandClock();
  private Future<Map<String, Senders>> stored = Future.succeededFuture(Map.of("orders", USERS));
  private int reads;
  private final OpenQueues queues =
      new OpenQueues(
          () -> {
            reads++;
            return stored;
          },
          ticker);

  @Test
  void aQueueIsReadOnceAndRemembered() {
    assertThat(queues.find("orders").result()).contains(USERS);
    assertThat(queues.find("orders").result()).contains(USERS);
    assertThat(reads).isEqualTo(1);
  }

  @Test
  void aListOfASecondIsReadAgainInTheBackground() {
    queues.find("orders");
    stored = Future.succeededFuture(Map.of());
    ticker.advance(OpenQueues.FRESH_FOR);
    assertThat(queues.find("orders").result()).contains(USERS);
    assertThat(queues.find("orders").result()).isEmpty();
  }

  @Test
  void aListOfTenSecondsIsNotBelieved() {
    queues.find("orders");
    stored = Future.succeededFuture(Map.of());
    ticker.advance(OpenQueues.BELIEVED_FOR);
    assertThat(queues.find("orders").result()).isEmpty();
  }

  @Test
  void anUnknownQueueIsLookedForOnceASecond() {
    assertThat(queues.find("orders").result()).isPresent();
    assertThat(queues.find("new").result()).isEmpty();
    assertThat(reads).isEqualTo(1);
    stored = Future.succeededFuture(Map.of("new", USERS));
    ticker.advance(OpenQueues.FRESH_FOR);
    assertThat(queues.find("new").result()).isPresent();
    for (int i = 0; i < 100; i++) {
      assertThat(queues.find("newer" + i).result()).isEqualTo(Optional.empty());
    }
    assertThat(reads).isEqualTo(2);
  }

  @Test
  void withoutPostgresTheLastListCounts() {
    queues.find("orders");
    stored = Future.failedFuture("away");
    ticker.advance(Duration.ofHours(1));
    assertThat(queues.find("orders").result()).contains(USERS);
    assertThat(queues.find("other").result()).isEmpty();
  }

  @Test
  void withoutAnyListNothingIsSaidOfAQueue() {
    stored = Future.failedFuture("away");
    assertThat(queues.find("orders").cause()).isInstanceOf(ProblemException.class);
    assertThat(queues.find("orders").cause()).isInstanceOf(ProblemException.class);
    assertThat(reads).isEqualTo(1);
  }
}
