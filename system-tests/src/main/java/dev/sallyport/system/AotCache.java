package dev.sallyport.system;

import dev.sallyport.local.WorkerLaunch;
import dev.sallyport.local.WorkerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The AOT cache of one packaged worker: classes loaded and linked, and what the JIT compiler should
 * know of them, as a training run left them (JEP 483, 514 and 515). Immutable.
 *
 * <p>A cache belongs to the very JVM that wrote it and to the jars as they lay there, by path, size
 * and time. Any other JVM that is offered it starts as if there were none.
 *
 * @param kind which worker it is of
 * @param app the folder with {@code quarkus-run.jar}
 * @param file the cache itself
 */
record AotCache(WorkerKind kind, Path app, Path file) {
  /**
   * What the JVM images start their workers with, besides the cache. The collector is part of the
   * bargain: objects in the cache are laid out for it. How much memory there is, the pod says.
   */
  static final List<String> IMAGE_FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:+ExitOnOutOfMemoryError",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private static final Duration START = Duration.ofMinutes(2);

  /** The worker's own stop, and then a second JVM that writes the cache. */
  private static final Duration ASSEMBLE = Duration.ofMinutes(3);

  AotCache {
    app = app.toAbsolutePath().normalize();
    file = file.toAbsolutePath().normalize();
  }

  /** Where the images have it: {@code app.aot} beside the jar. */
  static AotCache in(WorkerKind kind, Path app) {
    return new AotCache(kind, app, app.resolve("app.aot"));
  }

  /** The flag that offers the cache to a JVM. */
  String flag() {
    return "-XX:AOTCache=" + file;
  }

  /**
   * What to start the worker with. A cache is refused where native access was given differently.
   */
  List<String> arguments() {
    var arguments = new ArrayList<>(IMAGE_FLAGS);
    arguments.addAll(List.of(flag(), "-jar", jar().toString()));
    return arguments;
  }

  private Path jar() {
    return app.resolve("quarkus-run.jar");
  }

  /**
   * Runs the worker without any store, uses what works so, and has the cache written as it stops.
   *
   * @throws IllegalStateException when no cache came of it, with the end of the worker's log
   */
  AotCache train() {
    try {
      Files.deleteIfExists(file);
      try {
        run("-XX:AOTCacheOutput=" + file, ASSEMBLE, Exercise::all);
      } catch (RuntimeException halfTrained) {
        Files.deleteIfExists(file);
        throw halfTrained;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  /**
   * Starts the worker from the cache and nothing else, and asks it once.
   *
   * @throws RuntimeException when the JVM refuses the cache, with what it says
   */
  AotCache prove() {
    try {
      run(flag(), START, Exercise::once, "-XX:AOTMode=on");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return this;
  }

  private void run(String cache, Duration stopWithin, Consumer<Exercise> use, String... more)
      throws IOException {
    // Beside the cache; it stays when something fails, for its log.
    var folder = Files.createTempDirectory(file.getParent(), "training-");
    var log = folder.resolve("worker.log");
    var pid = folder.resolve("worker.pid");
    var ports = Worker.Ports.free();
    var keys = "training:" + secret();
    var flags = new ArrayList<>(IMAGE_FLAGS);
    flags.addAll(List.of(more));
    flags.add(cache);
    var launch = new WorkerLaunch(kind.module(), jar(), flags, environment(ports, keys), log, pid);
    try (var worker = WorkerProcess.start(launch)) {
      worker.awaitReady(
          URI.create("http://127.0.0.1:" + ports.management() + "/q/health/live"), START);
      use.accept(new Exercise(kind, ports, keys));
      worker.stop(stopWithin);
    }
    if (!Files.isRegularFile(file)) {
      throw new IllegalStateException(
          "the JVM of " + kind.module() + " wrote no AOT cache:\n" + Files.readString(log));
    }
    Files.delete(log);
    Files.deleteIfExists(pid);
    Files.delete(folder);
  }

  /** Of a worker that finds no store: nothing listens on port 1. */
  private Map<String, String> environment(Worker.Ports ports, String keys) {
    var environment = new HashMap<String, String>();
    environment.put("QUARKUS_DATASOURCE_REACTIVE_URL", "postgresql://127.0.0.1:1/none");
    environment.put("QUARKUS_DATASOURCE_USERNAME", "none");
    environment.put("QUARKUS_DATASOURCE_PASSWORD", "none");
    environment.put("QUARKUS_REDIS_HOSTS", "redis://127.0.0.1:1");
    environment.put("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1");
    environment.put("SALLYPORT_SIGNING_KEYS", keys);
    if (kind == WorkerKind.USER_WORKER) {
      environment.put("SALLYPORT_AUTH_KEY_ENCRYPTION_KEY", secret());
      environment.put("SALLYPORT_BINDINGS_BACKEND_SERVICE_URL", "http://127.0.0.1:1");
      // It is asked more often than one address may in a minute.
      environment.put("SALLYPORT_LIMIT_ADDRESS_PER_MINUTE", "60000000");
    }
    environment.putAll(ports.environment());
    return environment;
  }

  /** Used once: nothing that a cache might keep of it opens anything. */
  private static String secret() {
    byte[] secret = new byte[32];
    new SecureRandom().nextBytes(secret);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
  }
}
