package dev.sallyport.k8s.policy;

/**
 * One entry of a rule's {@code ports}.
 *
 * <p>A name is looked up in the pod that is connected <em>to</em>, in an egress rule as well: the
 * same name may mean another number in another pod, and none in an address outside.
 */
sealed interface PortRule {

  Protocol protocol();

  /** The ports of a destination that it opens. */
  default Ports on(Position destination) {
    return switch (this) {
      case Every(var protocol) -> Ports.all(protocol);
      case Range(var protocol, var from, var to) -> Ports.range(protocol, from, to);
      case Named(var protocol, var name) ->
          switch (destination) {
            case Position.Outside _ -> Ports.NONE;
            case Position.Pod pod -> pod.named(protocol, name);
          };
    };
  }

  /** {@code port} is absent: every port, of this one protocol. */
  record Every(Protocol protocol) implements PortRule {}

  /** {@code port} as a number, with {@code endPort} or alone; both ends are in it. */
  record Range(Protocol protocol, int from, int to) implements PortRule {
    public Range {
      Ports.range(protocol, from, to);
    }
  }

  /** {@code port} as a name. */
  record Named(Protocol protocol, String name) implements PortRule {}
}
