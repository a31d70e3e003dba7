package dev.sallyport.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The program that runs inside of the namespaces for {@link PacketTest}: builds the network, tries
 * everything without policies and with them, and writes what it saw to a file. It is the first
 * process of its process namespace, so with it everything that it started is gone; and it ends when
 * its standard input does, so it does not outlive the test.
 */
final class PacketRun {

  private static final String EMAIL = "ada@example.org";

  private PacketRun() {}

  /**
   * Runs one plan.
   *
   * @param arguments the folder {@code k8s}, the plan's name, an empty folder, a folder for logs,
   *     and {@code true} for the real workers
   */
  public static void main(String[] arguments) throws IOException {
    Thread.ofPlatform().daemon().start(PacketRun::endWithTheTest);
    var plan = PacketPlan.read(Path.of(arguments[0]), arguments[1]);
    var work = Path.of(arguments[2]);
    var logs = Path.of(arguments[3]);
    var seen = new ArrayList<String>();
    try (var network = PodNetwork.of(plan);
        var doors = OpenDoors.on(network, plan)) {
      network.filter(plan.serviceRules());
      network.connectFrom(20_000, 39_999);
      write(seen, "without", Probes.all(network, plan));
      network.connectFrom(40_000, 60_999);
      network.filter(plan.policyRules());
      if (Boolean.parseBoolean(arguments[4])) {
        new InsideProcesses(network, plan, work, logs).start(doors);
        seen.addAll(answers(network, plan));
      }
      write(seen, "with", Probes.all(network, plan));
      seen.add("refused " + network.refused());
    }
    Files.write(work.resolve("seen"), seen);
    Runtime.getRuntime().halt(0); // and with it whatever was started
  }

  private static void endWithTheTest() {
    try {
      while (System.in.read() >= 0) {
        // The test says nothing; it only stays.
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Runtime.getRuntime().halt(1);
  }

  /** {@code with 2/2 A -> B TCP 80}: how often it worked, how often it was tried. */
  private static void write(
      List<String> seen, String policies, Map<String, Probes.Result> results) {
    results.forEach((line, result) ->
        seen.add(policies + " " + result.yes() + "/" + result.tries() + " " + line));
  }

  /** A request all the way through, and requests that should not get there. */
  private static List<String> answers(PodNetwork network, PacketPlan plan) throws IOException {
    var answers = new ArrayList<String>();
    var gate = plan.service("user-worker");
    var gateway = plan.host("envoy-gateway-system/gateway");
    answers.add(
        "answer through the gateway "
            + network.in(gateway, () -> throughTheGate(gate.address(), gate.port())));
    var inner = plan.host(InsideProcesses.DATA_WORKER);
    var outer = plan.host(InsideProcesses.USER_WORKER);
    answers.add(
        "answer unsigned from the user-worker "
            + network.in(outer, () -> status(inner.address(), InsideProcesses.HTTP)));
    var prometheus = plan.host("monitoring/prometheus");
    answers.add(
        "answer metrics to prometheus "
            + network.in(
                prometheus,
                () ->
                    PlainHttp.get(inner.address(), InsideProcesses.MANAGEMENT, "/q/metrics")
                        .status()));
    for (var host : plan.hosts()) {
      if (!host.position().equals(InsideProcesses.USER_WORKER)) {
        var connects =
            network.in(host, () -> PlainHttp.connects(inner.address(), InsideProcesses.HTTP));
        if (host.index() != inner.index()) {
          answers.add("reached " + connects + " " + host.position());
        }
      }
    }
    return answers;
  }

  /** Registers, signs in, and asks the private side: the status and body of its answer. */
  private static String throughTheGate(String address, int port) throws IOException {
    var credentials = Json.write(Map.of("email", EMAIL, "password", "a long enough sentence"));
    var registered = PlainHttp.post(address, port, "/auth/register", credentials);
    var signedIn = PlainHttp.post(address, port, "/auth/login", credentials);
    if (registered.status() != 201 || signedIn.status() != 200) {
      return "not signed in: " + registered + " " + signedIn;
    }
    var token = signedIn.body().replaceAll("(?s).*\"accessToken\" *: *\"([^\"]+)\".*", "$1");
    var ping = PlainHttp.get(address, port, "/api/internal/ping", "Authorization: Bearer " + token);
    return ping.status() + " " + ping.body().replaceAll("\\s+", " ");
  }

  private static int status(String address, int port) throws IOException {
    return PlainHttp.get(address, port, "/api/internal/ping").status();
  }
}
