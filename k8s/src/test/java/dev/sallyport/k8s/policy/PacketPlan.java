package dev.sallyport.k8s.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An overlay as a network that can be built from nothing but a Linux kernel: who is there under
 * which address, and the rules of nftables that stand for its Services and its policies. The system
 * tests build it, put the real workers in, and hold the golden file against the packets.
 *
 * <p>Two of each of our workloads are there, to see whether alike pods reach each other. Of those
 * who pretend, the ones in our own namespaces and in {@code elsewhere} are there; the other
 * namespaces are like it.
 *
 * @param hosts one network namespace each
 * @param routes where each Service leads, with the address that stands for its name
 */
record PacketPlan(List<Host> hosts, List<Route> routes, Policies policies) {

  private static final String CROWD = "elsewhere";

  /** One pod, or one address outside. */
  record Host(Position position, Address address) {
    Position.Pod pod() {
      return (Position.Pod) position;
    }

    boolean isPod() {
      return position instanceof Position.Pod;
    }
  }

  /** From a Service's address and port to one pod's. */
  record Route(Address service, Service of, Service.ServicePort port, Host to, int podPort) {}

  static PacketPlan of(Overlay overlay) {
    var world = overlay.world();
    var hosts = new ArrayList<Host>();
    for (var pod : world.ours()) {
      hosts.add(new Host(pod, pod.address()));
    }
    for (var workload : overlay.manifest().workloads()) {
      var pod = overlay.pod(workload.namespace() + "/" + workload.name());
      hosts.add(new Host(pod, Address.of("10.245.0." + (hosts.size() + 1))));
    }
    world.others().stream()
        .filter(pod -> !pod.kind().endsWith("'s labels") || pod.namespace().name().equals(CROWD))
        .filter(pod -> !pod.kind().contains(" less ") && !pod.kind().contains(" with another "))
        .forEach(pod -> hosts.add(new Host(pod, pod.address())));
    world.outside().forEach(outside -> hosts.add(new Host(outside, outside.address())));
    return new PacketPlan(hosts, routes(overlay, hosts), overlay.manifest().policies());
  }

  /** Each Service leads to the first of its pods, which is where the real worker runs. */
  private static List<Route> routes(Overlay overlay, List<Host> hosts) {
    var routes = new ArrayList<Route>();
    for (var service : overlay.manifest().services()) {
      if (service.headless()) {
        throw new IllegalArgumentException(service.name() + " is headless: teach this to do that");
      }
      var address = Address.of("10.96.0." + (routes.size() + 1));
      for (var endpoint : service.endpoints(overlay.world().pods())) {
        var host =
            hosts.stream()
                .filter(it -> it.position().equals(endpoint.pod()))
                .findFirst()
                .orElseThrow();
        routes.add(new Route(address, service, endpoint.port(), host, endpoint.podPort()));
      }
    }
    return routes;
  }

  /** One line for each host, {@code ADDRESS is NAME}, and for each Service's port. */
  String network() {
    var lines = new ArrayList<String>();
    hosts.forEach(host -> lines.add(host.address() + " is " + host.position().name()));
    routes.forEach(route ->
        lines.add(
            route.service()
                + " leads "
                + route.of().name()
                + " "
                + Ports.of(route.port().protocol(), route.port().number())
                + " to "
                + route.to().position().name()
                + " "
                + Ports.of(route.port().protocol(), route.podPort())));
    return lines.stream().collect(Collectors.joining("\n", "", "\n"));
  }

  /** What translates the addresses of Services, before any policy is asked. */
  String serviceRules() {
    return Nftables.services(routes);
  }

  /** What the policies let through. */
  String policyRules() {
    return Nftables.policies(hosts, policies);
  }
}
