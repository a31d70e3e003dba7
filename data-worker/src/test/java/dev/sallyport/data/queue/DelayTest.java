package dev.sallyport.data.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.Eventually;
import dev.sallyport.local.StackResource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.junit.jupiter.api.Test;

/** Many messages of the same keys, due at different times. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class DelayTest {
  private static final int KEYS = 20;
  private static final int EACH = 100;
  private static final int SHORTEST_MILLIS = 2_000;
  private static final int LONGEST_MILLIS = 5_000;

  @Inject LogWriter log;
  @Inject TestQueue queue;
  @Inject Shards shards;

  /** One that was sent. */
  private record Sent(String id, int key, Duration delay, CompletionStage<RecordMetadata> taken) {
    private RecordMetadata record() {
      return taken.toCompletableFuture().join();
    }

    long due() {
      return record().timestamp() + delay.toMillis();
    }

    long offset() {
      return record().offset();
    }
  }

  @Test
  void messagesOfAKeyComeInTheOrderInWhichTheyBecomeDue() {
    Eventually.is("all partitions are consumed", () -> shards.count() >= 32);
    long seed = System.nanoTime();
    var random = new Random(seed);
    var me = UUID.randomUUID().toString().substring(0, 8);
    var sent = new ArrayList<Sent>();
    for (int i = 0; i < KEYS * EACH; i++) {
      int key = random.nextInt(KEYS);
      var id = me + "-" + key + "-" + i;
      var delay = Duration.ofMillis(random.nextInt(SHORTEST_MILLIS, LONGEST_MILLIS));
      sent.add(new Sent(id, key, delay, log.send(TestQueue.NAME, id, me + key, delay, "{}")));
    }
    Eventually.is("all are handled, seed " + seed, () -> queue.ids(me + "-").size() == sent.size());
    for (int key = 0; key < KEYS; key++) {
      var of = key;
      assertThat(queue.ids(me + "-" + key + "-"))
          .as("key " + key + ", seed " + seed)
          .isEqualTo(inOrder(sent.stream().filter(one -> one.key() == of).toList()));
    }
  }

  private static List<String> inOrder(List<Sent> sent) {
    return sent.stream()
        .sorted(Comparator.comparingLong(Sent::due).thenComparingLong(Sent::offset))
        .map(Sent::id)
        .toList();
  }
}
