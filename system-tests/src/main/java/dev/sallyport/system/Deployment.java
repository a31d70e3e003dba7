package dev.sallyport.system;

import dev.sallyport.local.LocalStack;
import dev.sallyport.local.StackSettings;
import dev.sallyport.local.WorkerLaunch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Postgres, Redis, Kafka and the workers, as real processes on free ports of this machine: what
 * {@code ./sallyport up} starts, but disposable. Data lie in a fresh folder that {@link #close}
 * deletes; logs stay, below {@code target/system-tests}. Confined to one thread.
 */
final class Deployment implements AutoCloseable {
  /**
   * What may differ from one deployment to another.
   *
   * @param name of its folder of logs
   * @param jvmFlags of every worker; a native binary takes the heap's bounds alone
   * @param userEnvironment settings of the user-worker beyond the usual ones
   */
  record Settings(String name, List<String> jvmFlags, Map<String, String> userEnvironment) {
    Settings {
      jvmFlags = List.copyOf(jvmFlags);
      userEnvironment = Map.copyOf(userEnvironment);
    }

    /** Quick to start, for tests that do not measure. */
    static Settings quick(String name) {
      var flags = List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+ExitOnOutOfMemoryError");
      return new Settings(name, flags, Map.of());
    }

    /** What {@code ./sallyport up} gives each worker's JVM. */
    static final List<String> AS_UP =
        List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    /** As {@code ./sallyport up} runs them, for measurements. */
    static Settings asUp(String name) {
      return new Settings(name, AS_UP, Map.of());
    }

    /** The same with other flags for each worker's JVM. */
    Settings flags(String... flags) {
      return new Settings(name, List.of(flags), userEnvironment);
    }

    /** The same with one more setting of the user-worker. */
    Settings user(String variable, String value) {
      var more = new HashMap<>(userEnvironment);
      more.put(variable, value);
      return new Settings(name, jvmFlags, more);
    }
  }

  /** The local profile's bootstrap admin, as in {@code .sallyport/credentials}. */
  static final String ADMIN_EMAIL = "admin@example.test";

  private final Settings settings;
  private final Path directory;
  private final Path logs;
  private final LocalStack stack;
  private final List<Worker> started = new ArrayList<>();
  private final Worker dataWorker;
  private final Worker userWorker;

  private Deployment(Settings settings) throws IOException {
    this.settings = settings;
    this.directory = Files.createTempDirectory("sallyport-" + settings.name() + "-");
    this.logs = Path.of("target", "system-tests", settings.name());
    delete(logs); // of an earlier run
    Files.createDirectories(logs);
    this.stack = LocalStack.start(StackSettings.onFreePorts(directory.resolve("stack")));
    this.dataWorker = launch(WorkerKind.DATA_WORKER, "data-worker", Map.of());
    this.userWorker =
        launch(WorkerKind.USER_WORKER, "user-worker", boundTo(dataWorker.url(), Map.of()));
  }

  /** Starts all of it and waits until both workers can serve. */
  static Deployment start(Settings settings) {
    for (var kind : WorkerKind.values()) {
      kind.program(); // says what is not built before anything runs
    }
    try {
      var deployment = new Deployment(settings);
      try {
        deployment.started.forEach(Worker::awaitReady);
        return deployment;
      } catch (RuntimeException e) {
        deployment.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  LocalStack stack() {
    return stack;
  }

  Worker userWorker() {
    return userWorker;
  }

  Worker dataWorker() {
    return dataWorker;
  }

  /** People at the user-worker. */
  Accounts accounts() {
    return new Accounts(userWorker.http());
  }

  /** As in {@code SALLYPORT_SIGNING_KEYS}. */
  String signingKeys() {
    return Objects.requireNonNull(stack.dataWorkerEnvironment().get("SALLYPORT_SIGNING_KEYS"));
  }

  /** One more user-worker on the same stores and keys, bound to {@code backend}, ready to serve. */
  Worker anotherUserWorker(String name, URI backend, Map<String, String> environment) {
    return launch(WorkerKind.USER_WORKER, name, boundTo(backend, environment)).awaitReady();
  }

  /** One more data-worker on the same stores and keys, ready to serve. */
  Worker anotherDataWorker(String name) {
    return launch(WorkerKind.DATA_WORKER, name, Map.of()).awaitReady();
  }

  /**
   * One more worker on the same stores, some of its settings changed, started and not waited for.
   *
   * @param changes laid over what is usual; the empty text counts as not set
   */
  Worker anotherWorker(WorkerKind kind, Map<String, String> changes) {
    var environment = kind == WorkerKind.USER_WORKER ? boundTo(dataWorker.url(), changes) : changes;
    return launch(kind, kind.module() + "-" + started.size(), environment);
  }

  private Map<String, String> boundTo(URI backend, Map<String, String> more) {
    var environment = new HashMap<>(settings.userEnvironment());
    environment.put("SALLYPORT_BINDINGS_BACKEND_SERVICE_URL", backend.toString());
    environment.put("SALLYPORT_BOOTSTRAP_ADMIN_EMAIL", ADMIN_EMAIL);
    environment.put("SALLYPORT_BOOTSTRAP_ADMIN_PASSWORD", Accounts.PASSWORD);
    environment.putAll(more);
    return environment;
  }

  private Worker launch(WorkerKind kind, String name, Map<String, String> more) {
    var ports = Worker.Ports.free();
    var environment =
        new HashMap<>(
            kind == WorkerKind.USER_WORKER
                ? stack.userWorkerEnvironment()
                : stack.dataWorkerEnvironment());
    environment.put("QUARKUS_PROFILE", "local");
    environment.putAll(ports.environment());
    if (kind == WorkerKind.DATA_WORKER) {
      environment.put("SALLYPORT_WORKER_ADDRESS", "http://127.0.0.1:" + ports.http());
    }
    environment.putAll(more);
    var worker =
        Worker.launch(
            new WorkerLaunch(
                name,
                kind.program(),
                settings.jvmFlags(),
                environment,
                logs.resolve(name + ".log"),
                directory.resolve(name + ".pid")),
            ports);
    started.add(worker);
    return worker;
  }

  @Override
  public void close() {
    started.reversed().forEach(Worker::close);
    stack.close();
    try {
      delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A folder and all in it; one that is not there is no error. */
  static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    }
  }
}
