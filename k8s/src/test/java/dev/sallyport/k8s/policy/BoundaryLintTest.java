package dev.sallyport.k8s.policy;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.k8s.StrictYaml;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The shapes that are refused, and that nothing of ours has one of them. */
class BoundaryLintTest {

  static List<Overlay> overlays() {
    return Overlay.all();
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void noOverlayHasARefusedShape(Overlay overlay) {
    assertThat(BoundaryLint.complaints(overlay.objects())).isEmpty();
  }

  @Test
  void aNamespaceNeedsItsDefaultDenyInBothDirections() {
    assertThat(complaints("")).isEmpty();
    assertThat(
            BoundaryLint.complaints(
                bind(
                    StrictYaml.documents(
                        "{apiVersion: v1, kind: Namespace, metadata: {name: home}}"))))
        .containsExactly("namespace home has no policy {} that denies both directions");
  }

  @Test
  void aPodNeedsAPolicyOfItsOwn() {
    var alone = WORKLOAD.replace("NAME", "alone");
    assertThat(complaints(alone)).containsExactly("home/alone has no policy of its own");
  }

  @Test
  void aPolicySelectsSomebody() {
    assertThat(complaints(policy("podSelector: {matchLabels: {app: nobody}}", "Ingress", "")))
        .containsExactly("tried selects no pod that we run");
  }

  @Test
  void aRuleNamesPeersAndPorts() {
    assertThat(complaints(ingress("{}")))
        .containsExactly(
            "tried has a rule without peers: everybody is meant",
            "tried has a rule without ports: all are meant");
  }

  @Test
  void aPeerIsNotEverybodySomewhere() {
    assertThat(complaints(ingress("{from: [{podSelector: {}}], " + PORTS + "}")))
        .containsExactly("tried has a peer with a selector that selects everything");
    assertThat(
            complaints(
                ingress(
                    "{from: [{namespaceSelector: {}, podSelector: {matchLabels: {a: b}}}], "
                        + PORTS
                        + "}")))
        .contains("tried has a peer with a selector that selects everything");
  }

  @Test
  void aBlockLeavesPrivateAddressesAndTheMetadataAddressOut() {
    assertThat(
            complaints(ingress("{from: [{ipBlock: {cidr: 169.254.169.254/32}}], " + PORTS + "}")))
        .containsExactly("tried lets 169.254.169.254/32 through, and with it 169.254.169.254/32");
    assertThat(complaints(ingress("{from: [{ipBlock: {cidr: 0.0.0.0/0}}], " + PORTS + "}")))
        .hasSize(7);
    assertThat(complaints(ingress("{from: [{ipBlock: {cidr: 10.2.0.10/32}}], " + PORTS + "}")))
        .isEmpty();
  }

  @Test
  void aPeerInAnotherNamespaceIsNamedByNamespaceAndPod() {
    assertThat(
            complaints(
                ingress("{from: [{namespaceSelector: {matchLabels: {team: x}}}], " + PORTS + "}")))
        .containsExactly(
            "tried lets in all pods of a namespace",
            "tried means a namespace by a label that anybody may set");
  }

  @Test
  void defaultsAreWritten() {
    assertThat(complaints(policy(SELF, "", "")))
        .containsExactly("tried does not say its policyTypes");
    assertThat(complaints(policy(SELF, "Egress", "ingress: [" + RULE + "]")))
        .containsExactly("tried has rules of a direction that it does not name");
    assertThat(
            complaints(
                ingress("{from: [{podSelector: {matchLabels: {a: b}}}], ports: [{port: 1}]}")))
        .containsExactly("tried has a port without protocol or number");
  }

  @Test
  void aPortOfAPolicyIsANumber() {
    assertThat(
            complaints(
                ingress(
                    "{from: [{podSelector: {matchLabels: {a: b}}}],"
                        + " ports: [{port: http, protocol: TCP}]}")))
        .containsExactly("tried has a port that is no number");
  }

  @Test
  void aTargetPortIsAName() {
    assertThat(complaints(service("{app: self}", "8080")))
        .containsExactly("Service s has a targetPort that is no name");
  }

  @Test
  void aServiceLeadsSomewhere() {
    assertThat(complaints(service("{app: self}", "http"))).isEmpty();
    assertThat(complaints(service("{app: self}", "htpp")))
        .containsExactly("Service s 80 leads nowhere");
    assertThat(complaints(service("{app: sef}", "http")))
        .containsExactly("Service s 80 leads nowhere");
  }

  private static String service(String selector, String target) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: s, namespace: home}
    spec: {selector: SELECTOR, ports: [{port: 80, targetPort: TARGET}]}
    """
        .replace("SELECTOR", selector)
        .replace("TARGET", target);
  }

  private static final String WORKLOAD =
      """
      apiVersion: apps/v1
      kind: Deployment
      metadata: {name: NAME, namespace: home}
      spec:
        selector: {matchLabels: {app: NAME}}
        template:
          metadata: {labels: {app: NAME}}
          spec: {containers: [{name: one, ports: [{name: http, containerPort: 8080}]}]}
      """;

  private static final String SELF = "podSelector: {matchLabels: {app: self}}";
  private static final String PORTS = "ports: [{port: 1, protocol: TCP}]";
  private static final String RULE =
      "{from: [{podSelector: {matchLabels: {a: b}}}], " + PORTS + "}";

  private static final String WELL =
      """
      {apiVersion: v1, kind: Namespace, metadata: {name: home}}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: default-deny, namespace: home}
      spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
      ---
      apiVersion: networking.k8s.io/v1
      kind: NetworkPolicy
      metadata: {name: self, namespace: home}
      spec: {podSelector: {matchLabels: {app: self}}, policyTypes: [Ingress]}
      ---
      """
          + WORKLOAD.replace("NAME", "self");

  private static String ingress(String rule) {
    return policy(SELF, "Ingress", "ingress: [" + rule + "]");
  }

  private static String policy(String selector, String types, String rules) {
    return """
    apiVersion: networking.k8s.io/v1
    kind: NetworkPolicy
    metadata: {name: tried, namespace: home}
    spec:
      SELECTOR
      policyTypes: [TYPES]
      RULES
    """
        .replace("SELECTOR", selector)
        .replace("TYPES", types)
        .replace("RULES", rules);
  }

  /** About a namespace where all is well, but for this one more document. */
  private static List<String> complaints(String document) {
    var documents = new ArrayList<>(StrictYaml.documents(WELL));
    documents.addAll(StrictYaml.documents(document));
    return BoundaryLint.complaints(bind(documents));
  }

  private static List<HasMetadata> bind(List<JsonNode> documents) {
    return documents.stream().map(StrictYaml::bind).toList();
  }
}
