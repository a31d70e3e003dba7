package dev.sallyport.k8s.policy;

import java.util.List;
import java.util.stream.Stream;

/**
 * A Service with a selector: a name that leads to pods. Policies look at what it leads to, the pod
 * and the pod's port, never at the Service's own address and port.
 *
 * @param pods whom it selects, in its own namespace
 * @param headless without an address of its own: the name leads to the pods themselves, and nobody
 *     translates the port
 * @see <a href="https://kubernetes.io/docs/concepts/services-networking/service/">Service</a>
 */
record Service(
    String namespace, String name, Selector pods, boolean headless, List<ServicePort> ports) {

  Service {
    ports = List.copyOf(ports);
  }

  /** Where the name and one of its ports lead. */
  record Endpoint(ServicePort port, Position.Pod pod, int podPort) {}

  /** Everything that the Service leads to. A selector or a name that misses leads nowhere. */
  List<Endpoint> endpoints(List<Position.Pod> everybody) {
    return everybody.stream().filter(this::selects).flatMap(this::endpoints).toList();
  }

  private boolean selects(Position.Pod pod) {
    return namespace.equals(pod.namespace().name()) && pods.matches(pod.labels());
  }

  private Stream<Endpoint> endpoints(Position.Pod pod) {
    return ports.stream()
        .flatMap(port -> {
          // A client of a headless Service gets a pod's address and adds the port that it asked
          // for; the target port only says which pods have such a port.
          var targets = port.target().on(pod);
          return headless
              ? targets.stream().limit(1).map(_ -> new Endpoint(port, pod, port.number()))
              : targets.stream().map(target -> new Endpoint(port, pod, target));
        });
  }

  /** One entry of {@code ports}. */
  record ServicePort(String name, Protocol protocol, int number, Target target) {
    ServicePort {
      Ports.of(protocol, number);
    }
  }

  /** A {@code targetPort}. */
  sealed interface Target {
    /** The port of this pod, or nothing where the pod does not declare the name. */
    default List<Integer> on(Position.Pod pod) {
      return switch (this) {
        case Fixed(var port) -> List.of(port);
        case Named(var protocol, var name) ->
            pod.ports().stream()
                .filter(port -> port.protocol() == protocol && port.name().equals(name))
                .map(Position.ContainerPort::number)
                .toList();
      };
    }

    /** A number, also the Service's own port where the field is absent. */
    record Fixed(int port) implements Target {}

    /** The name of a container's port. */
    record Named(Protocol protocol, String name) implements Target {}
  }
}
