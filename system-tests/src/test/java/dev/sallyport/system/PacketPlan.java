package dev.sallyport.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The network of one overlay, as {@code k8s/packets} describes it: every position an address, every
 * Service an address, and the policies as rules of nftables.
 *
 * @param name of the overlay
 * @param folder {@code k8s}
 */
record PacketPlan(String name, Path folder, List<Host> hosts, List<Route> routes) {

  /** Ports that somebody declares, some that nobody does, and one that nobody ever would. */
  static final List<Integer> TCP = List.of(53, 80, 443, 4317, 5432, 6379, 8080, 9000, 9092, 31_337);

  static final List<Integer> UDP = List.of(53, 31_337);

  private static final String OURS = "sallyport/";

  /**
   * One network namespace.
   *
   * @param index from 0
   * @param position whose place it is; there may be two hosts of one position
   */
  record Host(int index, String position, String address) {
    boolean isOurs() {
      return position.startsWith(OURS);
    }
  }

  /** Where the port of a Service leads: TCP only. */
  record Route(String address, String service, int port, String position, int podPort) {}

  /**
   * Somewhere to connect to.
   *
   * @param line what it means when that works, without the one who connects
   */
  record Target(String address, String protocol, int port, String line) {}

  static PacketPlan read(Path folder, String name) throws IOException {
    var hosts = new ArrayList<Host>();
    var routes = new ArrayList<Route>();
    for (var line : Files.readAllLines(folder.resolve("packets").resolve(name + ".network"))) {
      var host = line.split(" is ", 2);
      if (host.length == 2) {
        hosts.add(new Host(hosts.size(), host[1], host[0]));
      } else {
        routes.add(route(line));
      }
    }
    return new PacketPlan(name, folder, List.copyOf(hosts), List.copyOf(routes));
  }

  private static Route route(String line) {
    var words = line.split(" ", -1);
    if (words.length != 9 || !words[3].equals("TCP") || !words[7].equals("TCP")) {
      throw new IllegalArgumentException("cannot be built: " + line);
    }
    return new Route(
        words[0], words[2], Integer.parseInt(words[4]), words[6], Integer.parseInt(words[8]));
  }

  Path serviceRules() {
    return folder.resolve("packets").resolve(name + ".services.nft");
  }

  Path policyRules() {
    return folder.resolve("packets").resolve(name + ".policies.nft");
  }

  /** The first host of a position. */
  Host host(String position) {
    return hosts.stream()
        .filter(host -> host.position().equals(position))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("nobody is " + position));
  }

  /** Where a Service is. */
  Route service(String service) {
    return routes.stream()
        .filter(route -> route.service().equals(service))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no Service is called " + service));
  }

  /** Everything that this host tries: everybody, if it is one of ours; else ours. */
  List<Target> targets(Host from) {
    var targets = new ArrayList<Target>();
    for (var to : hosts) {
      if (to.index() != from.index() && (from.isOurs() || to.isOurs())) {
        TCP.forEach(port -> targets.add(target(to, "TCP", port)));
        UDP.forEach(port -> targets.add(target(to, "UDP", port)));
      }
    }
    for (var route : routes) {
      // A pod that its own Service leads back to itself is a path of its own, and no boundary.
      if (!host(route.position()).equals(from)) {
        targets.add(
            new Target(
                route.address(),
                "TCP",
                route.port(),
                "Service " + route.service() + " TCP " + route.port()));
      }
    }
    return targets;
  }

  private static Target target(Host to, String protocol, int port) {
    return new Target(to.address(), protocol, port, to.position() + " " + protocol + " " + port);
  }

  /** The lines of the golden file that say who connects to whom. */
  Set<String> goldenEdges() throws IOException {
    return Files.readAllLines(folder.resolve("golden").resolve(name + ".txt")).stream()
        .filter(line -> line.startsWith("connects "))
        .map(line -> line.substring("connects ".length()))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The same through Services: whoever may connect to the pod and port that it leads to. */
  Set<String> goldenEdgesThroughServices() throws IOException {
    var edges = new TreeSet<String>();
    for (var edge : goldenEdges()) {
      for (var route : routes) {
        var end = " -> " + route.position() + " TCP " + route.podPort();
        if (edge.endsWith(end)) {
          var from = edge.substring(0, edge.length() - end.length());
          edges.add(from + " -> Service " + route.service() + " TCP " + route.port());
        }
      }
    }
    return edges;
  }
}
