package dev.sallyport.system;

import dev.sallyport.local.LocalStack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.awaitility.Awaitility;

/**
 * Postgres and the two workers, each as a process where its pod would be, under the names and ports
 * that the manifests give them. Redis and Kafka are doors only: no worker asks them anything yet.
 */
final class InsideProcesses {

  static final String USER_WORKER = "sallyport/user-worker";
  static final String DATA_WORKER = "sallyport/data-worker";
  static final String POSTGRES = "sallyport/postgres";

  static final int HTTP = 8080;
  static final int MANAGEMENT = 9000;

  private static final Duration READY_WITHIN = Duration.ofSeconds(45);

  private final PodNetwork network;
  private final PacketPlan plan;
  private final Path work;
  private final Path logs;

  /**
   * The processes of one plan.
   *
   * @param work for data, ours alone
   * @param logs is kept
   */
  InsideProcesses(PodNetwork network, PacketPlan plan, Path work, Path logs) {
    this.network = network;
    this.plan = plan;
    this.work = work;
    this.logs = logs;
  }

  /** Starts them in place of the doors there; returns when both workers are ready. */
  void start(OpenDoors doors) throws IOException {
    var names = new StringBuilder("127.0.0.1 localhost\n");
    plan.routes()
        .forEach(it -> names.append(it.address()).append(' ').append(it.service()).append('\n'));
    network.name(Files.writeString(work.resolve("hosts"), names));
    doors.leave(plan.host(POSTGRES), PostgresInside.PORT);
    for (var worker : List.of(USER_WORKER, DATA_WORKER)) {
      doors.leave(plan.host(worker), HTTP);
      doors.leave(plan.host(worker), MANAGEMENT);
    }
    var stack = work.resolve("stack");
    // Makes the passwords and keys that the workers get; starts nothing.
    var settings = LocalStack.prepare(PostgresInside.settings(stack));
    var postgres = plan.host(POSTGRES);
    launch(
        postgres,
        "postgres",
        List.of(
            java(),
            "-cp",
            System.getProperty("java.class.path", ""),
            PostgresInside.class.getName(),
            stack.toString(),
            postgres.address()),
        Map.of());
    awaitConnection(postgres.address(), PostgresInside.PORT);
    launch(WorkerKind.DATA_WORKER, DATA_WORKER, settings.dataWorkerEnvironment(), Map.of());
    launch(
        WorkerKind.USER_WORKER,
        USER_WORKER,
        settings.userWorkerEnvironment(),
        Map.of("SALLYPORT_BINDINGS_BACKEND_SERVICE_URL", "http://data-worker:8080"));
    // As the kubelet does it: from the node, which no policy keeps out.
    awaitReady(DATA_WORKER);
    awaitReady(USER_WORKER);
  }

  private void launch(
      WorkerKind kind, String position, Map<String, String> stack, Map<String, String> more)
      throws IOException {
    var host = plan.host(position);
    var environment = new TreeMap<>(stack);
    environment.put("QUARKUS_DATASOURCE_REACTIVE_URL", "postgresql://postgres:5432/sallyport");
    environment.put("QUARKUS_REDIS_HOSTS", "redis://redis:6379");
    environment.put("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092");
    environment.put("QUARKUS_HTTP_HOST", "0.0.0.0");
    environment.put("QUARKUS_HTTP_PORT", Integer.toString(HTTP));
    environment.put("QUARKUS_MANAGEMENT_HOST", "0.0.0.0");
    environment.put("QUARKUS_MANAGEMENT_PORT", Integer.toString(MANAGEMENT));
    if (kind == WorkerKind.DATA_WORKER) {
      environment.put("SALLYPORT_WORKER_ADDRESS", "http://" + host.address() + ":" + HTTP);
    }
    environment.putAll(more);
    var command = new ArrayList<String>();
    var program = kind.program().toString();
    if (program.endsWith(".jar")) {
      command.addAll(List.of(java(), "-Xmx256m", "-XX:TieredStopAtLevel=1", "-jar"));
    }
    command.add(program);
    launch(host, kind.module(), command, environment);
  }

  /** A process that was started by a thread of the host lives where the host is. */
  private void launch(
      PacketPlan.Host host, String name, List<String> command, Map<String, String> environment)
      throws IOException {
    var log = logs.resolve(plan.name() + "-" + name + ".log").toFile();
    network.in(
        host,
        () -> {
          var builder = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log);
          builder.environment().putAll(environment);
          return builder.start();
        });
  }

  private static void awaitConnection(String address, int port) {
    Awaitility.await("a connection to " + address + ":" + port)
        .atMost(READY_WITHIN)
        .until(() -> PlainHttp.connects(address, port));
  }

  private void awaitReady(String position) {
    var address = plan.host(position).address();
    Awaitility.await(position + " is ready")
        .atMost(READY_WITHIN)
        .until(() ->
            PlainHttp.connects(address, MANAGEMENT)
                && PlainHttp.get(address, MANAGEMENT, "/q/health/ready").status() == 200);
  }

  static String java() {
    return Path.of(System.getProperty("java.home", ""), "bin", "java").toString();
  }
}
