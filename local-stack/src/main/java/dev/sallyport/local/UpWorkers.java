package dev.sallyport.local;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** How a local run starts the two workers. Immutable. */
record UpWorkers(UpFolder folder, UpPorts ports, boolean nativeBinaries) {

  static final String USER_WORKER = "user-worker";
  static final String DATA_WORKER = "data-worker";

  private static final String LOOPBACK = "127.0.0.1";

  private static final Duration SIGN_IN_TIMEOUT = Duration.ofSeconds(10);

  /** Small and quick to start; an exhausted heap ends the process instead of leaving it hanging. */
  private static final List<String> JVM_FLAGS =
      List.of(
          "-Xmx256m",
          "-XX:+UseSerialGC",
          "-XX:+ExitOnOutOfMemoryError",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  /**
   * All that the user-worker needs to start alone.
   *
   * @param stores where the stores are, as {@link LocalStack} says it
   */
  Map<String, String> userWorkerEnvironment(Map<String, String> stores, Credentials credentials) {
    var environment = common(stores, ports.userWorker(), ports.userWorkerManagement());
    environment.put(
        "SALLYPORT_BINDINGS_BACKEND_SERVICE_URL", "http://" + LOOPBACK + ":" + ports.dataWorker());
    environment.putAll(credentials.environment());
    return environment;
  }

  /** All that the data-worker needs to start alone. */
  Map<String, String> dataWorkerEnvironment(Map<String, String> stores) {
    return common(stores, ports.dataWorker(), ports.dataWorkerManagement());
  }

  /** Writes the environment where a shell can source it. */
  void keep(String worker, Map<String, String> environment) throws IOException {
    ShellVariables.write(folder.environmentFile(worker), environment);
  }

  /**
   * How to start one.
   *
   * @param caller the environment of the launcher: what it sets wins, for this run
   */
  WorkerLaunch launch(String worker, Map<String, String> environment, Map<String, String> caller) {
    var effective = new TreeMap<>(environment);
    effective.replaceAll(caller::getOrDefault);
    return new WorkerLaunch(
        worker, program(worker), JVM_FLAGS, effective, folder.log(worker), folder.pidFile(worker));
  }

  /** The folder of what is started; a process that an earlier run left is recognised by it. */
  Path target(String worker) {
    return folder.repository().resolve(worker).resolve("target");
  }

  private Path program(String worker) {
    Path target = target(worker);
    if (!nativeBinaries) {
      return target.resolve("quarkus-app").resolve("quarkus-run.jar");
    }
    // The name carries the version: whichever there is.
    try (var found = Files.newDirectoryStream(target, worker + "-*-runner")) {
      for (Path binary : found) {
        return binary;
      }
    } catch (IOException notBuilt) {
      // The start says so, with the path below.
    }
    return target.resolve(worker + "-runner");
  }

  /** What answers 200 when the worker is ready; in this order. */
  List<URI> probes(String worker) {
    return worker.equals(USER_WORKER)
        ? List.of(URI.create(address() + "/health"), readiness(ports.userWorkerManagement()))
        : List.of(readiness(ports.dataWorkerManagement()));
  }

  /** What answers 200 once the demo account exists. */
  HttpRequest signIn(Credentials credentials) {
    return HttpRequest.newBuilder(URI.create(address() + "/auth/login"))
        .timeout(SIGN_IN_TIMEOUT)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofString(credentials.demoSignIn()))
        .build();
  }

  /** Where everyone may talk to Sallyport. */
  String address() {
    return "http://" + LOOPBACK + ":" + ports.userWorker();
  }

  private static URI readiness(int port) {
    return URI.create("http://" + LOOPBACK + ":" + port + "/q/health/ready");
  }

  private static TreeMap<String, String> common(
      Map<String, String> stores, int port, int managementPort) {
    var environment = new TreeMap<>(stores);
    environment.put("QUARKUS_PROFILE", "local");
    environment.put("QUARKUS_HTTP_HOST", LOOPBACK);
    environment.put("QUARKUS_HTTP_PORT", Integer.toString(port));
    environment.put("QUARKUS_MANAGEMENT_HOST", LOOPBACK);
    environment.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(managementPort));
    return environment;
  }
}
