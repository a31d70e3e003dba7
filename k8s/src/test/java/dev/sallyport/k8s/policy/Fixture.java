package dev.sallyport.k8s.policy;

import dev.sallyport.k8s.StrictYaml;
import dev.sallyport.k8s.policy.Position.ContainerPort;
import dev.sallyport.k8s.policy.Position.Namespace;
import dev.sallyport.k8s.policy.Position.Outside;
import dev.sallyport.k8s.policy.Position.Pod;
import java.util.List;
import java.util.Map;

/**
 * A small cluster for the tests of the semantics: a {@code server} and a {@code client} in the
 * namespace {@code home}, a client with the same labels in the namespace {@code away}, which is
 * labelled {@code team: other}, and an address outside.
 */
final class Fixture {

  static final Namespace HOME = new Namespace("home", Map.of("team", "ours"));
  static final Namespace AWAY = new Namespace("away", Map.of("team", "other"));

  static final Pod SERVER =
      pod(
          "server",
          HOME,
          "10.0.0.1",
          new ContainerPort("http", Protocol.TCP, 8080),
          new ContainerPort("dns", Protocol.UDP, 5353));
  static final Pod CLIENT =
      pod("client", HOME, "10.0.0.2", new ContainerPort("http", Protocol.TCP, 9999));
  static final Pod STRANGER = pod("stranger", HOME, "10.0.0.3");
  static final Pod CLIENT_AWAY = pod("client", AWAY, "10.0.1.2");
  static final Pod STRANGER_AWAY = pod("stranger", AWAY, "10.0.1.3");
  static final Outside OUTSIDE = new Outside("outside", Address.of("192.0.2.1"));

  private Fixture() {}

  private static Pod pod(String app, Namespace home, String address, ContainerPort... ports) {
    return new Pod(app, home, Map.of("app", app), Address.of(address), List.of(ports));
  }

  /** A policy of the namespace {@code home}, from its {@code spec} as indented YAML. */
  static Policy policy(String spec) {
    var yaml =
        """
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata: {name: tried, namespace: home}
        spec:
        """
            + spec.indent(2);
    return manifest(yaml).policies().all().getFirst();
  }

  static Policies policies(String... specs) {
    return new Policies(List.of(specs).stream().map(Fixture::policy).toList());
  }

  static Manifest manifest(String yaml) {
    return Manifest.of(StrictYaml.documents(yaml).stream().map(StrictYaml::bind).toList());
  }

  /** A policy on the server that lets in what this rule says; the rule begins with a dash. */
  static Policies serverAdmits(String rule) {
    return policies(
        """
        podSelector: {matchLabels: {app: server}}
        policyTypes: [Ingress]
        ingress:
        """
            + rule.indent(2));
  }
}
