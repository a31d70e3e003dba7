package dev.sallyport.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import java.util.stream.Stream;

/** What runs pods: a Deployment or a StatefulSet. */
record Workload(JsonNode document) {

  String name() {
    return Rendering.name(document);
  }

  String title() {
    return Rendering.title(document);
  }

  /** One of our two; otherwise a store. */
  boolean isWorker() {
    return Rendering.WORKERS.contains(name());
  }

  JsonNode pod() {
    return document.at("/spec/template/spec");
  }

  JsonNode podLabels() {
    return document.at("/spec/template/metadata/labels");
  }

  /** All that run in its pods, those before and beside included. */
  Stream<JsonNode> containers() {
    return Stream.of("initContainers", "containers", "ephemeralContainers")
        .flatMap(list -> pod().path(list).valueStream());
  }

  /** The first one's port of this name. */
  Optional<Integer> port(String name) {
    return containers()
        .flatMap(container -> container.path("ports").valueStream())
        .filter(port -> port.path("name").asText().equals(name))
        .map(port -> port.path("containerPort").asInt())
        .findFirst();
  }

  /** The variable of this name in its first container; a missing node if there is none. */
  JsonNode variable(String name) {
    return Edit.named(pod().at("/containers/0/env"), name);
  }

  /** Whether a selector finds its pods. An empty or absent one finds none here. */
  boolean isSelectedBy(JsonNode matchLabels) {
    return !matchLabels.isEmpty()
        && matchLabels
            .propertyStream()
            .allMatch(label -> label.getValue().equals(podLabels().path(label.getKey())));
  }
}
