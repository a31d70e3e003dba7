package dev.sallyport.user.platform;

import dev.sallyport.model.News;
import io.smallrye.common.annotation.Identifier;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jboss.logging.Logger;

/**
 * How this worker reaches Kafka: {@code kafka.bootstrap.servers}, and whatever else below {@code
 * kafka.} the Kafka client knows, such as {@code kafka.security.protocol}. Thread-safe.
 */
@ApplicationScoped
public class Kafka {
  /** After this a message that was not acknowledged is given up. */
  public static final Duration DELIVERED_WITHIN = Duration.ofSeconds(4);

  private static final Logger LOG = Logger.getLogger(Kafka.class);

  /** What must hold, whatever else is set: no message is lost or doubled by a producer. */
  private static final Map<String, Object> ALWAYS =
      Map.ofEntries(
          Map.entry(ProducerConfig.ACKS_CONFIG, "all"),
          Map.entry(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true),
          Map.entry(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) DELIVERED_WITHIN.toMillis()),
          Map.entry(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 2_000),
          Map.entry(ProducerConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MS_CONFIG, 1_000L),
          Map.entry(ProducerConfig.SOCKET_CONNECTION_SETUP_TIMEOUT_MAX_MS_CONFIG, 2_000L),
          // A broker that is back is found again within half a second.
          Map.entry(ProducerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 500L),
          Map.entry(ProducerConfig.RETRY_BACKOFF_MS_CONFIG, 10L),
          Map.entry(ProducerConfig.RETRY_BACKOFF_MAX_MS_CONFIG, 200L),
          Map.entry(ProducerConfig.METRIC_REPORTER_CLASSES_CONFIG, ""),
          Map.entry(ProducerConfig.ENABLE_METRICS_PUSH_CONFIG, false));

  private final Map<String, Object> settings;
  private final News news;
  private volatile boolean troubled;

  @Inject
  Kafka(@Identifier("default-kafka-broker") Map<String, Object> settings, Ticker ticker) {
    this.settings = new HashMap<>(settings);
    this.settings.keySet().retainAll(ProducerConfig.configNames());
    this.news = new News(ticker::nanos);
  }

  /**
   * A new producer, which connects by itself. Looks up the broker's host, so not on an event loop.
   * Whoever asked for it closes it.
   *
   * @param more settings of this one; what keeps messages safe cannot be changed
   * @throws org.apache.kafka.common.KafkaException where a setting is wrong or no host is known
   */
  public Producer<byte[], byte[]> producer(Map<String, Object> more) {
    var all = new HashMap<>(settings);
    all.putAll(more);
    all.putAll(ALWAYS);
    return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /** Something could not be sent; the log says so when it is new. */
  public void failed(Throwable failure) {
    troubled = true;
    // The same trouble has many failures, whose words have counts in them: one of them is told.
    var why = "Kafka takes no messages: look whether it runs, and at KAFKA_BOOTSTRAP_SERVERS";
    if (news.is(why)) {
      LOG.warnf("%s (%s)", why, failure);
    }
  }

  /** Something was sent. */
  public void succeeded() {
    if (troubled) {
      troubled = false;
      if (news.over()) {
        LOG.info("Kafka takes messages");
      }
    }
  }
}
