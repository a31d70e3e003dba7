package dev.sallyport.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.lang.reflect.InvocationTargetException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Fields that an object cannot be without. For Kubernetes's own kinds a second, independent model
 * knows them; for those that an operator installs they are listed here, from their CRDs. Immutable.
 */
final class RequiredFields {
  /** Kinds whose model is not the first version. */
  private static final Map<String, String> PREFIXES = Map.of("HorizontalPodAutoscaler", "V2");

  /** Paths by kind; {@code *} is every item of a list. */
  private static final Map<String, List<String>> INSTALLED =
      Map.of(
          "Gateway",
          List.of(
              "spec/gatewayClassName",
              "spec/listeners/*/name",
              "spec/listeners/*/port",
              "spec/listeners/*/protocol",
              "spec/listeners/*/tls/certificateRefs/*/name"),
          "HTTPRoute",
          List.of(
              "spec/parentRefs/*/name",
              "spec/rules/*/backendRefs/*/name",
              "spec/rules/*/backendRefs/*/port"),
          "PodMonitor",
          List.of("spec/selector", "spec/podMetricsEndpoints/*/port"),
          "PrometheusRule",
          List.of(
              "spec/groups/*/name", "spec/groups/*/rules/*/alert", "spec/groups/*/rules/*/expr"));

  private RequiredFields() {}

  /** What is missing in this document, in words; empty when nothing is. */
  static Stream<String> missingIn(JsonNode document) {
    String kind = document.path("kind").asText();
    List<String> paths = INSTALLED.get(kind);
    if (paths != null) {
      return paths.stream()
          .filter(path -> !has(document, path))
          .map(path -> kind + " has no " + path);
    }
    return missing(document, PREFIXES.getOrDefault(kind, "V1") + kind);
  }

  private static Stream<String> missing(JsonNode document, String model) {
    try {
      Class.forName("io.kubernetes.client.openapi.models." + model)
          .getMethod("validateJsonElement", JsonElement.class)
          .invoke(null, JsonParser.parseString(document.toString()));
      return Stream.empty();
    } catch (InvocationTargetException refused) {
      return Stream.of(String.valueOf(refused.getCause()));
    } catch (ReflectiveOperationException e) {
      throw new IllegalArgumentException("There is no model " + model + ".", e);
    }
  }

  private static boolean has(JsonNode document, String path) {
    Stream<JsonNode> reached = Stream.of(document);
    for (String step : path.split("/", -1)) {
      reached =
          step.equals("*")
              ? reached.flatMap(
                  list -> list.isEmpty() ? Stream.of(list.path("absent")) : list.valueStream())
              : reached.map(node -> node.path(step));
    }
    return reached.noneMatch(JsonNode::isMissingNode);
  }
}
