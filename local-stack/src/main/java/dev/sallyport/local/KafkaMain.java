package dev.sallyport.local;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.logging.ConsoleHandler;
import java.util.logging.Level;
import java.util.logging.Logger;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/** The program of {@link KafkaBroker}: runs one broker until it gets SIGTERM. */
final class KafkaMain {

  private static final int NODE = 1;
  private static final String CONTROLLER = "CONTROLLER";

  private KafkaMain() {}

  /**
   * Runs the broker.
   *
   * @param arguments the data folder, the port, and a file to make when the broker takes requests
   */
  public static void main(String[] arguments) throws Exception {
    Path home = Path.of(arguments[0]);
    int port = Integer.parseInt(arguments[1]);
    Path ready = Path.of(arguments[2]);
    logWarnings();
    String data = home.resolve("data").toString();
    format(data);
    var server =
        new KafkaRaftServer(
            new KafkaConfig(settings(data, port, StackSettings.freePort()), false), Time.SYSTEM);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .unstarted(() -> {
                  server.shutdown();
                  server.awaitShutdown();
                }));
    // Returns when the broker is registered and unfenced: it takes requests from here on.
    server.startup();
    Files.createFile(ready);
    server.awaitShutdown();
  }

  /** To the standard error; without this the log manager has no handler at all. */
  private static void logWarnings() {
    var handler = new ConsoleHandler();
    handler.setLevel(Level.WARNING);
    Logger.getLogger("").addHandler(handler);
  }

  /** Gives new data a cluster id; leaves existing data alone. */
  private static void format(String data) throws Exception {
    if (Files.exists(Path.of(data, "meta.properties"))) {
      return;
    }
    new Formatter()
        .setNodeId(NODE)
        .setClusterId(Uuid.randomUuid().toString())
        .setControllerListenerName(CONTROLLER)
        .setDirectories(List.of(data))
        .setMetadataLogDirectory(data)
        .setReleaseVersion(MetadataVersion.LATEST_PRODUCTION)
        .run();
  }

  private static Properties settings(String data, int port, int controllerPort) {
    var settings = new Properties();
    settings.setProperty("process.roles", "broker,controller");
    settings.setProperty("node.id", Integer.toString(NODE));
    settings.setProperty("log.dirs", data);

    String client = "PLAINTEXT://127.0.0.1:" + port;
    settings.setProperty("listeners", client + "," + CONTROLLER + "://127.0.0.1:" + controllerPort);
    settings.setProperty("advertised.listeners", client);
    settings.setProperty("controller.listener.names", CONTROLLER);
    settings.setProperty(
        "listener.security.protocol.map", "PLAINTEXT:PLAINTEXT," + CONTROLLER + ":PLAINTEXT");
    settings.setProperty("controller.quorum.voters", NODE + "@127.0.0.1:" + controllerPort);

    // One broker: nothing can have a second copy.
    settings.setProperty("offsets.topic.replication.factor", "1");
    settings.setProperty("offsets.topic.num.partitions", "1");
    settings.setProperty("transaction.state.log.replication.factor", "1");
    settings.setProperty("transaction.state.log.min.isr", "1");
    settings.setProperty("transaction.state.log.num.partitions", "1");
    settings.setProperty("share.coordinator.state.topic.replication.factor", "1");
    settings.setProperty("share.coordinator.state.topic.min.isr", "1");
    settings.setProperty("share.coordinator.state.topic.num.partitions", "1");

    // Topics are made on purpose, with the partitions they need; a misspelt one must not appear.
    settings.setProperty("auto.create.topics.enable", "false");

    // After a crash the new broker waits for the old one's session to end: 9 s by default.
    settings.setProperty("broker.session.timeout.ms", "1500");
    settings.setProperty("broker.heartbeat.interval.ms", "300");
    settings.setProperty("controller.quorum.election.timeout.ms", "200");
    settings.setProperty("controller.quorum.fetch.timeout.ms", "500");
    settings.setProperty("controller.quorum.election.backoff.max.ms", "100");
    settings.setProperty("group.initial.rebalance.delay.ms", "0");

    // Sized for one machine and few clients.
    settings.setProperty("log.cleaner.dedupe.buffer.size", "4194304");
    settings.setProperty("log.cleaner.threads", "1");
    settings.setProperty("num.network.threads", "1");
    settings.setProperty("num.io.threads", "2");
    settings.setProperty("background.threads", "2");
    return settings;
  }
}
