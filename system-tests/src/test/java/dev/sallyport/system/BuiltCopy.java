package dev.sallyport.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/**
 * A copy of this repository with both workers built, so that {@code ./sallyport up} can run in it
 * without touching the data of whoever runs the tests, and without building again. Everything that
 * {@code up} looks at to see whether it is stale is there and current.
 */
final class BuiltCopy {
  private static final List<String> MODULES =
      List.of("shared-model", "local-stack", "data-worker", "user-worker");

  private BuiltCopy() {}

  static void make(Path to) throws IOException {
    var from = Path.of(System.getProperty("sallyport.home", ".")).toAbsolutePath().normalize();
    for (var file : List.of("sallyport", "pom.xml", ".mvn")) {
      copy(from.resolve(file), to.resolve(file));
    }
    for (var module : MODULES) {
      for (var part : List.of("pom.xml", "src/main", "target/classes", "target/quarkus-app")) {
        copy(from.resolve(module).resolve(part), to.resolve(module).resolve(part));
      }
      // What `up` starts instead of the jars when the tests run on binaries.
      var binary = Path.of("target", module + "-0.1.0-SNAPSHOT-runner");
      copy(from.resolve(module).resolve(binary), to.resolve(module).resolve(binary));
      // More than local-stack needs, and all of it.
      Files.writeString(
          to.resolve(module).resolve("target/class-path"),
          System.getProperty("java.class.path", ""));
    }
    Files.createDirectories(to.resolve("target"));
    Files.createFile(to.resolve("target/up"));
  }

  /** Copies a file or a folder, times and modes included; what is not there is left out. */
  private static void copy(Path from, Path to) throws IOException {
    if (!Files.exists(from)) {
      return;
    }
    try (var files = Files.walk(from)) {
      files.forEach(file -> {
        try {
          var target = to.resolve(from.relativize(file).toString());
          Files.createDirectories(target.getParent());
          if (!Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
            Files.copy(file, target, StandardCopyOption.COPY_ATTRIBUTES);
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      });
    }
  }
}
