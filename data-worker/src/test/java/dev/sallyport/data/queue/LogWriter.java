package dev.sallyport.data.queue;

import dev.sallyport.data.platform.Kafka;
import dev.sallyport.model.QueuedMessage;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Writes to the logs of queues as user-workers do. */
@Singleton
public class LogWriter {
  private static final Logger LOG = Logger.getLogger(LogWriter.class);

  private final Producer<byte[], byte[]> producer;

  @Inject
  LogWriter(Kafka kafka) {
    producer = kafka.producer("test", Map.of("acks", "all", "linger.ms", 1));
  }

  @PreDestroy
  void close() {
    producer.close(Duration.ofSeconds(5));
  }

  void send(String queue, String id, @Nullable String key, String body) {
    var _ = send(queue, id, key, Duration.ZERO, body);
  }

  /** Gives where it is in the log, and when the broker took it. */
  CompletionStage<RecordMetadata> send(
      String queue, String id, @Nullable String key, Duration delay, String body) {
    var message = new QueuedMessage(id, "ada", key, delay, body.getBytes(StandardCharsets.UTF_8));
    var record =
        new ProducerRecord<>(QueuedMessage.topic(queue), message.recordKey(), message.body());
    message.headers().forEach((name, value) -> record.headers().add(name, value));
    var taken = new CompletableFuture<RecordMetadata>();
    var _ =
        producer.send(
            record,
            (done, failure) -> {
              if (failure == null) {
                taken.complete(done);
              } else {
                LOG.errorf(failure, "%s was not sent", id);
                taken.completeExceptionally(failure);
              }
            });
    return taken;
  }
}
