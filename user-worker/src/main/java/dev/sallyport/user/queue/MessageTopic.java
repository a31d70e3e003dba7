package dev.sallyport.user.queue;

import dev.sallyport.model.QueuedMessage;
import dev.sallyport.user.platform.Kafka;
import dev.sallyport.user.platform.Ticker;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.impl.ContextInternal;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Single messages on their way into Kafka, through one idempotent producer that is made when it is
 * first needed. Thread-safe, does not block: the producer is told to wait for nothing, so where it
 * would have to it fails, and {@link #ready} asks again until it knows the topic.
 */
@ApplicationScoped
class MessageTopic {
  /** What may wait for acknowledgement; more is refused. */
  private static final long IN_FLIGHT_BYTES = 8 * 1024 * 1024;

  private static final Duration LOOK_EVERY = Duration.ofMillis(20);
  private static final Duration TOPIC_WITHIN = Duration.ofSeconds(2);
  private static final Duration OPEN_AGAIN_AFTER = Duration.ofSeconds(1);
  private static final Duration CLOSED_WITHIN = Duration.ofSeconds(2);

  private static final Map<String, Object> SETTINGS =
      Map.of(
          ProducerConfig.CLIENT_ID_CONFIG,
          "user-worker-messages",
          ProducerConfig.MAX_BLOCK_MS_CONFIG,
          0L,
          ProducerConfig.LINGER_MS_CONFIG,
          0L,
          ProducerConfig.BATCH_SIZE_CONFIG,
          64 * 1024,
          ProducerConfig.BUFFER_MEMORY_CONFIG,
          IN_FLIGHT_BYTES);

  private final Kafka kafka;
  private final Vertx vertx;
  private final Ticker ticker;
  private final ConcurrentHashMap<String, Future<Void>> looking = new ConcurrentHashMap<>();
  private volatile @Nullable Producer<byte[], byte[]> producer;
  private @Nullable Future<Void> opening;
  private long openedAt;
  private boolean stopped;

  @Inject
  MessageTopic(Kafka kafka, Vertx vertx, Ticker ticker) {
    this.kafka = kafka;
    this.vertx = vertx;
    this.ticker = ticker;
  }

  /** Whether a message for this queue can be sent without asking Kafka for its topic first. */
  boolean isReady(String queue) {
    var open = producer;
    return open != null && knows(open, QueuedMessage.topic(queue));
  }

  /** Completes when {@link #isReady}; fails after two seconds. */
  Future<Void> ready(String queue) {
    return looking.computeIfAbsent(
        queue,
        name -> {
          var found = Promise.<Void>promise();
          long began = ticker.nanos();
          vertx.runOnContext(now -> open().onComplete(opened -> look(name, began, found)));
          return found.future().onComplete(done -> looking.remove(name));
        });
  }

  private void look(String queue, long began, Promise<Void> found) {
    if (isReady(queue)) {
      found.complete();
    } else if (ticker.nanos() - began > TOPIC_WITHIN.toNanos()) {
      kafka.failed(new TimeoutException("no topic of queue " + queue + " is known"));
      found.fail(SendError.notAcknowledged());
    } else {
      vertx.setTimer(LOOK_EVERY.toMillis(), later -> look(queue, began, found));
    }
  }

  /** Asking makes the producer ask the broker. */
  private static boolean knows(Producer<byte[], byte[]> producer, String topic) {
    try {
      return !producer.partitionsFor(topic).isEmpty();
    } catch (KafkaException notYet) {
      // Not known, or known not to be there: it may be in a moment.
      return false;
    }
  }

  /**
   * Sends one; completes on the caller's event loop when all replicas in sync have it.
   *
   * @return fails with {@link SendError#notAcknowledged} or {@link SendError#tooMuchInFlight}
   */
  Future<Void> send(String queue, QueuedMessage message) {
    var open = producer;
    if (open == null) {
      return Future.failedFuture(SendError.notAcknowledged());
    }
    Promise<Void> sent = ((ContextInternal) vertx.getOrCreateContext()).promise();
    try {
      // The callback says all that this future would.
      var _ =
          open.send(
              record(queue, message),
              (metadata, failure) -> {
                if (failure == null) {
                  kafka.succeeded();
                  sent.complete();
                } else {
                  sent.fail(refusal(failure));
                }
              });
    } catch (KafkaException | IllegalStateException unusable) {
      // It fails callers like this once it cannot go on.
      discard(open);
      sent.tryFail(refusal(unusable));
    }
    return sent.future();
  }

  private Throwable refusal(Exception failure) {
    if (failure instanceof BufferExhaustedException) {
      return SendError.tooMuchInFlight();
    }
    kafka.failed(failure);
    return SendError.notAcknowledged();
  }

  /** The record that both sides have agreed on. */
  static ProducerRecord<byte[], byte[]> record(String queue, QueuedMessage message) {
    var headers = new RecordHeaders();
    message.headers().forEach(headers::add);
    return new ProducerRecord<>(
        QueuedMessage.topic(queue), null, null, message.recordKey(), message.body(), headers);
  }

  /** One attempt at a time, and a second between two of them; completes with or without one. */
  private synchronized Future<Void> open() {
    boolean justNow = opening != null && ticker.nanos() - openedAt < OPEN_AGAIN_AFTER.toNanos();
    if (opening != null && (producer != null || !opening.isComplete() || justNow)) {
      return opening;
    }
    openedAt = ticker.nanos();
    opening =
        vertx
            .executeBlocking(() -> kafka.producer(SETTINGS), false)
            .onSuccess(this::opened)
            .onFailure(kafka::failed)
            .mapEmpty();
    return opening;
  }

  private synchronized void opened(Producer<byte[], byte[]> opened) {
    if (stopped) {
      opened.close(Duration.ZERO);
    } else {
      producer = opened;
    }
  }

  private void discard(Producer<byte[], byte[]> broken) {
    synchronized (this) {
      if (!broken.equals(producer)) {
        return;
      }
      producer = null;
    }
    var _ =
        vertx.executeBlocking(
            () -> {
              broken.close(Duration.ZERO);
              return true;
            },
            false);
  }

  /** After the last request was answered, so nothing is in flight. */
  @PreDestroy
  void close() {
    Producer<byte[], byte[]> last;
    synchronized (this) {
      stopped = true;
      last = producer;
      producer = null;
    }
    if (last != null) {
      last.close(CLOSED_WITHIN);
    }
  }
}
