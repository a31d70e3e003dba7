package dev.sallyport.data.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.Eventually;
import dev.sallyport.local.StackResource;
import dev.sallyport.model.QueuedMessage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Between a client of Kafka that is no real one and shards that are. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class LogTopicTest {
  private static final String QUEUE = "log-topic-test";

  @Inject SettleSql sql;

  private final WokenConsumer consumer = new WokenConsumer();
  private final LogTopic log = new LogTopic(() -> consumer, new SimpleMeterRegistry());
  private final List<Shard> shards = new ArrayList<>();

  /**
   * Is woken up by each question of where it is, as the real one is while it looks for a leader.
   */
  private static final class WokenConsumer extends MockConsumer<byte[], byte[]> {
    WokenConsumer() {
      super("none");
    }

    @Override
    public synchronized long position(TopicPartition partition) {
      throw new WakeupException();
    }
  }

  @BeforeEach
  void start() {
    for (int number = 0; number < 3; number++) {
      shards.add(shard(number));
    }
    shards.forEach(log::follow);
    log.start();
  }

  @AfterEach
  void stop() {
    log.stop();
  }

  @Test
  void allThatWasPolledArrivesAlthoughTheClientIsWokenUp() {
    Eventually.is("all are read", () -> consumer.assignment().size() == 3);
    consumer.schedulePollTask(() -> {
      for (int number = 0; number < 3; number++) {
        consumer.addRecord(record(number, 0));
        consumer.addRecord(record(number, 1));
      }
    });
    Eventually.is(
        "both of each have arrived", () -> shards.stream().allMatch(shard -> shard.held() == 2));
    assertThat(shards).extracting(Shard::position).containsOnly(2L);
  }

  private Shard shard(int number) {
    var claim = new PartitionClaim(number, 1, number, 1, 1);
    var queue = new Declared(QUEUE, QueueOptions.DEFAULT, null, null);
    return new Shard(
        new PartitionSql.Claimed(claim, new Offsets()),
        queue,
        sql,
        () -> true,
        new HeldBytes(Long.MAX_VALUE),
        new Deaf());
  }

  private static ConsumerRecord<byte[], byte[]> record(int number, long offset) {
    var message =
        new QueuedMessage(
            "m-" + offset, "somebody", null, Duration.ZERO, "{}".getBytes(StandardCharsets.UTF_8));
    var record =
        new ConsumerRecord<>(
            QueuedMessage.topic(QUEUE), number, offset, message.recordKey(), message.body());
    message.headers().forEach((name, value) -> record.headers().add(name, value));
    return record;
  }

  private static final class Deaf implements Shard.Listener {
    @Override
    public void changed(Shard shard) {}

    @Override
    public void roomy(Shard shard) {}

    @Override
    public void lost(Shard shard, RuntimeException why) {}
  }
}
