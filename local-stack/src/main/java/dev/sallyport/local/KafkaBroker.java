package dev.sallyport.local;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A single Kafka broker that is its own controller (KRaft), in a JVM of its own: there it can be
 * killed and frozen like any process, and neither its memory nor its logging is ours.
 */
public final class KafkaBroker extends StoreServer {

  KafkaBroker(Path stack, int port) {
    super("kafka", stack, port, "TERM");
  }

  /** For clients. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port();
  }

  @Override
  Command prepare() throws IOException {
    Directories.createPrivate(home());
    Files.deleteIfExists(ready());
    return new Command(
        List.of(),
        List.of(
            Platform.java(),
            "-Xmx256m",
            // A local broker moves few messages: a fast start is worth more than peak speed.
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
            KafkaMain.class.getName(),
            home().toString(),
            Integer.toString(port()),
            ready().toString()),
        // In the environment, since it is longer than what a command line shows of itself.
        Map.of("CLASSPATH", classPath()));
  }

  @Override
  boolean answers() {
    return Files.exists(ready());
  }

  /** Ours, with absolute entries: the broker's working directory is another. */
  private static String classPath() {
    return Pattern.compile(File.pathSeparator, Pattern.LITERAL)
        .splitAsStream(System.getProperty("java.class.path", ""))
        .map(entry -> Path.of(entry).toAbsolutePath().toString())
        .collect(Collectors.joining(File.pathSeparator));
  }

  /** Made by the broker when it takes requests; deleted before each start. */
  private Path ready() {
    return home().resolve("ready");
  }
}
