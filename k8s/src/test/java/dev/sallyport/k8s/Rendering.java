package dev.sallyport.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The documents of one rendering, by kind. Rules read documents and not beans: a path that leads
 * nowhere is an absent node there, and never a null. That each document is what its kind allows is
 * {@link StrictLoadTest}'s business. Nobody changes the documents.
 *
 * @param name of the overlay or variant
 */
record Rendering(String name, List<JsonNode> documents) {
  static final Set<String> WORKERS = Set.of("user-worker", "data-worker");

  private static final Set<String> RUNS_PODS = Set.of("Deployment", "StatefulSet");

  Rendering {
    documents = List.copyOf(documents);
  }

  static Rendering of(String name) {
    return new Rendering(name, Manifests.documents(name));
  }

  /** Whether somebody applies it; the others show one component. */
  boolean isOverlay() {
    return isDev() || isProd();
  }

  boolean isDev() {
    return name.startsWith("dev");
  }

  boolean isProd() {
    return name.equals("prod");
  }

  Stream<JsonNode> all(String kind) {
    return documents.stream().filter(one -> kind(one).equals(kind));
  }

  Optional<JsonNode> find(String kind, String name) {
    return all(kind).filter(one -> name(one).equals(name)).findFirst();
  }

  Stream<Workload> workloads() {
    return documents.stream().filter(one -> RUNS_PODS.contains(kind(one))).map(Workload::new);
  }

  Stream<Workload> workers() {
    return workloads().filter(Workload::isWorker);
  }

  static String kind(JsonNode document) {
    return document.path("kind").asText();
  }

  static String name(JsonNode document) {
    return document.at("/metadata/name").asText();
  }

  /** {@code Kind/name}: what the messages call it. */
  static String title(JsonNode document) {
    return kind(document) + "/" + name(document);
  }
}
