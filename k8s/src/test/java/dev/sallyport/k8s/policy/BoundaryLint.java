package dev.sallyport.k8s.policy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Shapes that are refused whatever they open today: because they open more tomorrow, when somebody
 * adds a pod, or because they are right only through a default that readers must know. Each rule
 * gives one complaint for each offence, and none when all is well.
 */
final class BoundaryLint {

  /** Somebody's inside: a block may name a part of one, for a store, but not take it along. */
  private static final List<Block> PRIVATE =
      Stream.of(
              "10.0.0.0/8",
              "172.16.0.0/12",
              "192.168.0.0/16",
              "100.64.0.0/10",
              "169.254.0.0/16",
              "fc00::/7",
              "fe80::/10")
          .map(Block::of)
          .toList();

  /** Where clouds hand out credentials, and the node's own services. */
  private static final List<Block> NEVER =
      Stream.of("169.254.169.254/32", "fd00:ec2::254/128", "127.0.0.0/8", "::1/128")
          .map(Block::of)
          .toList();

  private final Manifest manifest;
  private final World world;
  private final List<NetworkPolicy> policies;

  private BoundaryLint(List<HasMetadata> objects) {
    this.manifest = Manifest.of(objects);
    this.world = World.around(manifest);
    this.policies =
        objects.stream()
            .filter(NetworkPolicy.class::isInstance)
            .map(NetworkPolicy.class::cast)
            .toList();
  }

  /** Everything that is wrong with the shape of these objects. */
  static List<String> complaints(List<HasMetadata> objects) {
    var lint = new BoundaryLint(objects);
    return Stream.of(
            lint.namespacesWithoutDefaultDeny(),
            lint.podsThatOnlyTheDefaultCloses(),
            lint.policiesThatSelectNobody(),
            lint.rulesThatLeaveSomethingOut(),
            lint.peersThatAreTooWide(),
            lint.blocksThatAreTooWide(),
            lint.peersOfOtherNamespacesByHalf(),
            lint.defaultsThatAreNotWritten(),
            lint.portsThatAreNoNumbers(),
            lint.targetsThatAreNoNames(),
            lint.servicesThatLeadNowhere())
        .flatMap(List::stream)
        .toList();
  }

  private List<String> namespacesWithoutDefaultDeny() {
    return manifest.namespaces().stream()
        .map(Position.Namespace::name)
        .filter(name -> manifest.policies().all().stream().noneMatch(it -> deniesAll(it, name)))
        .map(name -> "namespace " + name + " has no policy {} that denies both directions")
        .toList();
  }

  private static boolean deniesAll(Policy policy, String namespace) {
    return policy.namespace().equals(namespace)
        && policy.pods().equals(Selector.EVERYTHING)
        && policy.directions().size() == Direction.values().length
        && policy.ingress().isEmpty()
        && policy.egress().isEmpty();
  }

  private List<String> podsThatOnlyTheDefaultCloses() {
    var complaints = new ArrayList<String>();
    for (var pod : workloads()) {
      for (var direction : Direction.values()) {
        if (!manifest.policies().isolates(pod, direction)) {
          complaints.add(pod.name() + " is open in " + direction);
        }
      }
      if (Stream.of(Direction.values())
          .flatMap(it -> manifest.policies().side(pod, it).governing().stream())
          .allMatch(policy -> policy.pods().equals(Selector.EVERYTHING))) {
        complaints.add(pod.name() + " has no policy of its own");
      }
    }
    return complaints;
  }

  private List<String> policiesThatSelectNobody() {
    return manifest.policies().all().stream()
        .filter(policy ->
            workloads().stream()
                .noneMatch(pod ->
                    Stream.of(Direction.values())
                        .anyMatch(direction -> policy.governs(pod, direction))))
        .map(policy -> policy.name() + " selects no pod that we run")
        .toList();
  }

  /** The genuine pods of our own workloads. */
  private List<Position.Pod> workloads() {
    return manifest.workloads().stream()
        .map(it -> world.named(it.namespace() + "/" + it.name()))
        .flatMap(it -> it instanceof Position.Pod pod ? Stream.of(pod) : Stream.empty())
        .toList();
  }

  private List<String> rulesThatLeaveSomethingOut() {
    var complaints = new ArrayList<String>();
    for (var policy : manifest.policies().all()) {
      for (var rule : rules(policy)) {
        if (rule.peers().isEmpty()) {
          complaints.add(policy.name() + " has a rule without peers: everybody is meant");
        }
        if (rule.ports().isEmpty()) {
          complaints.add(policy.name() + " has a rule without ports: all are meant");
        }
      }
    }
    return complaints;
  }

  private List<String> peersThatAreTooWide() {
    var complaints = new ArrayList<String>();
    for (var policy : manifest.policies().all()) {
      for (var peer : peers(policy)) {
        if (peer instanceof Peer.Pods(var namespaces, var pods)
            && (Selector.EVERYTHING.equals(namespaces) || Selector.EVERYTHING.equals(pods))) {
          complaints.add(policy.name() + " has a peer with a selector that selects everything");
        }
      }
    }
    return complaints;
  }

  private List<String> blocksThatAreTooWide() {
    var complaints = new ArrayList<String>();
    for (var policy : manifest.policies().all()) {
      for (var peer : peers(policy)) {
        if (peer instanceof Peer.Addresses(var block, var except)) {
          Stream.concat(
                  PRIVATE.stream().filter(range -> covers(block, range)),
                  NEVER.stream().filter(range -> covers(block, range) || covers(range, block)))
              .filter(range -> except.stream().noneMatch(hole -> covers(hole, range)))
              .map(range -> policy.name() + " lets " + block + " through, and with it " + range)
              .forEach(complaints::add);
        }
      }
    }
    return complaints;
  }

  private static boolean covers(Block hole, Block block) {
    return hole.contains(block.first()) && hole.contains(block.last());
  }

  private List<String> peersOfOtherNamespacesByHalf() {
    var complaints = new ArrayList<String>();
    for (var policy : manifest.policies().all()) {
      for (var peer : peers(policy)) {
        if (peer instanceof Peer.Pods(var namespaces, var pods) && namespaces != null) {
          if (pods == null) {
            complaints.add(policy.name() + " lets in all pods of a namespace");
          }
          boolean named =
              namespaces.requirements().stream()
                  .anyMatch(it ->
                      it instanceof Selector.In(var key, var values)
                          && key.equals(Position.Namespace.NAME_LABEL)
                          && values.size() == 1);
          if (!named) {
            complaints.add(policy.name() + " means a namespace by a label that anybody may set");
          }
        }
      }
    }
    return complaints;
  }

  private List<String> defaultsThatAreNotWritten() {
    var complaints = new ArrayList<String>();
    for (var policy : policies) {
      var name = policy.getMetadata().getName();
      var spec = policy.getSpec();
      if (spec.getPolicyTypes().isEmpty()) {
        complaints.add(name + " does not say its policyTypes");
      }
      if ((!spec.getIngress().isEmpty() && !spec.getPolicyTypes().contains("Ingress"))
          || (!spec.getEgress().isEmpty() && !spec.getPolicyTypes().contains("Egress"))) {
        complaints.add(name + " has rules of a direction that it does not name");
      }
      ports(policy)
          .filter(port -> port.getProtocol() == null || port.getPort() == null)
          .forEach(_ -> complaints.add(name + " has a port without protocol or number"));
    }
    return complaints;
  }

  /** Not every network plugin looks names up in egress rules. */
  private List<String> portsThatAreNoNumbers() {
    return manifest.policies().all().stream()
        .filter(policy ->
            rules(policy).stream()
                .flatMap(rule -> rule.ports().stream())
                .anyMatch(PortRule.Named.class::isInstance))
        .map(policy -> policy.name() + " has a port that is no number")
        .toList();
  }

  private List<String> servicesThatLeadNowhere() {
    var complaints = new ArrayList<String>();
    for (var service : manifest.services()) {
      var endpoints = service.endpoints(workloads());
      for (var port : service.ports()) {
        if (endpoints.stream().noneMatch(endpoint -> endpoint.port().equals(port))) {
          complaints.add("Service " + service.name() + " " + port.number() + " leads nowhere");
        }
      }
    }
    return complaints;
  }

  private List<String> targetsThatAreNoNames() {
    return manifest.services().stream()
        .filter(service ->
            service.ports().stream()
                .anyMatch(port -> port.target() instanceof Service.Target.Fixed))
        .map(service -> "Service " + service.name() + " has a targetPort that is no name")
        .toList();
  }

  private static List<Policy.Rule> rules(Policy policy) {
    return Stream.concat(policy.ingress().stream(), policy.egress().stream()).toList();
  }

  private static List<Peer> peers(Policy policy) {
    return rules(policy).stream().flatMap(rule -> rule.peers().stream()).toList();
  }

  private static Stream<NetworkPolicyPort> ports(NetworkPolicy policy) {
    var spec = policy.getSpec();
    return Stream.concat(
        spec.getIngress().stream().flatMap(rule -> rule.getPorts().stream()),
        spec.getEgress().stream().flatMap(rule -> rule.getPorts().stream()));
  }
}
