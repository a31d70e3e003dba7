package dev.sallyport.k8s.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Who reaches whom, as lines of text: what {@code k8s/golden} keeps. Only what is open is written,
 * so an edge that is not there is closed. Each line stands for itself and can be searched for:
 *
 * <pre>
 * isolated WHO in both directions      some policy governs it; what no line opens is closed
 * leaves   WHO -> WHOM PORTS           what the egress rules of WHO alone let out
 * enters   WHO -> WHOM PORTS           what the ingress rules of WHOM alone let in
 * connects WHO -> WHOM PORTS           what both together let through
 * serves   SERVICE PORT -> POD PORT    where a Service's name leads
 * </pre>
 *
 * <p>The two sides stand alone because a rule that is too wide on one side does not show as long as
 * the other side is narrow. Ports and addresses are exact sets: all 65535, all of IPv4 and IPv6.
 */
final class Report {

  private final Policies policies;
  private final World world;
  private final List<Service> services;
  private final AddressSpace space;

  private Report(Manifest manifest, World world) {
    this.policies = manifest.policies();
    this.world = world;
    this.services = manifest.services();
    this.space = AddressSpace.dividedBy(policies);
  }

  /** The lines about one overlay, in order. */
  static List<String> lines(Manifest manifest) {
    return lines(manifest, World.around(manifest));
  }

  /** The same, for a given world. */
  static List<String> lines(Manifest manifest, World world) {
    return new Report(manifest, world).lines();
  }

  private List<String> lines() {
    var lines = new ArrayList<String>();
    world.ours().stream().map(this::isolation).sorted().forEach(lines::add);
    var leaves = new TreeSet<String>();
    var enters = new TreeSet<String>();
    var connects = new TreeSet<String>();
    var everybody = world.everybody().stream().map(this::end).toList();
    for (var pod : world.ours()) {
      var own = end(pod);
      for (var other : everybody) {
        var out = own.out().opens(other.who(), other.who());
        var in = own.in().opens(other.who(), pod);
        if (own.out().isolated()) {
          write(leaves, "leaves   ", pod, other.who(), out);
        }
        if (own.in().isolated()) {
          write(enters, "enters   ", other.who(), pod, in);
        }
        write(connects, "connects ", pod, other.who(), out.and(other.in().opens(pod, other.who())));
        write(connects, "connects ", other.who(), pod, other.out().opens(pod, pod).and(in));
      }
      space
          .reachable(address -> own.out().opens(address, address))
          .forEach((range, ports) -> write(leaves, "leaves   ", pod.name(), range, ports));
      space
          .reachable(address -> own.in().opens(address, pod))
          .forEach((range, ports) -> write(enters, "enters   ", range, pod.name(), ports));
    }
    lines.addAll(leaves);
    lines.addAll(enters);
    lines.addAll(connects);
    lines.addAll(served());
    return lines;
  }

  /** Somebody, and what governs both of its directions. */
  private record End(Position who, Policies.Side in, Policies.Side out) {}

  private End end(Position who) {
    return new End(
        who, policies.side(who, Direction.INGRESS), policies.side(who, Direction.EGRESS));
  }

  private String isolation(Position.Pod pod) {
    boolean in = policies.isolates(pod, Direction.INGRESS);
    boolean out = policies.isolates(pod, Direction.EGRESS);
    if (in && out) {
      return "isolated " + pod.name() + " in both directions";
    }
    return in || out
        ? "isolated " + pod.name() + " in " + (in ? "ingress" : "egress") + " only"
        : "open     " + pod.name() + " in both directions";
  }

  private SortedSet<String> served() {
    var lines = new TreeSet<String>();
    for (var service : services) {
      for (var endpoint : service.endpoints(world.pods())) {
        var port = endpoint.port();
        lines.add(
            "serves   "
                + service.namespace()
                + "/"
                + service.name()
                + (service.headless() ? " (headless)" : "")
                + " "
                + Ports.of(port.protocol(), port.number())
                + " -> "
                + endpoint.pod().name()
                + " "
                + Ports.of(port.protocol(), endpoint.podPort()));
      }
    }
    return lines;
  }

  private static void write(
      Set<String> lines, String verb, Position from, Position to, Ports ports) {
    if (!ports.isEmpty()) {
      write(lines, verb, from.name(), to.name(), ports);
    }
  }

  private static void write(Set<String> lines, String verb, String from, String to, Ports ports) {
    ports.ranges().forEach(range -> lines.add(verb + from + " -> " + to + " " + range));
  }
}
