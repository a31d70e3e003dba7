package dev.sallyport.data.queue;

import dev.sallyport.data.platform.Kafka;
import dev.sallyport.model.News;
import dev.sallyport.model.QueuedMessage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Reads the logs of the partitions that this worker has, from where Postgres says, and gives what
 * it reads to their shards. Kafka's own offsets only follow, for those who look at them: nothing
 * here depends on them, nor on its groups.
 *
 * <p>Has one thread, not virtual: Kafka's client waits in a selector, which holds its carrier.
 * Thread-safe.
 */
@Singleton
class LogTopic {
  private static final Duration POLL = Duration.ofMillis(500);
  private static final Duration PAUSE_MIN = Duration.ofMillis(100);
  private static final Duration PAUSE_MAX = Duration.ofSeconds(2);
  private static final int RECORDS_MAX = 2_000;
  private static final int FETCH_BYTES_MAX = 8 * 1024 * 1024;

  private static final Logger LOG = Logger.getLogger(LogTopic.class);

  private final Supplier<Consumer<byte[], byte[]>> consumers;
  private final Counter expired;
  private final Counter foreign;
  private final News news = new News(System::nanoTime);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // Guarded by the lock.

  private final Map<TopicPartition, Shard> wanted = new HashMap<>();
  private boolean stale;
  private boolean stopped;
  private @Nullable Consumer<byte[], byte[]> consumer;
  private @Nullable Thread thread;

  // Confined to the thread.

  private Map<TopicPartition, Shard> assigned = new HashMap<>();
  private final FollowTopic follow = new FollowTopic();

  @Inject
  LogTopic(Kafka kafka, MeterRegistry metrics) {
    this(() -> kafka.consumer("queues", settings()), metrics);
  }

  /**
   * Reads with these.
   *
   * @param consumers makes one, which is closed when it has failed or is not needed any more
   */
  LogTopic(Supplier<Consumer<byte[], byte[]>> consumers, MeterRegistry metrics) {
    this.consumers = consumers;
    this.expired =
        Counter.builder("sallyport.queue.vanished.records")
            .description("Records that the log no longer had when they were to be read")
            .register(metrics);
    this.foreign =
        Counter.builder("sallyport.queue.foreign.records")
            .description("Records that no worker of ours can have written; they are passed over")
            .register(metrics);
  }

  /** Begins to read. */
  void start() {
    lock.lock();
    try {
      if (thread == null && !stopped) {
        thread = Thread.ofPlatform().daemon().name("queue-log").start(this::run);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Reads nothing more. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      changed.signalAll();
      wakeUp();
    } finally {
      lock.unlock();
    }
  }

  /** Reads for this shard from now on, and for no other of its partition. */
  void follow(Shard shard) {
    change(() -> wanted.put(partition(shard), shard));
  }

  /** Reads for this shard no more. */
  void leave(Shard shard) {
    change(() -> wanted.remove(partition(shard), shard));
  }

  /** Looks again at which shards have room. */
  void look() {
    change(() -> {});
  }

  private void change(Runnable what) {
    lock.lock();
    try {
      what.run();
      stale = true;
      changed.signalAll();
      wakeUp();
    } finally {
      lock.unlock();
    }
  }

  private void wakeUp() {
    if (consumer != null) {
      consumer.wakeup();
    }
  }

  private static TopicPartition partition(Shard shard) {
    return new TopicPartition(QueuedMessage.topic(shard.queue().name()), shard.claim().number());
  }

  private void run() {
    var pause = PAUSE_MIN;
    while (awaitWork(null)) {
      try (var mine = consumers.get()) {
        hold(mine);
        assigned = new HashMap<>();
        while (awaitWork(mine)) {
          read(mine);
          pause = PAUSE_MIN;
          news.over();
        }
      } catch (InterruptException e) {
        return;
      } catch (KafkaException e) {
        if (news.is(String.valueOf(e.getMessage()))) {
          LOG.warnf("queues cannot be read: %s", e.getMessage());
        }
        pause = rest(pause);
      } catch (RuntimeException e) {
        LOG.error("queues cannot be read: a defect", e);
        pause = rest(pause);
      } finally {
        hold(null);
      }
    }
  }

  private void hold(@Nullable Consumer<byte[], byte[]> mine) {
    lock.lock();
    try {
      consumer = mine;
      stale = true;
    } finally {
      lock.unlock();
    }
  }

  /** Waits while there is nothing to read, and takes over what changed; false at the end. */
  private boolean awaitWork(@Nullable Consumer<byte[], byte[]> mine) {
    Map<TopicPartition, Shard> now;
    lock.lock();
    try {
      while (wanted.isEmpty() && !stopped) {
        changed.awaitUninterruptibly();
      }
      if (stopped || mine == null || !stale) {
        return !stopped;
      }
      stale = false;
      now = Map.copyOf(wanted);
    } finally {
      lock.unlock();
    }
    take(mine, now);
    return true;
  }

  private void take(Consumer<byte[], byte[]> mine, Map<TopicPartition, Shard> now) {
    if (!now.equals(assigned)) {
      mine.assign(now.keySet());
      now.forEach((partition, shard) -> {
        if (!shard.equals(assigned.get(partition))) {
          mine.seek(partition, shard.position());
        }
      });
      assigned = now;
    }
    var full = new HashSet<TopicPartition>();
    now.forEach((partition, shard) -> {
      if (shard.isFull()) {
        full.add(partition);
      }
    });
    var roomy = new HashSet<>(mine.paused());
    roomy.removeAll(full);
    mine.pause(full);
    mine.resume(roomy);
  }

  private void read(Consumer<byte[], byte[]> mine) {
    try {
      var records = mine.poll(POLL);
      boolean full = false;
      // Nothing here may ask the client: a question that fails or is woken up would lose what has
      // been polled, and the next poll would make a gap of it that is never read again.
      for (var next : records.nextOffsets().entrySet()) {
        var shard = assigned.get(next.getKey());
        if (shard != null) {
          shard.arrive(arrived(records.records(next.getKey())), next.getValue().offset());
          full |= shard.isFull();
        }
      }
      if (full) {
        look();
      }
      follow.follow(mine, assigned);
    } catch (OffsetOutOfRangeException e) {
      e.offsetOutOfRangePartitions().forEach((partition, at) -> astray(mine, partition, at));
    } catch (WakeupException e) {
      LOG.trace("something changed");
    }
  }

  private List<Arrived> arrived(List<ConsumerRecord<byte[], byte[]>> records) {
    return records.stream().map(this::arrived).toList();
  }

  private Arrived arrived(ConsumerRecord<byte[], byte[]> record) {
    var headers = HashMap.<String, byte[]>newHashMap(4);
    for (var header : record.headers()) {
      headers.put(header.key(), header.value());
    }
    var message = QueuedMessage.read(headers, record.value());
    if (message.isEmpty()) {
      foreign.increment();
      LOG.warnf(
          "%s-%d has a record at %d that no worker of ours has written; it is passed over",
          record.topic(), record.partition(), record.offset());
    }
    return new Arrived(
        record.offset(), Instant.ofEpochMilli(record.timestamp()), message.orElse(null));
  }

  /** The log does not have the offset that comes next. */
  private void astray(Consumer<byte[], byte[]> mine, TopicPartition partition, long at) {
    long first = mine.beginningOffsets(Set.of(partition)).getOrDefault(partition, 0L);
    var shard = assigned.get(partition);
    if (at < first) {
      expired.increment((double) (first - at));
      LOG.errorf(
          "%s has lost its records from %d to %d: removed by somebody, or from before this"
              + " database",
          partition, at, first - 1);
      mine.seek(partition, first);
      if (shard != null) {
        shard.arrive(List.of(), first);
      }
    } else {
      LOG.errorf("%s ends before %d: another log is there than before", partition, at);
      if (shard != null) {
        shard.lose(new AnotherLogException(partition.toString()));
      }
    }
  }

  /** The log that was read is gone, and another one is in its place. */
  static final class AnotherLogException extends RuntimeException {
    AnotherLogException(String partition) {
      super(partition + " begins anew");
    }
  }

  private Duration rest(Duration pause) {
    lock.lock();
    try {
      long left = pause.toNanos();
      while (left > 0 && !stopped) {
        left = changed.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      lock.unlock();
    }
    var doubled = pause.multipliedBy(2);
    return doubled.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : doubled;
  }

  private static Map<String, Object> settings() {
    return Map.of(
        ConsumerConfig.GROUP_ID_CONFIG,
        "sallyport",
        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
        false,
        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
        "none",
        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
        "read_committed",
        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
        RECORDS_MAX,
        ConsumerConfig.FETCH_MAX_BYTES_CONFIG,
        FETCH_BYTES_MAX,
        ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG,
        false,
        ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
        (int) QueueTopic.ANSWER_WITHIN.toMillis(),
        ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG,
        (int) QueueTopic.ANSWER_WITHIN.toMillis());
  }
}
