package dev.sallyport.k8s;

import static dev.sallyport.k8s.Edit.CONTAINER;
import static dev.sallyport.k8s.Edit.ENV;
import static dev.sallyport.k8s.Edit.remove;
import static dev.sallyport.k8s.Edit.set;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a container may count on, and what it may take. */
final class ResourceRules {
  private static final String USER = "Deployment/user-worker";
  private static final String DATA = "Deployment/data-worker";
  private static final String STORE = "StatefulSet/kafka";
  private static final String REQUESTS = CONTAINER + "/resources/requests";
  private static final String LIMITS = CONTAINER + "/resources/limits";
  private static final String JVM_OPTIONS = "JAVA_TOOL_OPTIONS";

  private static final Pattern HEAP_PERCENT = Pattern.compile("-XX:MaxRAMPercentage=([0-9.]+)");
  private static final Pattern DIRECT = Pattern.compile("-XX:MaxDirectMemorySize=(\\d+)m");

  /** Classes, compiled code, threads and the collector of a worker on the JVM. */
  private static final Amount BESIDE_HEAP_AND_BUFFERS = Amount.mebibytes(160);

  static final List<Rule> ALL =
      List.of(
          Rule.ofContainers(
              "every container asks for cpu, memory and disk",
              container ->
                  Stream.of("cpu", "memory", "ephemeral-storage")
                      .noneMatch(name -> Amount.of(request(container, name)).isNone()),
              remove("prod", USER, REQUESTS + "/cpu"),
              remove("prod", USER, REQUESTS + "/memory"),
              remove("dev", STORE, REQUESTS + "/ephemeral-storage")),
          Rule.ofContainers(
              "memory and disk are limited",
              container ->
                  Stream.of("memory", "ephemeral-storage")
                      .noneMatch(name -> Amount.of(limit(container, name)).isNone()),
              remove("prod", DATA, LIMITS + "/memory"),
              remove("dev", STORE, LIMITS + "/ephemeral-storage")),
          Rule.ofContainers(
              "cpu is not limited: it would throttle a burst while the node idles",
              container -> limit(container, "cpu").isMissingNode(),
              set("prod", USER, LIMITS + "/cpu", "1")),
          Rule.ofContainers(
              "nothing asks for more than it may take",
              container ->
                  container
                      .at("/resources/limits")
                      .propertyStream()
                      .allMatch(limit ->
                          Amount.of(request(container, limit.getKey()))
                                  .compareTo(Amount.of(limit.getValue()))
                              <= 0),
              set("prod", USER, REQUESTS + "/memory", "1Gi"),
              set("dev", STORE, LIMITS + "/ephemeral-storage", "1Mi")),
          Rule.ofWorkers(
              "a heap leaves room for the rest of the JVM, and only a JVM is given one",
              ResourceRules::heapFits,
              set("dev-jvm", USER, LIMITS + "/memory", "300Mi"),
              set("dev-jvm", USER, ENV + "/@JAVA_TOOL_OPTIONS/value", "-XX:MaxRAMPercentage=40"),
              set(
                  "dev-jvm",
                  DATA,
                  ENV + "/@JAVA_TOOL_OPTIONS/value",
                  "-XX:MaxRAMPercentage=75 -XX:MaxDirectMemorySize=96m"),
              remove("dev-jvm", DATA, ENV + "/@JAVA_TOOL_OPTIONS"),
              set("prod", DATA, ENV + "/-", "{name: JAVA_TOOL_OPTIONS, value: -Xmx1g}")));

  private ResourceRules() {}

  private static JsonNode request(JsonNode container, String name) {
    return container.at("/resources/requests").path(name);
  }

  private static JsonNode limit(JsonNode container, String name) {
    return container.at("/resources/limits").path(name);
  }

  private static boolean heapFits(Workload worker) {
    var options = worker.variable(JVM_OPTIONS);
    if (!worker.podLabels().path("sallyport.dev/image").asText().equals("jvm")) {
      return options.isMissingNode();
    }
    var heap = HEAP_PERCENT.matcher(options.path("value").asText());
    var direct = DIRECT.matcher(options.path("value").asText());
    var limit = Amount.of(worker.pod().at("/containers/0/resources/limits/memory"));
    return heap.find()
        && direct.find()
        && limit
                .percent(new BigDecimal(heap.group(1)))
                .plus(Amount.mebibytes(Long.parseLong(direct.group(1))))
                .plus(BESIDE_HEAP_AND_BUFFERS)
                .compareTo(limit)
            <= 0;
  }
}
