package dev.sallyport.system;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * One network namespace for each host of a plan, each on a cable of its own to this process's
 * namespace, which is the node: it routes between them, and filters what it forwards. Nothing is
 * bridged, so nothing passes by.
 *
 * <p>Works where we are root of a user, a network and a mount namespace ({@code unshare -Urnm});
 * what it makes is gone with them. Confined to one thread; {@link #in} may be called from any.
 */
final class PodNetwork implements AutoCloseable {
  /** Of the network namespace of the thread that opens it. */
  private static final Path SOURCE_PORTS = Path.of("/proc/sys/net/ipv4/ip_local_port_range");

  private static final String NAMES = "/run/netns/";
  private static final String NODE = "169.254.1.1";
  private static final long COMMAND_SECONDS = 20;

  private final List<ExecutorService> threads = new ArrayList<>();

  private PodNetwork() {}

  /** Makes it; everybody reaches everybody. */
  static PodNetwork of(PacketPlan plan) throws IOException {
    run("", "mount", "-t", "tmpfs", "run", "/run");
    Files.writeString(Path.of("/proc/sys/net/ipv4/ip_forward"), "1");
    // By default the kernel tells few of those whom it refuses, and late.
    Files.writeString(Path.of("/proc/sys/net/ipv4/icmp_ratelimit"), "0");
    var node = new StringBuilder("link set lo up\naddr add " + NODE + "/32 dev lo\n");
    for (var host : plan.hosts()) {
      var name = "h" + host.index();
      var cable = "v" + host.index();
      node.append("netns add ").append(name).append('\n');
      node.append("link add ").append(cable).append(" type veth peer name eth0 netns ");
      node.append(name).append('\n');
      node.append("link set ").append(cable).append(" up\n");
      node.append("route add ").append(host.address()).append("/32 dev ").append(cable);
      node.append('\n');
    }
    run(node.toString(), "ip", "-batch", "-");
    var network = new PodNetwork();
    for (var host : plan.hosts()) {
      network.attach(host);
    }
    return network;
  }

  private void attach(PacketPlan.Host host) throws IOException {
    run(
        """
        link set lo up
        link set eth0 up
        addr add ADDRESS/32 dev eth0
        route add NODE/32 dev eth0 scope link
        route add default via NODE dev eth0
        """
            .replace("ADDRESS", host.address())
            .replace("NODE", NODE),
        "ip",
        "-netns",
        "h" + host.index(),
        "-batch",
        "-");
    var thread =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("host-" + host.index()).factory());
    threads.add(thread);
    in(
        host,
        () -> {
          NetworkNamespace.enter(Path.of(NAMES + "h" + host.index()));
          return host;
        });
  }

  /**
   * Does something where the host is: sockets that are made and processes that are started in there
   * stay in there.
   */
  <T> T in(PacketPlan.Host host, Callable<T> work) throws IOException {
    try {
      return threads.get(host.index()).submit(work).get();
    } catch (ExecutionException e) {
      throw new IOException("as " + host.position(), e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted as " + host.position(), e);
    }
  }

  /**
   * From which ports hosts connect from now on. The node remembers for a while who has talked to
   * whom, and lets answers through: what is tried before its rules hold and what is tried after
   * must not look alike.
   */
  void connectFrom(int lowest, int highest) throws IOException {
    for (var thread : threads) {
      try {
        thread.submit(() -> Files.writeString(SOURCE_PORTS, lowest + " " + highest)).get();
      } catch (ExecutionException e) {
        throw new IOException("source ports", e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }

  /** Adds rules for what the node forwards. */
  void filter(Path rules) throws IOException {
    run("", "nft", "-f", rules.toString());
  }

  /** How many packets were refused so far. */
  long refused() throws IOException {
    var counter = run("", "nft", "list", "counter", "ip", "policies", "refused");
    var words = counter.substring(counter.indexOf("packets ")).split(" ", 3);
    return Long.parseLong(words[1]);
  }

  /** Makes names known to everybody who is started from now on. */
  void name(Path hosts) throws IOException {
    run("", "mount", "--bind", hosts.toString(), "/etc/hosts");
  }

  /** Runs a command to its end and gives what it printed. */
  static String run(String input, String... command) throws IOException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().write(input.getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().close();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException(String.join(" ", command) + " failed: " + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    return output;
  }

  /** Whether a command runs to a good end here; false where it is not installed. */
  static boolean works(String... command) {
    try {
      var process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(Redirect.DISCARD)
              .start();
      return process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException notThere) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public void close() {
    threads.forEach(ExecutorService::shutdownNow);
  }
}
