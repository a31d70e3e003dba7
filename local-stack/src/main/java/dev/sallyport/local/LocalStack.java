package dev.sallyport.local;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Postgres, Redis and Kafka as real servers, listening on 127.0.0.1 alone. Data, secrets and logs
 * stay in the directory, so a second start finds what the first one left. Thread-safe; {@link
 * #close()} stops all three.
 */
public final class LocalStack implements AutoCloseable {

  private final StackSecrets secrets;
  private final PostgresServer postgres;
  private final RedisNode redis;
  private final KafkaBroker kafka;

  private LocalStack(StackSettings settings, StackSecrets secrets) {
    this.secrets = secrets;
    Path directory = settings.directory();
    postgres = new PostgresServer(directory, settings.postgresPort(), secrets);
    redis = new RedisNode(directory, settings.redisPort());
    kafka = new KafkaBroker(directory, settings.kafkaPort());
  }

  /**
   * Starts the three side by side and returns when all of them answer. Takes 2 to 6 s.
   *
   * @throws StackError if one of them does not come up; the others are stopped then
   */
  public static LocalStack start(StackSettings settings) {
    return start(settings, _ -> {});
  }

  /**
   * The same.
   *
   * @param progress told the name of each server as it comes up, from any thread
   */
  static LocalStack start(StackSettings settings, Consumer<StoreServer> progress) {
    LocalStack stack = prepare(settings);
    try {
      stack.startAll(progress);
      return stack;
    } catch (StackError e) {
      stack.servers().forEach(StoreServer::abandon);
      stack.close();
      throw e;
    }
  }

  /** A stack that is not started yet; each store can be started by itself. */
  public static LocalStack prepare(StackSettings settings) {
    try {
      Path directory = Directories.createPrivate(settings.directory());
      return new LocalStack(settings.resolved(), StackSecrets.in(directory));
    } catch (IOException e) {
      throw StackError.failed("use " + settings.directory(), e);
    }
  }

  public PostgresServer postgres() {
    return postgres;
  }

  public RedisNode redis() {
    return redis;
  }

  public KafkaBroker kafka() {
    return kafka;
  }

  /** What the user-worker needs to reach the stores and to be believed by the data-worker. */
  public Map<String, String> userWorkerEnvironment() {
    var environment = environment(PostgresServer.USER_WORKER);
    environment.put("SALLYPORT_AUTH_KEY_ENCRYPTION_KEY", secrets.keyEncryptionKey());
    return environment;
  }

  /** What the data-worker needs to reach the stores and to check who is calling. */
  public Map<String, String> dataWorkerEnvironment() {
    return environment(PostgresServer.DATA_WORKER);
  }

  /** Stops all three, side by side. A second call does nothing. */
  @Override
  public void close() {
    SideBySide.finishAll(servers(), StoreServer::stop);
  }

  List<StoreServer> servers() {
    return List.of(postgres, redis, kafka);
  }

  void startAll(Consumer<StoreServer> progress) {
    servers().forEach(server -> LogFile.rotate(server.log()));
    SideBySide.succeedAll(
        servers(),
        server -> {
          server.start();
          progress.accept(server);
        });
  }

  private Map<String, String> environment(String role) {
    var environment = new TreeMap<String, String>();
    environment.put("QUARKUS_DATASOURCE_REACTIVE_URL", postgres.reactiveUrl());
    environment.put("QUARKUS_DATASOURCE_USERNAME", role);
    environment.put("QUARKUS_DATASOURCE_PASSWORD", postgres.password(role));
    environment.put("QUARKUS_REDIS_HOSTS", redis.url());
    environment.put("KAFKA_BOOTSTRAP_SERVERS", kafka.bootstrapServers());
    environment.put("SALLYPORT_SIGNING_KEYS", secrets.signingKeys());
    return environment;
  }
}
