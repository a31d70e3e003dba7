package dev.sallyport.k8s.policy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.k8s.Manifests;
import dev.sallyport.k8s.StrictYaml;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * One file of {@code k8s/rendered}, what it opens, and what {@code k8s/golden} says that it opens.
 *
 * @param name of both files, without the ending
 * @param documents as they are written
 * @param objects the same, strictly typed
 */
record Overlay(
    String name,
    List<JsonNode> documents,
    List<HasMetadata> objects,
    Manifest manifest,
    World world) {

  /** The overlays that somebody applies; the others show one component each. */
  static final List<String> APPLIED = List.of("dev", "dev-jvm", "prod");

  Overlay {
    documents = List.copyOf(documents);
    objects = List.copyOf(objects);
  }

  static Overlay read(String name) {
    var documents = Manifests.documents(name);
    return of(name, documents, documents.stream().map(StrictYaml::bind).toList());
  }

  /** Of documents that are in no file, and the same typed. */
  static Overlay of(String name, List<JsonNode> documents, List<HasMetadata> objects) {
    var manifest = Manifest.of(objects);
    return new Overlay(name, documents, objects, manifest, World.around(manifest));
  }

  /** Every file of {@code k8s/rendered}. */
  static List<Overlay> all() {
    return Manifests.names().stream().map(Overlay::read).toList();
  }

  /** A pod of this overlay or around it. */
  Position.Pod pod(String name) {
    return switch (world.named(name)) {
      case Position.Pod pod -> pod;
      case Position.Outside outside -> throw new IllegalArgumentException(outside + " is no pod");
    };
  }

  /** Whether the overlay makes such pods. */
  boolean has(String workload) {
    return manifest.workloads().stream().anyMatch(it -> it.name().equals(workload));
  }

  /** What it opens, as text. */
  String report() {
    return header() + String.join("\n", Report.lines(manifest, world)) + "\n";
  }

  /** Where the golden file is. */
  Path goldenFile() {
    return goldenFolder().resolve(name + ".txt");
  }

  static Path goldenFolder() {
    return Path.of("golden").toAbsolutePath();
  }

  /** What it is meant to open, as text; empty where nobody has said so yet. */
  String golden() {
    try {
      return Files.exists(goldenFile()) ? Files.readString(goldenFile()) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String header() {
    return """
    # Who reaches whom with k8s/rendered/NAME.yaml, computed from its network policies. What no line
    # opens is closed. leaves, enters: what one side alone allows; connects: both together.
    # How to read it and how to write it anew: docs/boundary.md.
    """
        .replace("NAME", name);
  }

  @Override
  public String toString() {
    return name;
  }
}
