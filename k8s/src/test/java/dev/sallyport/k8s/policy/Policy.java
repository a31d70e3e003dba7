package dev.sallyport.k8s.policy;

import java.util.List;
import java.util.Set;

/**
 * A NetworkPolicy. It allows; nothing in it forbids.
 *
 * @param pods whom it selects, in its own namespace only
 * @param directions those in which it isolates whom it selects; the rules of another direction have
 *     no effect
 */
record Policy(
    String namespace,
    String name,
    Selector pods,
    Set<Direction> directions,
    List<Rule> ingress,
    List<Rule> egress) {

  Policy {
    directions = Set.copyOf(directions);
    ingress = List.copyOf(ingress);
    egress = List.copyOf(egress);
  }

  /** Whether it isolates this pod in this direction, and so has a say in what is let through. */
  boolean governs(Position.Pod pod, Direction direction) {
    return directions.contains(direction)
        && namespace.equals(pod.namespace().name())
        && pods.matches(pod.labels());
  }

  List<Rule> rules(Direction direction) {
    return switch (direction) {
      case INGRESS -> ingress;
      case EGRESS -> egress;
    };
  }

  /**
   * One item of {@code ingress} or {@code egress}: these ports with these peers.
   *
   * @param peers none at all means everybody, everywhere: absent and empty are the same
   * @param ports none at all means every port of every protocol
   */
  record Rule(List<Peer> peers, List<PortRule> ports) {
    Rule {
      peers = List.copyOf(peers);
      ports = List.copyOf(ports);
    }

    /** The ports of {@code destination} that it opens when the other end is {@code other}. */
    Ports opens(Position other, Position destination, String home) {
      if (!peers.isEmpty() && peers.stream().noneMatch(peer -> peer.matches(other, home))) {
        return Ports.NONE;
      }
      return ports.isEmpty()
          ? Ports.ALL
          : ports.stream().map(port -> port.on(destination)).reduce(Ports.NONE, Ports::or);
    }
  }
}
