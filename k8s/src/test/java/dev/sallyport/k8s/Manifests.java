package dev.sallyport.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The files of {@code k8s}, as the tests see them. Immutable. */
public final class Manifests {
  /** The folder {@code k8s}: where Maven runs the tests of this module. */
  static final Path HOME = Path.of("").toAbsolutePath();

  private static final Pattern VERSION =
      Pattern.compile("<version>([0-9.]+)(-SNAPSHOT)?</version>");

  private Manifests() {}

  /** What {@code k8s/render} wrote: {@code dev}, {@code prod}, {@code egress-web} and so on. */
  public static List<String> names() {
    try (var files = Files.list(HOME.resolve("rendered"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> file.endsWith(".yaml"))
          .map(file -> file.substring(0, file.length() - ".yaml".length()))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The objects of {@code k8s/rendered/NAME.yaml}, strictly typed, new ones at each call.
   *
   * @throws IllegalArgumentException if one has a field that its kind does not know
   */
  public static List<HasMetadata> rendered(String name) {
    return documents(name).stream().map(StrictYaml::bind).toList();
  }

  /** The same before they are typed. */
  public static List<JsonNode> documents(String name) {
    return StrictYaml.documents(text(HOME.resolve("rendered").resolve(name + ".yaml")));
  }

  /** The version that the root pom gives the workers, without {@code -SNAPSHOT}. */
  static String release() {
    var version = VERSION.matcher(text(HOME.resolve("pom.xml")));
    if (!version.find()) {
      throw new IllegalStateException("k8s/pom.xml names no version of its parent.");
    }
    return version.group(1);
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
