package dev.sallyport.data.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.Eventually;
import dev.sallyport.data.platform.Kafka;
import dev.sallyport.local.StackResource;
import dev.sallyport.model.QueuedMessage;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Topics of queues, at a real broker. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class QueueTopicTest {
  @Inject QueueTopic topics;
  @Inject Kafka kafka;
  @Inject LogWriter log;

  private final String queue = "q-" + UUID.randomUUID().toString().substring(0, 8);
  private Admin admin;

  @BeforeEach
  void open() {
    admin = kafka.admin("test", Map.of());
  }

  @AfterEach
  void close() {
    admin.close();
  }

  @Test
  void aTopicThatIsMissingIsMadeSoThatNothingExpires() throws Exception {
    assertThat(topics.ensure(declared(3))).isEqualTo(3);
    assertThat(setting("retention.ms")).isEqualTo("-1");
    assertThat(setting("retention.bytes")).isEqualTo("-1");
    assertThat(setting("message.timestamp.type")).isEqualTo("LogAppendTime");
    assertThat(topics.ensure(declared(3))).as("and found the next time").isEqualTo(3);
  }

  @Test
  void aTopicThatSomebodyMadeOtherwiseIsPutRightAndKeepsItsPartitions() throws Exception {
    var made = new NewTopic(topic(), Optional.of(2), Optional.empty());
    admin.createTopics(List.of(made.configs(Map.of("retention.ms", "3600000")))).all().get();
    assertThat(topics.ensure(declared(8))).isEqualTo(2);
    assertThat(setting("retention.ms")).isEqualTo("-1");
  }

  @Test
  void whatIsBehindUsIsRemovedFromTheLogAndNothingElse() {
    topics.ensure(declared(1));
    for (int i = 0; i < 10; i++) {
      log.send(queue, "m" + i, null, "{}");
    }
    Eventually.is("all are there", () -> topics.ends(queue, 1).equals(Map.of(0, 10L)));
    topics.trim(queue, Map.of(0, 7L));
    Eventually.is("seven are gone", () -> first() == 7);
    assertThat(topics.ends(queue, 1)).isEqualTo(Map.of(0, 10L));
  }

  private Declared declared(int partitions) {
    return new Declared(queue, QueueOptions.DEFAULT.partitions(partitions), null, null);
  }

  private String topic() {
    return QueuedMessage.topic(queue);
  }

  private String setting(String name) throws ExecutionException, InterruptedException {
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic());
    var settings = admin.describeConfigs(List.of(resource)).all().get().get(resource);
    return Objects.requireNonNull(settings).get(name).value();
  }

  private long first() {
    var partition = new TopicPartition(topic(), 0);
    try {
      return admin
          .listOffsets(Map.of(partition, OffsetSpec.earliest()))
          .partitionResult(partition)
          .get()
          .offset();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }
}
