package dev.sallyport.data.queue;

import dev.sallyport.data.platform.BrokerFailure;
import dev.sallyport.data.platform.Kafka;
import dev.sallyport.model.QueuedMessage;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The topics of queues: made where they are missing, put right where somebody made them otherwise.
 * Kafka never removes a message by itself; {@link #trim} does, once it is behind us. Thread-safe;
 * blocks, {@link #ANSWER_WITHIN} for each question.
 */
@Singleton
class QueueTopic {
  static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);

  private static final int SAFE_REPLICATION = 3;

  private static final Logger LOG = Logger.getLogger(QueueTopic.class);

  /** What every topic of ours must be like. */
  private static final Map<String, String> RULES =
      Map.of(
          // Nothing expires unread.
          TopicConfig.RETENTION_MS_CONFIG, "-1",
          TopicConfig.RETENTION_BYTES_CONFIG, "-1",
          TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_DELETE,
          // A delay counts from when the broker took the message, whatever the sender's clock says.
          TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG, "LogAppendTime");

  private final Kafka kafka;
  private final QueueSettings settings;
  private @Nullable Admin admin;

  @Inject
  QueueTopic(Kafka kafka, QueueSettings settings) {
    this.kafka = kafka;
    this.settings = settings;
  }

  private Admin open(String purpose, Map<String, Object> own) {
    try {
      return kafka.admin(purpose, own);
    } catch (KafkaException e) {
      throw BrokerFailure.of(e);
    }
  }

  private synchronized Admin admin() {
    if (admin == null) {
      int millis = (int) ANSWER_WITHIN.toMillis();
      admin =
          open(
              "topics",
              Map.of(
                  AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                  millis / 2,
                  AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                  millis));
    }
    return admin;
  }

  @PreDestroy
  synchronized void close() {
    if (admin != null) {
      admin.close(Duration.ZERO);
    }
  }

  /**
   * Makes the topic of a queue, or checks the one that is there.
   *
   * @return how many partitions it has
   * @throws BrokerFailure when Kafka does not answer, or refuses
   */
  int ensure(Declared queue) {
    var topic = QueuedMessage.topic(queue.name());
    var found = describe(topic);
    if (found.isEmpty()) {
      make(topic, queue.options().partitions());
      return queue.options().partitions();
    }
    int partitions = found.get().partitions().size();
    if (partitions != queue.options().partitions()) {
      LOG.infof(
          "topic %s keeps its %d partitions; the code would make %d",
          topic, partitions, queue.options().partitions());
    }
    correct(topic, rules(found.get().partitions().getFirst().replicas().size()));
    return partitions;
  }

  private Optional<TopicDescription> describe(String topic) {
    try {
      return Optional.ofNullable(
          await(admin().describeTopics(List.of(topic)).allTopicNames()).get(topic));
    } catch (BrokerFailure e) {
      if (is(e, UnknownTopicOrPartitionException.class)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** With enough copies a message counts as sent once two brokers have it. */
  private static Map<String, String> rules(int replication) {
    var rules = new HashMap<>(RULES);
    if (replication >= SAFE_REPLICATION) {
      rules.put(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, "2");
    }
    return rules;
  }

  private void make(String topic, int partitions) {
    var made =
        new NewTopic(
                topic,
                Optional.of(partitions),
                settings.replication() < 0 ? Optional.empty() : Optional.of(settings.replication()))
            .configs(rules(settings.replication()));
    // Refused when another worker was faster: the next round finds what that has made.
    await(admin().createTopics(List.of(made)).all());
    LOG.infof("made topic %s with %d partitions", topic, partitions);
  }

  private void correct(String topic, Map<String, String> rules) {
    var resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    var now = await(admin().describeConfigs(List.of(resource)).all()).get(resource);
    var changes = new ArrayList<AlterConfigOp>();
    rules.forEach((name, value) -> {
      if (!value.equals(value(now, name))) {
        LOG.warnf("topic %s has %s=%s, which becomes %s", topic, name, value(now, name), value);
        changes.add(new AlterConfigOp(new ConfigEntry(name, value), AlterConfigOp.OpType.SET));
      }
    });
    if (!changes.isEmpty()) {
      await(admin().incrementalAlterConfigs(Map.of(resource, changes)).all());
    }
  }

  private static @Nullable String value(@Nullable Config config, String name) {
    var entry = config == null ? null : config.get(name);
    return entry == null ? null : entry.value();
  }

  /** Where the logs of a queue end, by partition. */
  Map<Integer, Long> ends(String queue, int partitions) {
    var topic = QueuedMessage.topic(queue);
    var asked = new HashMap<TopicPartition, OffsetSpec>();
    for (int number = 0; number < partitions; number++) {
      asked.put(new TopicPartition(topic, number), OffsetSpec.latest());
    }
    var ends = new HashMap<Integer, Long>();
    await(admin().listOffsets(asked).all())
        .forEach((partition, info) -> ends.put(partition.partition(), info.offset()));
    return ends;
  }

  /**
   * Lets Kafka remove what is behind us. Does not wait for it: what stays is removed the next time.
   *
   * @param before by partition of the queue, the lowest offset that is not behind us
   */
  void trim(String queue, Map<Integer, Long> before) {
    var topic = QueuedMessage.topic(queue);
    var all = new HashMap<TopicPartition, RecordsToDelete>();
    before.forEach((number, offset) ->
        all.put(new TopicPartition(topic, number), RecordsToDelete.beforeOffset(offset)));
    var _ =
        admin()
            .deleteRecords(all)
            .all()
            .whenComplete((done, failure) -> {
              if (failure != null) {
                LOG.debugf("topic %s is not trimmed now: %s", topic, failure);
              }
            });
  }

  private static <T> T await(KafkaFuture<T> asked) {
    try {
      return asked.get(2 * ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw BrokerFailure.silent(e);
    } catch (TimeoutException e) {
      throw BrokerFailure.silent(e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof KafkaException refused
          ? BrokerFailure.of(refused)
          : BrokerFailure.silent(e);
    }
  }

  /** Whether that is what Kafka said. */
  private static boolean is(BrokerFailure failure, Class<? extends KafkaException> what) {
    return what.isInstance(failure.getCause());
  }
}
