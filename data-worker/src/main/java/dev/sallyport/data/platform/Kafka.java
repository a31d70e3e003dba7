package dev.sallyport.data.platform;

import io.smallrye.common.annotation.Identifier;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Clients of Kafka. Every setting that begins with {@code kafka.} is the client's of the same name,
 * {@code kafka.bootstrap.servers} first of all; so encryption and passwords need no code. Each
 * client has threads of its own: whoever asks for one closes it. Thread-safe.
 */
@Singleton
public class Kafka {
  private final Map<String, Object> settings;
  private final WorkerId id;

  @Inject
  Kafka(@Identifier("default-kafka-broker") Map<String, Object> settings, WorkerId id) {
    this.settings = Map.copyOf(settings);
    this.id = id;
  }

  /**
   * A consumer for one thread.
   *
   * @param purpose a word for the broker's logs
   */
  public Consumer<byte[], byte[]> consumer(String purpose, Map<String, Object> own) {
    return new KafkaConsumer<>(
        with(purpose, own), new ByteArrayDeserializer(), new ByteArrayDeserializer());
  }

  /** A producer, for any thread. */
  public Producer<byte[], byte[]> producer(String purpose, Map<String, Object> own) {
    return new KafkaProducer<>(
        with(purpose, own), new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** For topics, for any thread. */
  public Admin admin(String purpose, Map<String, Object> own) {
    return Admin.create(with(purpose, own));
  }

  private Map<String, Object> with(String purpose, Map<String, Object> own) {
    var all = new HashMap<>(settings);
    all.put(CommonClientConfigs.CLIENT_ID_CONFIG, "data-worker-" + id.value() + "-" + purpose);
    all.putAll(own);
    return all;
  }
}
