package dev.sallyport.user.queue;

import dev.sallyport.model.QueuedMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** What arrives in a queue's topic from now on, as its consumers see it. Confined to one thread. */
final class Log implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int PARTITIONS = 3;

  /**
   * A record.
   *
   * @param key by which its partition was chosen
   */
  record Read(String key, QueuedMessage message) {
    String body() {
      return new String(message.body(), StandardCharsets.UTF_8);
    }
  }

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final ArrayDeque<Read> ready = new ArrayDeque<>();

  private Log(KafkaConsumer<byte[], byte[]> consumer) {
    this.consumer = consumer;
  }

  /** Makes the topics of these queues where they are not there. */
  static void create(String kafka, String... queues) throws Exception {
    try (var admin = Admin.create(Map.of("bootstrap.servers", kafka))) {
      for (var queue : queues) {
        try {
          admin
              .createTopics(
                  List.of(new NewTopic(QueuedMessage.topic(queue), PARTITIONS, (short) 1)))
              .all()
              .get();
        } catch (ExecutionException e) {
          if (!(e.getCause() instanceof TopicExistsException)) {
            throw e;
          }
        }
      }
    }
  }

  static Log open(String kafka, String queue) {
    var consumer =
        new KafkaConsumer<>(
            Map.<String, Object>of("bootstrap.servers", kafka, "isolation.level", "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    var partitions =
        java.util.stream.IntStream.range(0, PARTITIONS)
            .mapToObj(number -> new TopicPartition(QueuedMessage.topic(queue), number))
            .toList();
    consumer.assign(partitions);
    consumer.seekToEnd(partitions);
    partitions.forEach(consumer::position);
    return new Log(consumer);
  }

  Read next() {
    return next(1).getFirst();
  }

  List<Read> next(int count) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (ready.size() < count) {
      if (System.nanoTime() > until) {
        throw new AssertionError("only " + ready + " arrived of " + count);
      }
      consumer.poll(Duration.ofMillis(200)).forEach(record -> ready.add(read(record)));
    }
    var read = new ArrayList<Read>(count);
    for (int i = 0; i < count; i++) {
      read.add(ready.remove());
    }
    return read;
  }

  private static Read read(ConsumerRecord<byte[], byte[]> record) {
    var headers = new HashMap<String, byte[]>();
    Arrays.stream(record.headers().toArray())
        .forEach(header -> headers.put(header.key(), header.value()));
    return new Read(
        new String(record.key(), StandardCharsets.UTF_8),
        QueuedMessage.read(headers, record.value()).orElseThrow());
  }

  @Override
  public void close() {
    consumer.close();
  }
}
