package dev.sallyport.local;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The stack for {@code @QuarkusTest}: {@code @QuarkusTestResource(value = StackResource.class,
 * initArgs = @ResourceArg(name = "worker", value = "data-worker"))}. All tests of one JVM share one
 * stack on free ports, which ends with the JVM; its folder is below {@code target/}.
 */
public final class StackResource implements QuarkusTestResourceLifecycleManager {

  /** The name of the init argument: {@code user-worker} or {@code data-worker}. */
  public static final String WORKER = "worker";

  /** Quarkus may load this class more than once; the JVM's properties exist once. */
  private static final String SHARED = StackResource.class.getName();

  private String worker = "data-worker";

  @Override
  public void init(Map<String, String> arguments) {
    worker = arguments.getOrDefault(WORKER, worker);
  }

  @Override
  public Map<String, String> start() {
    Map<String, String> environment = environments().get(worker);
    if (environment == null) {
      throw StackError.badSetting(
          "The argument " + WORKER + " must be user-worker or data-worker, not " + worker + ".");
    }
    return environment;
  }

  @Override
  public void stop() {
    // The next test class uses the same stack; it ends with the JVM.
  }

  private static Map<String, Map<String, String>> environments() {
    synchronized (System.getProperties()) {
      Map<String, Map<String, String>> running = running();
      if (running != null) {
        return running;
      }
      LocalStack stack = startForThisJvm();
      var environments =
          Map.of(
              "user-worker", asConfiguration(stack.userWorkerEnvironment()),
              "data-worker", asConfiguration(stack.dataWorkerEnvironment()));
      System.getProperties().put(SHARED, environments);
      return environments;
    }
  }

  @SuppressWarnings("unchecked") // only this class writes the property, from JDK types alone
  private static @Nullable Map<String, Map<String, String>> running() {
    return (Map<String, Map<String, String>>) System.getProperties().get(SHARED);
  }

  private static LocalStack startForThisJvm() {
    try {
      Path directory =
          Files.createTempDirectory(Files.createDirectories(Path.of("target")), "stack-");
      LocalStack stack = LocalStack.start(StackSettings.onFreePorts(directory));
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(stack::close));
      return stack;
    } catch (IOException e) {
      throw StackError.failed("make a folder for the stack below target/", e);
    }
  }

  /** {@code QUARKUS_REDIS_HOSTS} is {@code quarkus.redis.hosts}. */
  private static Map<String, String> asConfiguration(Map<String, String> environment) {
    var configuration = new HashMap<String, String>();
    // Free ports here too: builds run side by side on one machine.
    configuration.put("quarkus.http.test-port", "0");
    configuration.put("quarkus.management.test-port", "0");
    environment.forEach((name, value) -> configuration.put(property(name), value));
    return configuration;
  }

  private static String property(String variable) {
    return switch (variable) {
      case "SALLYPORT_AUTH_KEY_ENCRYPTION_KEY" -> "sallyport.auth.key-encryption-key";
      default -> variable.toLowerCase(Locale.ROOT).replace('_', '.');
    };
  }
}
