package dev.sallyport.k8s;

import static dev.sallyport.k8s.Edit.CONTAINER;
import static dev.sallyport.k8s.Edit.POD;
import static dev.sallyport.k8s.Edit.set;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.regex.Pattern;

/** Where images come from, and that a name means the same bytes tomorrow. */
final class ImageRules {
  private static final String USER = "Deployment/user-worker";
  private static final String DATA = "Deployment/data-worker";
  private static final String STORE = "StatefulSet/redis";
  private static final String IMAGE = CONTAINER + "/image";
  private static final String PULL = CONTAINER + "/imagePullPolicy";
  private static final String KIND = "/spec/template/metadata/labels/sallyport.dev~1image";

  private static final Pattern TAGGED = Pattern.compile("[^@]+:(?!latest$)[A-Za-z0-9_][^:/]*");
  private static final Pattern DIGEST = Pattern.compile("[^@]+@sha256:[0-9a-f]{64}");

  /** The stores' images, and the place that an operator's registry takes in prod. */
  private static final List<String> REGISTRIES =
      List.of("docker.io/library/", "docker.io/apache/", "registry.example.org/sallyport/");

  static final List<Rule> ALL =
      List.of(
          Rule.ofContainers(
              "every image has a tag of its own or a digest",
              container ->
                  TAGGED.matcher(image(container)).matches()
                      || DIGEST.matcher(image(container)).matches(),
              set("dev", USER, IMAGE, "user-worker"),
              set("dev", STORE, IMAGE, "docker.io/library/redis:latest"),
              set("prod", USER, IMAGE, "registry.example.org/sallyport/user-worker@sha256:00")),
          Rule.of(
              "prod names every image by its digest",
              rendering ->
                  rendering
                      .workloads()
                      .filter(_ -> rendering.isProd())
                      .flatMap(Workload::containers)
                      .map(ImageRules::image)
                      .filter(image -> !DIGEST.matcher(image).matches()),
              set("prod", DATA, IMAGE, "registry.example.org/sallyport/data-worker:0.1.0")),
          Rule.ofContainers(
              "images come from registries that we chose, or are on the node already",
              container ->
                  isUnnamedWorker(container)
                      || REGISTRIES.stream().anyMatch(image(container)::startsWith),
              set("dev", STORE, IMAGE, "docker.io/somebody/redis:8.2.3"),
              set("dev", USER, IMAGE, "redis:8.2.3"),
              set("prod", USER, POD + "/containers/-", "{name: a, image: 'quay.io/a/b:1'}")),
          Rule.of(
              "an image without a registry is never asked for in one, all others once",
              rendering ->
                  rendering
                      .workloads()
                      .filter(_ -> rendering.isOverlay())
                      .flatMap(Workload::containers)
                      .filter(container ->
                          !container
                              .path("imagePullPolicy")
                              .asText()
                              .equals(isUnnamedWorker(container) ? "Never" : "IfNotPresent"))
                      .map(ImageRules::image),
              set("dev", USER, PULL, "IfNotPresent"),
              set("prod", USER, PULL, "Never"),
              set("dev", STORE, PULL, "Always")),
          Rule.of(
              "native everywhere but in dev-jvm, and a pod says which it is",
              rendering ->
                  rendering
                      .workers()
                      .filter(
                          worker -> !worker.document().at(KIND).asText().equals(kindOf(rendering)))
                      .map(Workload::title),
              set("prod", USER, KIND, "jvm"),
              set("dev-jvm", DATA, KIND, "native")),
          Rule.of(
              "a worker's tag names the release and the kind of image",
              rendering ->
                  rendering
                      .workers()
                      .map(worker -> image(worker.pod().at("/containers/0")))
                      .filter(image -> !image.contains("@"))
                      .filter(image ->
                          !image.endsWith(":" + Manifests.release() + "-" + kindOf(rendering))),
              set("dev", USER, IMAGE, "user-worker:0.1.0-jvm"),
              set("dev-jvm", USER, IMAGE, "user-worker:0.0.9-jvm")));

  private ImageRules() {}

  private static String image(JsonNode container) {
    return container.path("image").asText();
  }

  /** One of our two before an operator has given it a registry. */
  private static boolean isUnnamedWorker(JsonNode container) {
    return Rendering.WORKERS.stream().anyMatch(name -> image(container).startsWith(name + ":"));
  }

  private static String kindOf(Rendering rendering) {
    return rendering.name().equals("dev-jvm") ? "jvm" : "native";
  }
}
