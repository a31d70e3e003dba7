package dev.sallyport.system;

import dev.sallyport.local.PostgresServer;
import dev.sallyport.model.QueuedMessage;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Where messages of the queue {@code sample} are that were not counted: in the outbox, in rows, in
 * the log, and how far each partition was read. For the message of a test that failed.
 */
final class MissingMessages {
  private static final String TOPIC = QueuedMessage.topic("sample");
  private static final int SHOWN_MAX = 50;

  private static final String UNCOUNTED =
      """
      SELECT name FROM generate_series(0, ?) AS n, LATERAL (SELECT ? || '-' || n AS name) AS named
      WHERE NOT EXISTS (SELECT FROM sample.counter WHERE key = name)
      """;

  private static final String ROWS =
      """
      SELECT m::text FROM queue.message m WHERE id = ANY (?)
      UNION ALL SELECT 'outbox ' || o::text FROM queue.outbox o WHERE id = ANY (?)
      UNION ALL SELECT 'counted so far ' || count(*) FROM sample.counter
      """;

  private static final String PARTITIONS =
      """
      SELECT p.number || ': owner ' || coalesce(p.owner::text, 'nobody') || ', done ' || p.done::text
        || ', ' || count(m.pk) || ' rows'
      FROM queue.partition p JOIN queue.queue q ON q.pk = p.queue AND q.name = 'sample'
        LEFT JOIN queue.message m ON m.partition = p.pk
      GROUP BY p.pk ORDER BY p.number
      """;

  private final Deployment deployment;

  MissingMessages(Deployment deployment) {
    this.deployment = deployment;
  }

  /**
   * Tells it in lines.
   *
   * @param scope what the names of all begin with
   * @param count how many there are, numbered from 0
   */
  String of(String scope, int count) throws SQLException {
    try (var connection = deployment.stack().postgres().connect(PostgresServer.DATA_WORKER)) {
      var missing = new TreeSet<>(uncounted(connection, scope, count));
      var ids = connection.createArrayOf("text", missing.toArray());
      var lines = new ArrayList<String>();
      lines.add("not counted: " + missing.size() + ", such as " + some(missing));
      lines.addAll(texts(connection, ROWS, ids, ids));
      lines.addAll(texts(connection, PARTITIONS));
      lines.addAll(inTheLog(missing, "read_committed"));
      lines.addAll(inTheLog(missing, "read_uncommitted"));
      return String.join("\n", lines);
    }
  }

  private static List<String> some(Set<String> names) {
    return names.stream().limit(SHOWN_MAX).toList();
  }

  private static List<String> uncounted(Connection connection, String scope, int count)
      throws SQLException {
    return texts(connection, UNCOUNTED, count - 1, scope);
  }

  private static List<String> texts(Connection connection, String sql, Object... values)
      throws SQLException {
    try (var statement = connection.prepareStatement(sql)) {
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      var texts = new ArrayList<String>();
      try (var rows = statement.executeQuery()) {
        while (rows.next()) {
          texts.add(rows.getString(1));
        }
      }
      return texts;
    }
  }

  private List<String> inTheLog(Set<String> missing, String isolation) {
    var lines = new ArrayList<String>();
    Map<String, Object> settings =
        Map.of(
            "bootstrap.servers",
            deployment.stack().kafka().bootstrapServers(),
            "isolation.level",
            isolation,
            "enable.metrics.push",
            false);
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      var partitions =
          consumer.partitionsFor(TOPIC).stream()
              .map(one -> new TopicPartition(TOPIC, one.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      var ends = consumer.endOffsets(partitions);
      lines.add(isolation + " ends: " + ends);
      var found = new HashSet<String>();
      while (partitions.stream()
          .anyMatch(one -> consumer.position(one) < ends.getOrDefault(one, 0L))) {
        for (var record : consumer.poll(Duration.ofSeconds(1))) {
          var id = new String(record.headers().lastHeader("id").value(), StandardCharsets.UTF_8);
          if (missing.contains(id) && lines.size() < 4 * SHOWN_MAX) {
            found.add(id);
            lines.add(isolation + " " + record.partition() + "@" + record.offset() + " " + id);
          }
        }
      }
      lines.add(isolation + " has " + found.size() + " of them");
    }
    return lines;
  }
}
