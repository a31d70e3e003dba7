package dev.sallyport.k8s.policy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where a connection may start or end. */
sealed interface Position {

  /** As it stands in reports. */
  String name();

  Address address();

  /**
   * A pod, or rather any number of pods that are alike: the same labels in the same namespace.
   *
   * @param kind what it is called within its namespace
   * @param ports what its containers declare, for names to be looked up in; a declaration opens and
   *     closes nothing
   */
  record Pod(
      String kind,
      Namespace namespace,
      Map<String, String> labels,
      Address address,
      List<ContainerPort> ports)
      implements Position {
    public Pod {
      labels = Map.copyOf(labels);
      ports = List.copyOf(ports);
    }

    @Override
    public String name() {
      return namespace.name() + "/" + kind;
    }

    /** The ports that are declared under this name. */
    Ports named(Protocol protocol, String name) {
      return ports.stream()
          .filter(port -> port.protocol() == protocol && port.name().equals(name))
          .map(port -> Ports.of(protocol, port.number()))
          .reduce(Ports.NONE, Ports::or);
    }
  }

  /** An address that is no pod of this cluster. No policy governs what it does. */
  record Outside(String name, Address address) implements Position {}

  /** A namespace with its labels, {@code kubernetes.io/metadata.name} among them. */
  record Namespace(String name, Map<String, String> labels) {
    /** The label that the API server sets and nobody can change. */
    static final String NAME_LABEL = "kubernetes.io/metadata.name";

    public Namespace {
      var all = new HashMap<>(labels);
      all.put(NAME_LABEL, name);
      labels = Map.copyOf(all);
    }
  }

  /**
   * A declared port of a container.
   *
   * @param name empty where there is none
   */
  record ContainerPort(String name, Protocol protocol, int number) {}
}
