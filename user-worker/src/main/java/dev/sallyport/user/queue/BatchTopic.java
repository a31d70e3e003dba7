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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Batches on their way into Kafka, each all or none: all that wait at one moment share a
 * transaction. There are {@value #LANES} lanes, so that one fills a transaction while the other's
 * is committed: a second one made batches of 1 KiB messages a quarter faster. Callers do not block;
 * each lane's thread, made when it is first needed, does. Thread-safe.
 */
@ApplicationScoped
class BatchTopic {
  private static final int LANES = 2;

  /** What may wait; more is refused. */
  private static final int WAITING_BYTES_MAX = 8 * 1024 * 1024;

  /** What shares a transaction: as much as the producer's buffer takes without waiting. */
  private static final int TRANSACTION_BYTES_MAX = 4 * 1024 * 1024;

  /** A message takes more than its body: headers, key, and what keeps account of it. */
  private static final int OVERHEAD_BYTES = 256;

  private static final Duration STOPPED_WITHIN = Duration.ofSeconds(2);

  /**
   * A batch that waits.
   *
   * @param deadline when nobody waits for it any more, by the ticker
   */
  record Waiting(
      String queue, List<QueuedMessage> messages, int bytes, long deadline, Promise<Void> sent) {}

  private final Kafka kafka;
  private final Vertx vertx;
  private final Ticker ticker;
  private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
  private final List<Thread> lanes = new ArrayList<>(LANES);
  private int waitingBytes;
  private boolean stopped;

  @Inject
  BatchTopic(Kafka kafka, Vertx vertx, Ticker ticker) {
    this.kafka = kafka;
    this.vertx = vertx;
    this.ticker = ticker;
  }

  /**
   * Sends all of these or none; completes on the caller's event loop once they are committed.
   *
   * @return fails with {@link SendError#notAcknowledged} or {@link SendError#tooMuchInFlight}
   */
  Future<Void> send(String queue, List<QueuedMessage> messages) {
    int bytes = bytes(messages);
    Promise<Void> sent = ((ContextInternal) vertx.getOrCreateContext()).promise();
    var batch =
        new Waiting(
            queue,
            messages,
            bytes,
            ticker.nanos() + BatchProducerTopic.GIVEN_UP_AFTER.toNanos(),
            sent);
    synchronized (this) {
      if (stopped || waitingBytes + bytes > WAITING_BYTES_MAX) {
        return Future.failedFuture(SendError.tooMuchInFlight());
      }
      waitingBytes += bytes;
      waiting.add(batch);
      if (lanes.size() < LANES) {
        lanes.add(
            Thread.ofPlatform()
                .daemon()
                .name("queue-batches-", lanes.size())
                .start(this::flushAll));
      }
      notify();
    }
    return sent.future();
  }

  private static int bytes(List<QueuedMessage> messages) {
    int bytes = 0;
    for (var message : messages) {
      bytes += message.body().length + OVERHEAD_BYTES;
    }
    return bytes;
  }

  /** A lane: until it is stopped and nothing waits. */
  private void flushAll() {
    var producer = new BatchProducerTopic(kafka, ticker);
    for (var next = take(); !next.isEmpty(); next = take()) {
      var live = new ArrayList<Waiting>(next.size());
      for (var batch : next) {
        if (batch.deadline() - ticker.nanos() > 0) {
          live.add(batch);
        } else {
          batch.sent().fail(SendError.notAcknowledged());
        }
      }
      // Those that were aborted for another's sake go alone.
      for (var alone : producer.commit(live)) {
        producer.commit(List.of(alone));
      }
    }
    producer.close();
  }

  /** Waits for work; none at the end. */
  private synchronized List<Waiting> take() {
    while (waiting.isEmpty() && !stopped) {
      try {
        wait();
      } catch (InterruptedException nobodyDoes) {
        Thread.currentThread().interrupt();
        return List.of();
      }
    }
    var taken = new ArrayList<Waiting>(waiting.size());
    int bytes = 0;
    while (!waiting.isEmpty()
        && (taken.isEmpty() || bytes + waiting.peek().bytes() <= TRANSACTION_BYTES_MAX)) {
      var batch = waiting.remove();
      bytes += batch.bytes();
      taken.add(batch);
    }
    waitingBytes -= bytes;
    return taken;
  }

  /** After the last request was answered, so nothing waits. */
  @PreDestroy
  void stop() throws InterruptedException {
    List<Thread> last;
    synchronized (this) {
      stopped = true;
      last = List.copyOf(lanes);
      notifyAll();
    }
    for (var lane : last) {
      lane.join(STOPPED_WITHIN);
    }
  }
}
