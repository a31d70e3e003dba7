package dev.sallyport.data.queue;

import dev.sallyport.data.platform.BrokerFailure;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Asks Kafka where the logs of queues end. One question for a queue is under way at a time, and
 * whoever asks waits {@link #PATIENCE} for it at the most. Thread-safe; blocks that long.
 */
@Singleton
class LogDepths {
  static final Duration PATIENCE = Duration.ofSeconds(2);

  private static final Logger LOG = Logger.getLogger(LogDepths.class);

  private final QueueTopic topics;

  /** What is being asked, by queue. */
  private final Map<String, CompletableFuture<Map<Integer, Long>>> asked =
      new ConcurrentHashMap<>();

  @Inject
  LogDepths(QueueTopic topics) {
    this.topics = topics;
  }

  /** Where the logs of a queue end, by partition; empty when Kafka does not say so in time. */
  Optional<Map<Integer, Long>> ends(String queue, int partitions) {
    try {
      return Optional.of(ask(queue, partitions).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    } catch (TimeoutException e) {
      LOG.debugf("Kafka does not say where queue %s ends", queue);
      return Optional.empty();
    } catch (ExecutionException e) {
      LOG.debugf("Kafka does not say where queue %s ends: %s", queue, e.getCause());
      return Optional.empty();
    }
  }

  private CompletableFuture<Map<Integer, Long>> ask(String queue, int partitions) {
    var mine = new CompletableFuture<Map<Integer, Long>>();
    var before = asked.putIfAbsent(queue, mine);
    if (before != null) {
      return before;
    }
    Thread.ofVirtual()
        .name("queue-ends-" + queue)
        .start(() -> {
          try {
            mine.complete(topics.ends(queue, partitions));
          } catch (BrokerFailure e) {
            mine.completeExceptionally(e);
          } finally {
            asked.remove(queue, mine);
            mine.cancel(false); // unless it is complete
          }
        });
    return mine;
  }
}
