package dev.sallyport.data.queue;

import dev.sallyport.data.platform.BrokerFailure;
import dev.sallyport.data.platform.Kafka;
import dev.sallyport.model.QueuedMessage;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Sends what was in the outbox, each time in one transaction of Kafka's: all or none of it, in
 * order. Kafka ends whatever another relay had begun when a new one comes. Confined to the relay's
 * thread; blocks.
 */
@Singleton
class OutboxTopic {
  private static final String TRANSACTIONS = "sallyport-relay";
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(5);

  private final Kafka kafka;
  private @Nullable Producer<byte[], byte[]> producer;

  @Inject
  OutboxTopic(Kafka kafka) {
    this.kafka = kafka;
  }

  /**
   * Sends all of these.
   *
   * @throws BrokerFailure when none of it counts as sent, although it may have been
   */
  void send(List<OutboxSql.Waiting> waiting) {
    try {
      var open = producer();
      open.beginTransaction();
      for (var one : waiting) {
        var record =
            new ProducerRecord<>(
                QueuedMessage.topic(one.queue()), one.message().recordKey(), one.message().body());
        one.message().headers().forEach((name, value) -> record.headers().add(name, value));
        // A failure of one fails the commit.
        var _ = open.send(record);
      }
      open.commitTransaction();
    } catch (KafkaException | IllegalStateException e) {
      // The second is what the client says to whatever its own failure does not allow any more.
      close();
      throw BrokerFailure.of(e);
    }
  }

  private Producer<byte[], byte[]> producer() {
    var open = producer;
    if (open == null) {
      int millis = (int) ANSWER_WITHIN.toMillis();
      open =
          kafka.producer(
              "relay",
              Map.of(
                  ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                  TRANSACTIONS,
                  ProducerConfig.ACKS_CONFIG,
                  "all",
                  ProducerConfig.LINGER_MS_CONFIG,
                  0,
                  ProducerConfig.MAX_BLOCK_MS_CONFIG,
                  millis,
                  ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG,
                  millis / 2,
                  ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG,
                  millis,
                  ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
                  2 * millis));
      producer = open;
      open.initTransactions();
    }
    return open;
  }

  /** Whatever is under way is given up; what comes next begins with a new client. */
  void close() {
    if (producer != null) {
      producer.close(Duration.ZERO);
      producer = null;
    }
  }
}
