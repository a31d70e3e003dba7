package dev.sallyport.k8s;

import static dev.sallyport.k8s.Edit.CONTAINER;
import static dev.sallyport.k8s.Edit.remove;
import static dev.sallyport.k8s.Edit.set;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What the kubelet and Prometheus ask the pods. */
final class ProbeRules {
  private static final String USER = "Deployment/user-worker";
  private static final String DATA = "Deployment/data-worker";

  /** What Quarkus answers on the management port, by probe. */
  private static final Map<String, String> PATHS =
      Map.of(
          "startupProbe", "/q/health/started",
          "livenessProbe", "/q/health/live",
          "readinessProbe", "/q/health/ready");

  private static final int START_SECONDS_MIN = 30;

  static final List<Rule> ALL =
      List.of(
          Rule.ofWorkers(
              "a worker is asked whether it has started, lives and is ready, each at its own path",
              worker ->
                  PATHS.entrySet().stream()
                      .allMatch(it ->
                          worker
                              .pod()
                              .at("/containers/0/" + it.getKey() + "/httpGet/path")
                              .asText()
                              .equals(it.getValue())),
              remove("prod", USER, CONTAINER + "/startupProbe"),
              remove("prod", USER, CONTAINER + "/livenessProbe"),
              remove("prod", DATA, CONTAINER + "/readinessProbe"),
              // The answer would depend on Postgres, and a restart would follow from its outage.
              set("prod", DATA, CONTAINER + "/livenessProbe/httpGet/path", "/q/health/ready")),
          Rule.ofWorkers(
              "a worker is asked on its management port",
              worker ->
                  probes(worker.pod().at("/containers/0"))
                      .allMatch(probe -> probe.at("/httpGet/port").asText().equals("management")),
              set("prod", USER, CONTAINER + "/readinessProbe/httpGet/port", "http"),
              set("prod", USER, CONTAINER + "/readinessProbe/httpGet/port", "9000")),
          Rule.ofContainers(
              "a probe names a port that its container has, and no other host",
              container -> probes(container).allMatch(probe -> leadsToItself(container, probe)),
              set("prod", USER, CONTAINER + "/ports/@management/name", "manage"),
              set(
                  "dev",
                  "StatefulSet/kafka",
                  CONTAINER + "/readinessProbe/tcpSocket/port",
                  "nowhere"),
              set("prod", USER, CONTAINER + "/livenessProbe/httpGet/host", "10.0.0.1")),
          Rule.ofContainers(
              "every container is asked whether it is ready",
              container -> container.has("readinessProbe"),
              remove("dev", "StatefulSet/redis", CONTAINER + "/readinessProbe")),
          Rule.ofContainers(
              "a start may take half a minute before anybody judges",
              container ->
                  container.at("/startupProbe/periodSeconds").asInt()
                          * container.at("/startupProbe/failureThreshold").asInt()
                      >= START_SECONDS_MIN,
              set("prod", USER, CONTAINER + "/startupProbe/failureThreshold", "3"),
              remove("dev", "StatefulSet/postgres", CONTAINER + "/startupProbe")),
          Rule.of(
              "Prometheus asks both workers on a port that they have",
              rendering ->
                  rendering
                      .all("PodMonitor")
                      .filter(monitor -> !findsBothWorkers(rendering, monitor))
                      .map(Rendering::title),
              set("prod", "PodMonitor/workers", "/spec/podMetricsEndpoints/0/port", "metrics"),
              set("prod", "PodMonitor/workers", "/spec/podMetricsEndpoints/0/path", "/metrics"),
              set(
                  "prod",
                  "PodMonitor/workers",
                  "/spec/selector/matchExpressions/0/values",
                  "[user-worker]")));

  private ProbeRules() {}

  private static Stream<JsonNode> probes(JsonNode container) {
    return PATHS.keySet().stream().map(container::path).filter(JsonNode::isObject);
  }

  private static boolean leadsToItself(JsonNode container, JsonNode probe) {
    return Stream.of("httpGet", "tcpSocket")
        .map(probe::path)
        .filter(JsonNode::isObject)
        .allMatch(it ->
            !it.has("host")
                && Edit.named(container.path("ports"), it.path("port").asText()).isObject());
  }

  private static boolean findsBothWorkers(Rendering rendering, JsonNode monitor) {
    JsonNode selector = monitor.at("/spec/selector/matchExpressions/0");
    JsonNode endpoint = monitor.at("/spec/podMetricsEndpoints/0");
    return selector.path("key").asText().equals("app.kubernetes.io/name")
        && selector.path("operator").asText().equals("In")
        && selector
            .path("values")
            .valueStream()
            .map(JsonNode::asText)
            .toList()
            .containsAll(Rendering.WORKERS)
        && endpoint.path("path").asText().equals("/q/metrics")
        && rendering
            .workers()
            .allMatch(worker -> worker.port(endpoint.path("port").asText()).isPresent());
  }
}
