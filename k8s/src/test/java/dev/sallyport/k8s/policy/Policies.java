package dev.sallyport.k8s.policy;

import java.util.List;

/**
 * What a set of network policies lets through. This is all of it:
 *
 * <ol>
 *   <li>A pod that no policy governs in a direction is open in that direction.
 *   <li>As soon as one governs it, only what some rule of some governing policy allows gets
 *       through. Rules and policies add up; their order does not matter; nothing takes away.
 *   <li>A connection needs both ends: the egress side of the one that opens it and the ingress side
 *       of the other. Answers on an open connection need no rule.
 *   <li>An address outside has no policies, so its end is always open.
 * </ol>
 *
 * <p>Not modelled, because no policy can change it: a pod reaches itself, and its node reaches it
 * (the kubelet's probes).
 *
 * @see <a
 *     href="https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation">The
 *     two sorts of pod isolation</a>
 */
record Policies(List<Policy> all) {

  Policies {
    all = List.copyOf(all);
  }

  /** The ports of {@code to} that {@code from} can connect to: what both sides allow. */
  Ports connects(Position from, Position to) {
    return leaves(from, to).and(enters(from, to));
  }

  /** The same, as far as the egress rules of {@code from} have a say. */
  Ports leaves(Position from, Position to) {
    return side(from, Direction.EGRESS).opens(to, to);
  }

  /** The same, as far as the ingress rules of {@code to} have a say. */
  Ports enters(Position from, Position to) {
    return side(to, Direction.INGRESS).opens(from, to);
  }

  /** Whether some policy governs the pod in this direction. */
  boolean isolates(Position.Pod pod, Direction direction) {
    return side(pod, direction).isolated();
  }

  /** What has a say about this position in this direction. */
  Side side(Position position, Direction direction) {
    return switch (position) {
      case Position.Outside _ -> new Side(direction, List.of());
      case Position.Pod pod ->
          new Side(
              direction, all.stream().filter(policy -> policy.governs(pod, direction)).toList());
    };
  }

  /**
   * One end of connections.
   *
   * @param governing those that isolate it; none leave it open
   */
  record Side(Direction direction, List<Policy> governing) {

    boolean isolated() {
      return !governing.isEmpty();
    }

    /**
     * The ports of {@code destination} that this end allows.
     *
     * @param other the other end
     * @param destination the end that is connected to: this one or the other
     */
    Ports opens(Position other, Position destination) {
      if (!isolated()) {
        return Ports.ALL;
      }
      var open = Ports.NONE;
      for (var policy : governing) {
        for (var rule : policy.rules(direction)) {
          open = open.or(rule.opens(other, destination, policy.namespace()));
        }
      }
      return open;
    }
  }
}
