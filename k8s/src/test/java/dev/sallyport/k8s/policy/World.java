package dev.sallyport.k8s.policy;

import dev.sallyport.k8s.policy.Position.ContainerPort;
import dev.sallyport.k8s.policy.Position.Namespace;
import dev.sallyport.k8s.policy.Position.Outside;
import dev.sallyport.k8s.policy.Position.Pod;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Everybody who is there, and everybody who might come: the pods of an overlay, the parts of the
 * cluster that they deal with, and for each of them those who pretend. Made from the workloads and
 * from what is written here, never from the policies: a selector that selects the wrong pods must
 * find those wrong pods waiting.
 *
 * <p>Who pretends, for each pod: one with exactly its labels in every other namespace; in its own
 * namespace one without each of the labels that tell it from others, and one with another value.
 * And in each namespace a pod that has no labels at all, and in ours one with labels of its own.
 *
 * @param ours pods that live where the overlay's policies are
 * @param others every other pod
 * @param outside addresses that are no pods
 */
record World(List<Pod> ours, List<Pod> others, List<Outside> outside) {

  World {
    ours = List.copyOf(ours);
    others = List.copyOf(others);
    outside = List.copyOf(outside);
  }

  /** An address of the public internet. */
  static final Outside INTERNET = new Outside("internet", Address.of("93.184.215.14"));

  /** Where clouds hand out credentials to whoever can connect. */
  static final Outside METADATA = new Outside("metadata", Address.of("169.254.169.254"));

  private static final String NAME = "app.kubernetes.io/name";

  /** The parts of a cluster that our pods deal with, as their own charts label them. */
  private static final List<Actor> AROUND =
      List.of(
          new Actor(
              "envoy-gateway-system",
              "gateway",
              Map.of(
                  "gateway.envoyproxy.io/owning-gateway-namespace", "sallyport",
                  "gateway.envoyproxy.io/owning-gateway-name", "sallyport"),
              List.of(new ContainerPort("https", Protocol.TCP, 10443))),
          new Actor("traefik", "ingress-controller", Map.of(NAME, "traefik"), List.of()),
          new Actor("monitoring", "prometheus", Map.of(NAME, "prometheus"), List.of()),
          new Actor(
              "monitoring",
              "collector",
              Map.of(NAME, "opentelemetry-collector"),
              List.of(new ContainerPort("otlp", Protocol.TCP, 4317))),
          new Actor(
              "kube-system",
              "kube-dns",
              Map.of("k8s-app", "kube-dns"),
              List.of(
                  new ContainerPort("dns", Protocol.UDP, 53),
                  new ContainerPort("dns-tcp", Protocol.TCP, 53))),
          new Actor("elsewhere", "neighbour", Map.of("app", "neighbour"), List.of()));

  /** A namespace of other people, who labelled it as if it were ours. */
  private static final Map<String, String> ELSEWHERE =
      Map.of(NAME, "sallyport", "app.kubernetes.io/part-of", "sallyport", "name", "sallyport");

  /** Whoever can make a pod beside ours can label it, but not as one of ours. */
  private static final Map<String, String> ATTACKER =
      Map.of("app", "attacker", "app.kubernetes.io/part-of", "sallyport");

  private static final String ANOTHER = "something-else";

  /**
   * A pod before it has an address.
   *
   * @param telling the labels that tell it from others
   */
  private record Actor(
      String namespace,
      String kind,
      Map<String, String> labels,
      Map<String, String> telling,
      List<ContainerPort> ports) {
    Actor(String namespace, String kind, Map<String, String> labels, List<ContainerPort> ports) {
      this(namespace, kind, labels, labels, ports);
    }

    Actor in(String other) {
      return new Actor(other, kind + "'s labels", labels, Map.of(), ports);
    }

    Actor without(String label) {
      var fewer = new HashMap<>(labels);
      fewer.remove(label);
      return new Actor(namespace, kind + " less " + label, fewer, Map.of(), ports);
    }

    Actor withAnother(String label) {
      var changed = new HashMap<>(labels);
      changed.put(label, ANOTHER);
      return new Actor(namespace, kind + " with another " + label, changed, Map.of(), ports);
    }
  }

  /** The world around an overlay. */
  static World around(Manifest manifest) {
    var namespaces = new TreeMap<String, Namespace>();
    AROUND.forEach(actor -> namespaces.put(actor.namespace(), plain(actor.namespace())));
    namespaces.put("elsewhere", new Namespace("elsewhere", ELSEWHERE));
    var ourNames = manifest.namespaces().stream().map(Namespace::name).toList();
    manifest.namespaces().forEach(namespace -> namespaces.put(namespace.name(), namespace));

    var genuine = new ArrayList<>(AROUND);
    for (var workload : manifest.workloads()) {
      genuine.add(
          new Actor(
              workload.namespace(),
              workload.name(),
              workload.labels(),
              workload.selectorLabels(),
              workload.ports()));
    }
    var everybody = new ArrayList<>(genuine);
    for (var actor : genuine) {
      namespaces.keySet().stream()
          .filter(namespace -> !namespace.equals(actor.namespace()))
          .forEach(namespace -> everybody.add(actor.in(namespace)));
      for (var label : actor.telling().keySet()) {
        everybody.add(actor.without(label));
        everybody.add(actor.withAnother(label));
      }
    }
    for (var namespace : namespaces.keySet()) {
      everybody.add(new Actor(namespace, "no labels", Map.of(), List.of()));
    }
    for (var namespace : ourNames) {
      everybody.add(new Actor(namespace, "attacker", ATTACKER, List.of()));
    }
    var pods = addressed(everybody, namespaces);
    return new World(
        pods.stream().filter(pod -> ourNames.contains(pod.namespace().name())).toList(),
        pods.stream().filter(pod -> !ourNames.contains(pod.namespace().name())).toList(),
        List.of(INTERNET, METADATA));
  }

  /** Every pod. */
  List<Pod> pods() {
    var pods = new ArrayList<>(ours);
    pods.addAll(others);
    return pods;
  }

  /** Every pod and every address outside that has a name. */
  List<Position> everybody() {
    var everybody = new ArrayList<Position>(pods());
    everybody.addAll(outside);
    return everybody;
  }

  /** The position of this name, such as {@code sallyport/data-worker}. */
  Position named(String name) {
    return everybody().stream()
        .filter(position -> position.name().equals(name))
        .findAny()
        .orElseThrow(() -> new IllegalArgumentException("nobody is called " + name));
  }

  private static Namespace plain(String name) {
    return new Namespace(name, Map.of());
  }

  /** Gives each a pod address, in the order of the names. */
  private static List<Pod> addressed(List<Actor> actors, Map<String, Namespace> namespaces) {
    var ordered =
        actors.stream()
            .sorted(Comparator.comparing(Actor::namespace).thenComparing(Actor::kind))
            .toList();
    var pods = new ArrayList<Pod>();
    for (var actor : ordered) {
      int index = pods.size() + 1;
      var namespace = namespaces.get(actor.namespace());
      if (namespace == null) {
        throw new IllegalArgumentException(
            actor.kind() + " is in the namespace " + actor.namespace() + ", which nobody makes");
      }
      pods.add(
          new Pod(
              actor.kind(),
              namespace,
              actor.labels(),
              Address.of("10.244." + index / 200 + "." + (index % 200 + 1)),
              actor.ports()));
    }
    return pods;
  }
}
