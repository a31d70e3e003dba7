package dev.sallyport.system;

import dev.sallyport.local.LocalStack;
import dev.sallyport.local.StackSettings;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * From exec to the first answer, and what the processes hold then and after some work: native
 * binaries, JVMs with an AOT cache and plain JVMs, one after the other in every round, so that what
 * else the machine does meets all of them. Postgres runs before and during all of it. A first
 * round, which does not count, makes the tables and fills the page cache.
 */
final class ColdStartBench {
  private static final long PINGS = 20_000;
  private static final int CONNECTIONS = 8;
  private static final String PING = "/api/internal/ping";

  private final int rounds;
  private final PrintStream out;

  ColdStartBench(int rounds, PrintStream out) {
    this.rounds = rounds;
    this.out = out;
  }

  void run() throws IOException {
    double loadBefore = Machine.load();
    var folder = Files.createTempDirectory("sallyport-bench-coldstart-");
    try {
      var report = new ColdStartReport(packagings(folder));
      var steal = Machine.Ticks.now();
      try (var stack = LocalStack.start(StackSettings.onFreePorts(folder.resolve("stack")))) {
        for (int round = 0; round <= rounds; round++) {
          if (round == 1) {
            report.forget();
          }
          round(stack, folder.resolve("workers.log"), report);
        }
      }
      report.print(
          out,
          Map.of(
              "loadBefore",
              loadBefore,
              "loadAfter",
              Machine.load(),
              "stealPercent",
              steal.stealPercent(),
              "rounds",
              rounds));
    } finally {
      Deployment.delete(folder);
    }
  }

  private List<Packaging> packagings(Path folder) {
    var packagings = new ArrayList<Packaging>();
    if (Packaging.hasBinaries()) {
      packagings.add(Packaging.binaries());
    } else {
      out.println("not run: " + Packaging.NATIVE + "; build the binaries with ./sallyport native");
    }
    packagings.add(Packaging.cached(folder));
    packagings.add(Packaging.plain());
    return packagings;
  }

  private static void round(LocalStack stack, Path log, ColdStartReport report) throws IOException {
    report.nothing(ended(List.of("true"), log), ended(List.of(Packaging.JAVA, "-version"), log));
    for (var packaging : report.packagings()) {
      pair(stack, log, packaging, report);
    }
  }

  private static Duration ended(List<String> command, Path log) {
    try (var start = ColdStart.of(command, Map.of(), log)) {
      return start.untilEnd();
    }
  }

  /** The data-worker, the user-worker in front of it, then the same work for both. */
  private static void pair(LocalStack stack, Path log, Packaging packaging, ColdStartReport report)
      throws IOException {
    var dataPorts = Worker.Ports.free();
    var userPorts = Worker.Ports.free();
    var dataEnvironment = new HashMap<>(stack.dataWorkerEnvironment());
    dataEnvironment.putAll(dataPorts.environment());
    var userEnvironment = new HashMap<>(stack.userWorkerEnvironment());
    userEnvironment.putAll(userPorts.environment());
    userEnvironment.put(
        "SALLYPORT_BINDINGS_BACKEND_SERVICE_URL", "http://127.0.0.1:" + dataPorts.http());
    var keys = Objects.requireNonNull(dataEnvironment.get("SALLYPORT_SIGNING_KEYS"));
    var calls = new InnerCalls(keys, InstantSource.system(), UUID.randomUUID().toString());
    var ping = calls.request("GET", PING, null, "");
    var health = RawSocket.head("GET /health HTTP/1.1");

    var dataCommand = packaging.of(WorkerKind.DATA_WORKER).command();
    var userCommand = packaging.of(WorkerKind.USER_WORKER).command();
    try (var data = ColdStart.of(dataCommand, dataEnvironment, log)) {
      var dataStart = started(data, dataPorts, ping);
      try (var user = ColdStart.of(userCommand, userEnvironment, log)) {
        var userStart = started(user, userPorts, health);
        work(userPorts.http());
        report.add(packaging, WorkerKind.DATA_WORKER, dataStart, Memory.of(data.pid()));
        report.add(packaging, WorkerKind.USER_WORKER, userStart, Memory.of(user.pid()));
      }
    }
  }

  private static ColdStartReport.Start started(
      ColdStart start, Worker.Ports ports, String request) {
    var first = start.until200(ports.http(), request);
    var cpu = ProcessFigures.cpuOfThreads(start.pid());
    var memory = Memory.of(start.pid());
    var ready = start.until200(ports.management(), RawSocket.head("GET /q/health/ready HTTP/1.1"));
    return new ColdStartReport.Start(first, cpu, memory, ready);
  }

  /** Somebody signs in, then asks the data-worker through the user-worker again and again. */
  private static void work(int port) throws IOException {
    var accounts = new Accounts(Http.to(URI.create("http://127.0.0.1:" + port)));
    var request =
        RawSocket.head(
            "GET " + PING + " HTTP/1.1", "Authorization: " + accounts.newSession().bearer());
    byte[] bytes = request.getBytes(StandardCharsets.US_ASCII);
    new LoadGenerator(port, now -> bytes, CONNECTIONS).answers(PINGS);
  }
}
