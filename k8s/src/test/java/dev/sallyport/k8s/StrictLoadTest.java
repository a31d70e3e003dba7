package dev.sallyport.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class StrictLoadTest {
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: sample}
      spec:
        ports: [{port: 8080, targetPort: http}]
      """;

  static List<String> renderings() {
    return Manifests.names();
  }

  @Test
  void everyOverlayAndVariantIsThere() {
    assertThat(renderings())
        .containsExactly(
            "dev",
            "dev-jvm",
            "egress-identity",
            "egress-otlp",
            "egress-s3",
            "egress-web",
            "ingress",
            "prod");
  }

  @ParameterizedTest
  @MethodSource("renderings")
  void everyObjectHasOnlyKnownFieldsAndAllThatItNeeds(String rendering) {
    assertThat(Manifests.rendered(rendering)).hasSizeGreaterThan(10);
    assertThat(Manifests.documents(rendering).stream().flatMap(RequiredFields::missingIn))
        .isEmpty();
  }

  @ParameterizedTest
  @MethodSource("renderings")
  void noObjectIsThereTwice(String rendering) {
    assertThat(
            Manifests.documents(rendering).stream()
                .map(one -> one.path("kind").asText() + " " + one.at("/metadata/name").asText()))
        .doesNotHaveDuplicates();
  }

  /** What an API server would drop, or take for something else. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {prots: []}}",
        "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: '80'}]}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {KEY: 1}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {KEY: true}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {KEY: 1.5}}",
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {hostNetwork: 'false'}}",
        "{apiVersion: v1, kind: Srevice, metadata: {name: a}}",
        "{apiVersion: v2, kind: Service, metadata: {name: a}}",
        "{apiVersion: gateway.networking.k8s.io/v1, kind: HTTPRoute, metadata: {name: a},"
            + " spec: {rules: [{backendRef: []}]}}",
        "{apiVersion: monitoring.coreos.com/v1, kind: PodMonitor, metadata: {name: a},"
            + " spec: {podMetricEndpoints: []}}",
      })
  void aFieldOrKindThatDoesNotExistIsRefused(String yaml) {
    var document = StrictYaml.documents(yaml).getFirst();
    assertThatThrownBy(() -> StrictYaml.bind(document))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aDoubledKeyIsRefused() {
    assertThatThrownBy(() -> StrictYaml.documents("a: 1\nb: 2\na: 3\n"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("Duplicate field 'a'");
  }

  @Test
  void aFieldThatIsMissingIsNamed() {
    JsonNode service = StrictYaml.documents(SERVICE.replace("port: 8080, ", "")).getFirst();
    assertThat(RequiredFields.missingIn(service)).singleElement().asString().contains("port");
    assertThat(RequiredFields.missingIn(StrictYaml.documents(SERVICE).getFirst())).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{kind: Gateway, spec: {gatewayClassName: a, listeners: []}}",
        "{kind: HTTPRoute, spec: {parentRefs: [{name: a}], rules: [{backendRefs: [{name: a}]}]}}",
        "{kind: PodMonitor, spec: {selector: {}, podMetricsEndpoints: [{path: /}]}}",
      })
  void aMissingFieldOfAnInstalledKindIsNamed(String yaml) {
    Stream<String> missing = RequiredFields.missingIn(StrictYaml.documents(yaml).getFirst());
    assertThat(missing).isNotEmpty();
  }
}
