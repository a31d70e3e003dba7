package dev.sallyport.user.queue;

import dev.sallyport.user.platform.Kafka;
import dev.sallyport.user.platform.Ticker;
import dev.sallyport.user.queue.BatchTopic.Waiting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The transactions of one lane of {@link BatchTopic}, whose thread it is confined to. Its producer
 * is made when it is first needed, and anew under the same transactional id after a failure that
 * leaves open what became of a transaction: beginning again ends what the one before it left.
 */
class BatchProducerTopic {
  /** Nobody waits for a batch for longer than that. */
  static final Duration GIVEN_UP_AFTER = Duration.ofMillis(4_500);

  /** How long the thread waits for one answer of Kafka. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** After this Kafka ends what a worker that died has left; until then readers wait behind it. */
  private static final Duration ENDED_AFTER = Duration.ofSeconds(10);

  private static final int NONE = -1;
  private static final long BUFFER_BYTES = 8 * 1024 * 1024;

  private final Kafka kafka;
  private final Ticker ticker;

  /** Of this lane alone, and of this run of it. */
  private final String transactionalId = "sallyport.user-worker." + UUID.randomUUID();

  private @Nullable Producer<byte[], byte[]> producer;

  BatchProducerTopic(Kafka kafka, Ticker ticker) {
    this.kafka = kafka;
    this.ticker = ticker;
  }

  /**
   * Sends these in one transaction and answers each; blocks until Kafka has answered, for a few
   * seconds at the most.
   *
   * @return those that are not answered: they were aborted only because of another
   */
  List<Waiting> commit(List<Waiting> batches) {
    if (batches.isEmpty()) {
      return List.of();
    }
    var culprit = new AtomicInteger(NONE);
    boolean begun = false;
    try {
      var open = open();
      open.beginTransaction();
      begun = true;
      for (int i = 0; i < batches.size(); i++) {
        send(open, batches.get(i), i, culprit);
      }
      commit(open, batches);
      kafka.succeeded();
      batches.forEach(batch -> batch.sent().complete());
      return List.of();
    } catch (KafkaException | IllegalStateException failure) {
      kafka.failed(failure);
      boolean aborted = begun && abort();
      if (!aborted) {
        discard();
      }
      if (aborted && culprit.get() != NONE && batches.size() > 1) {
        var others = new ArrayList<>(batches);
        others.remove(culprit.get()).sent().fail(SendError.notAcknowledged());
        return others;
      }
      batches.forEach(batch -> batch.sent().fail(SendError.notAcknowledged()));
      return List.of();
    }
  }

  /** Notes the batch of which Kafka refuses a record for good: that says nothing about others. */
  private static void send(
      Producer<byte[], byte[]> open, Waiting batch, int place, AtomicInteger culprit) {
    for (var message : batch.messages()) {
      // The commit fails with whatever this fails with.
      var _ =
          open.send(
              MessageTopic.record(batch.queue(), message),
              (metadata, failure) -> {
                if (failure instanceof ApiException && !(failure instanceof RetriableException)) {
                  culprit.compareAndSet(NONE, place);
                }
              });
    }
  }

  /** Asks again while somebody waits: a commit that was not answered may be asked for twice. */
  private void commit(Producer<byte[], byte[]> open, List<Waiting> batches) {
    while (true) {
      try {
        open.commitTransaction();
        return;
      } catch (TimeoutException unanswered) {
        if (ticker.nanos() - batches.getFirst().deadline() > 0) {
          throw unanswered;
        }
      }
    }
  }

  private boolean abort() {
    var open = producer;
    try {
      if (open != null) {
        open.abortTransaction();
        return true;
      }
      return false;
    } catch (KafkaException | IllegalStateException unusable) {
      kafka.failed(unusable);
      return false;
    }
  }

  private Producer<byte[], byte[]> open() {
    var open = producer;
    if (open == null) {
      open = kafka.producer(settings());
      producer = open;
      open.initTransactions();
    }
    return open;
  }

  private Map<String, Object> settings() {
    return Map.of(
        ProducerConfig.CLIENT_ID_CONFIG,
        "user-worker-batches",
        ProducerConfig.TRANSACTIONAL_ID_CONFIG,
        transactionalId,
        ProducerConfig.TRANSACTION_TIMEOUT_CONFIG,
        (int) ENDED_AFTER.toMillis(),
        ProducerConfig.MAX_BLOCK_MS_CONFIG,
        PATIENCE.toMillis(),
        ProducerConfig.LINGER_MS_CONFIG,
        0L,
        ProducerConfig.BATCH_SIZE_CONFIG,
        128 * 1024,
        ProducerConfig.BUFFER_MEMORY_CONFIG,
        BUFFER_BYTES);
  }

  private void discard() {
    var open = producer;
    producer = null;
    if (open != null) {
      open.close(Duration.ZERO);
    }
  }

  /** Ends the producer, with nothing under way. */
  void close() {
    discard();
  }
}
