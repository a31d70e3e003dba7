package dev.sallyport.data.queue;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jboss.logging.Logger;

/**
 * Tells Kafka now and then how far the queues are, for those who watch it there: nothing here
 * depends on it. Confined to the thread that reads the logs.
 */
final class FollowTopic {
  private static final Duration EVERY = Duration.ofSeconds(5);
  private static final Logger LOG = Logger.getLogger(FollowTopic.class);

  private final Map<TopicPartition, Long> told = new HashMap<>();
  private long toldAt = System.nanoTime();

  /** Tells, if it is time. Does not wait for the answer. */
  void follow(Consumer<byte[], byte[]> consumer, Map<TopicPartition, Shard> shards) {
    if (System.nanoTime() - toldAt < EVERY.toNanos()) {
      return;
    }
    toldAt = System.nanoTime();
    told.keySet().retainAll(shards.keySet());
    var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
    shards.forEach((partition, shard) -> {
      long next = shard.next();
      if (!Long.valueOf(next).equals(told.put(partition, next))) {
        offsets.put(partition, new OffsetAndMetadata(next));
      }
    });
    if (!offsets.isEmpty()) {
      consumer.commitAsync(
          offsets,
          (done, failure) -> {
            if (failure != null) {
              LOG.debugf("Kafka does not know how far the queues are: %s", failure.getMessage());
            }
          });
    }
  }
}
