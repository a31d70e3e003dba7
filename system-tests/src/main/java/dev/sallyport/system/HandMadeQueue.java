package dev.sallyport.system;

import dev.sallyport.local.PostgresServer;
import dev.sallyport.model.QueuedMessage;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;

/** A queue that takes messages and that nobody consumes, so that sending alone is looked at. */
final class HandMadeQueue {
  private static final String OPEN =
      "INSERT INTO queue.queue (name, senders, partitions) VALUES (?, 'users', ?)";

  private HandMadeQueue() {}

  /** Makes its topic, and opens it to everybody who is signed in. */
  static void open(Deployment deployment, String name, int partitions) throws SQLException {
    var kafka = deployment.stack().kafka().bootstrapServers();
    try (var admin = Admin.create(Map.of("bootstrap.servers", kafka))) {
      admin
          .createTopics(List.of(new NewTopic(QueuedMessage.topic(name), partitions, (short) 1)))
          .all()
          .get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("the topic could not be made", e);
    }
    try (var connection = deployment.stack().postgres().connect(PostgresServer.DATA_WORKER);
        var insert = connection.prepareStatement(OPEN)) {
      insert.setString(1, name);
      insert.setInt(2, partitions);
      insert.executeUpdate();
    }
  }
}
