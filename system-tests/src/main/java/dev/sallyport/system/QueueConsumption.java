package dev.sallyport.system;

import dev.sallyport.local.PostgresServer;
import dev.sallyport.model.QueuedMessage;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * How fast the messages of a log are handled, each with one row in Postgres that it makes exactly
 * once; and how fast Kafka's own consumer reads the same log and does nothing. Confined to one
 * thread.
 */
final class QueueConsumption {
  private static final String QUEUE = "sample";
  private static final int BODY_BYTES = 1024;
  private static final Duration DONE_WITHIN = Duration.ofMinutes(5);
  private static final Duration LOOK_EVERY = Duration.ofMillis(10);

  /** Cheap to ask for, so that the question does not weigh on the figure. */
  private static final String BEHIND =
      "SELECT coalesce(sum(upper(r) - lower(r)), 0) FROM queue.partition, unnest(done) AS r";

  private final Deployment deployment;

  QueueConsumption(Deployment deployment) {
    this.deployment = deployment;
  }

  /**
   * What one round gave.
   *
   * @param messages that were handled in the time
   */
  record Figure(long messages, Duration took, CpuWindow cpu) {
    double perSecond() {
      return messages * 1e9 / took.toNanos();
    }

    /** CPU time of one process for each message. */
    double micros(String process) {
      return cpu.of(process).toNanos() / 1e3 / Math.max(1, messages);
    }

    /** CPU time of workers and stores together for each message. */
    double cpuMicros() {
      return cpu.ofWorkers().toNanos() / 1e3 / Math.max(1, messages);
    }
  }

  /** Puts so many messages into the log, and times the handling of all but the first tenth. */
  Figure handled(int count) throws SQLException {
    var cpu =
        new CpuWindow()
            .process("data-worker", deployment.dataWorker().pid())
            .process("kafka", deployment.stack().kafka().pid())
            .tree("postgres", deployment.stack().postgres().pid());
    try (var connection = deployment.stack().postgres().connect(PostgresServer.DATA_WORKER)) {
      long end = number(connection, BEHIND) + count;
      write(UUID.randomUUID().toString(), count);
      await(connection, end - count + count / 10);
      long before = number(connection, BEHIND);
      cpu.begins();
      long began = System.nanoTime();
      await(connection, end);
      var took = Duration.ofNanos(System.nanoTime() - began);
      cpu.ends();
      return new Figure(end - before, took, cpu);
    }
  }

  private static void await(Connection connection, long behind) throws SQLException {
    long began = System.nanoTime();
    while (number(connection, BEHIND) < behind) {
      if (System.nanoTime() - began > DONE_WITHIN.toNanos()) {
        throw new IllegalStateException("not all handled within " + DONE_WITHIN);
      }
      LockSupport.parkNanos(LOOK_EVERY.toNanos());
    }
  }

  private void write(String prefix, int count) {
    try (var producer =
        new KafkaProducer<>(
            settings(Map.of("acks", "all", "linger.ms", 5)),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      for (int i = 0; i < count; i++) {
        var id = prefix + "-" + i;
        var message = new QueuedMessage(id, "bench", null, Duration.ZERO, body(id));
        var record =
            new ProducerRecord<>(QueuedMessage.topic(QUEUE), message.recordKey(), message.body());
        message.headers().forEach((name, value) -> record.headers().add(name, value));
        var _ = producer.send(record);
      }
    }
  }

  private static byte[] body(String key) {
    var json = "{\"key\":\"" + key + "\"}";
    return (json + " ".repeat(BODY_BYTES - json.length())).getBytes(StandardCharsets.US_ASCII);
  }

  /** Reads the whole log from its beginning, as far as it goes now. */
  Figure read() {
    var cpu = new CpuWindow().process("kafka", deployment.stack().kafka().pid());
    try (var consumer =
        new KafkaConsumer<>(
            settings(Map.of("max.poll.records", 2_000, "isolation.level", "read_committed")),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      var partitions =
          consumer.partitionsFor(QueuedMessage.topic(QUEUE)).stream()
              .map(one -> new TopicPartition(one.topic(), one.partition()))
              .toList();
      var ends = consumer.endOffsets(partitions);
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      cpu.begins();
      long began = System.nanoTime();
      long read = 0;
      while (partitions.stream()
          .anyMatch(one -> consumer.position(one) < ends.getOrDefault(one, 0L))) {
        read += consumer.poll(Duration.ofMillis(500)).count();
      }
      var took = Duration.ofNanos(System.nanoTime() - began);
      cpu.ends();
      return new Figure(read, took, cpu);
    }
  }

  private Map<String, Object> settings(Map<String, Object> more) {
    var settings = new HashMap<String, Object>(more);
    settings.put("bootstrap.servers", deployment.stack().kafka().bootstrapServers());
    return settings;
  }

  private static long number(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement();
        var rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
