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
    return oneSide(from, Direction.EGRESS, to, to);
  }

  /** The same, as far as the ingress rules of {@code to} have a say. */
  Ports enters(Position from, Position to) {
    return oneSide(to, Direction.INGRESS, from, to);
  }

  /** Whether some policy governs the pod in this direction. */
  boolean isolates(Position.Pod pod, Direction direction) {
    return !governing(pod, direction).isEmpty();
  }

  /** The policies that have a say about this pod in this direction. */
  List<Policy> governing(Position.Pod pod, Direction direction) {
    return all.stream().filter(policy -> policy.governs(pod, direction)).toList();
  }

  private Ports oneSide(Position self, Direction direction, Position other, Position destination) {
    return switch (self) {
      case Position.Outside _ -> Ports.ALL;
      case Position.Pod pod -> {
        var governing = governing(pod, direction);
        if (governing.isEmpty()) {
          yield Ports.ALL;
        }
        var open = Ports.NONE;
        for (var policy : governing) {
          for (var rule : policy.rules(direction)) {
            open = open.or(rule.opens(other, destination, policy.namespace()));
          }
        }
        yield open;
      }
    };
  }
}
