package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;

/** What the images promise, as far as their Dockerfiles say it. */
class DockerfilesTest {
  private static final Path HOME =
      Path.of(System.getProperty("sallyport.home", ".")).toAbsolutePath().normalize();

  static final List<Path> FILES =
      List.of(
          file(WorkerKind.USER_WORKER, "native"),
          file(WorkerKind.USER_WORKER, "jvm"),
          file(WorkerKind.DATA_WORKER, "native"),
          file(WorkerKind.DATA_WORKER, "jvm"));

  private static Path file(WorkerKind kind, String image) {
    return HOME.resolve(kind.module()).resolve("src/main/docker/Dockerfile." + image);
  }

  @ParameterizedTest
  @FieldSource("FILES")
  void theImageIsNobodysAndStopsOnSigterm(Path file) throws IOException {
    var image = Dockerfile.read(file).image();
    assertThat(image.all("USER").getLast().rest()).isEqualTo("10001:10001");
    assertThat(image.only("EXPOSE").words()).containsExactly("8080", "9000");
    assertThat(image.only("STOPSIGNAL").rest()).isEqualTo("SIGTERM");
    assertThat(image.only("LABEL").rest())
        .contains("image.title=\"" + file.getName(file.getNameCount() - 5) + "\"")
        .contains("image.version=\"0.1.0-" + file.toString().replaceAll(".*\\.", "") + "\"");
  }

  @ParameterizedTest
  @FieldSource("FILES")
  void theImageNeedsNoShell(Path file) throws IOException {
    var image = Dockerfile.read(file).image();
    assertThat(image.only("ENTRYPOINT").exec().getFirst()).startsWith("/");
    assertThat(image.all("RUN")).isEmpty();
    assertThat(image.all("CMD")).isEmpty();
    assertThat(Dockerfile.read(file).bases().getLast())
        .matches("gcr\\.io/distroless/base-nossl-debian13:nonroot@sha256:[0-9a-f]{64}");
  }

  @ParameterizedTest
  @FieldSource("FILES")
  void nothingComesFromAMovingTagOrFromTheNetwork(Path file) throws IOException {
    var dockerfile = Dockerfile.read(file);
    assertThat(dockerfile.bases())
        .isNotEmpty()
        .allMatch(base -> base.contains(":"))
        .noneMatch(base -> base.contains("latest"))
        .allMatch(base -> base.matches(".*@sha256:[0-9a-f]{64}|.*:.*[0-9]{2,}.*"));
    assertThat(dockerfile.all("ADD")).isEmpty();
  }

  @ParameterizedTest
  @FieldSource("FILES")
  void whatIsCopiedIsWhereTheBuildPutsItAndNotIgnored(Path file) throws IOException {
    var copies = Dockerfile.read(file).all("COPY").stream().filter(copy -> !copy.isFromStage());
    var sources = copies.map(copy -> copy.words().getFirst()).toList();
    assertThat(sources).isNotEmpty();
    for (var source : sources) {
      if (source.endsWith("-runner")) {
        // Native binaries need not be built; they have this name when they are.
        var kind = WorkerKind.named(source.replaceAll("/.*", ""));
        assertThat(matches(source, HOME.relativize(kind.binary()))).as(source).isTrue();
      } else {
        assertThat(HOME.resolve(source)).isDirectory();
      }
      assertThat(letThrough()).as(source).anyMatch(pattern -> matches(pattern, Path.of(source)));
    }
  }

  /** The exceptions of {@code .dockerignore}, which else ignores everything. */
  private static List<String> letThrough() throws IOException {
    var lines = new ArrayList<>(Files.readAllLines(HOME.resolve(".dockerignore")));
    lines.removeIf(line -> line.startsWith("#"));
    assertThat(lines.getFirst()).isEqualTo("*");
    assertThat(lines).contains("**/app.aot");
    return lines.stream()
        .filter(line -> line.startsWith("!"))
        .map(line -> line.substring(1))
        .toList();
  }

  private static boolean matches(String pattern, Path path) {
    return FileSystems.getDefault().getPathMatcher("glob:" + pattern).matches(path);
  }

  @ParameterizedTest
  @EnumSource
  void theJvmStartsWithTheFlagsOfTheTraining(WorkerKind kind) throws IOException {
    var dockerfile = Dockerfile.read(file(kind, "jvm"));
    var java = "/opt/java/openjdk/bin/java";
    var expected = new ArrayList<>(List.of(java));
    expected.addAll(AotCache.IMAGE_FLAGS);
    expected.addAll(List.of("-XX:AOTCache=/app/app.aot", "-jar", "/app/quarkus-run.jar"));
    assertThat(dockerfile.image().only("ENTRYPOINT").exec()).isEqualTo(expected);
    assertThat(dockerfile.only("RUN").exec())
        .containsExactly(
            java, "-cp", "/training", AotTraining.class.getName(), kind.module(), "/app");
  }

  @Test
  void bothWorkersAreBuiltAlike() throws IOException {
    for (var image : List.of("native", "jvm")) {
      var user = Files.readString(file(WorkerKind.USER_WORKER, image));
      var data = Files.readString(file(WorkerKind.DATA_WORKER, image));
      assertThat(withoutDescription(user.replace("user-worker", "data-worker")))
          .isEqualTo(withoutDescription(data));
    }
  }

  private static String withoutDescription(String file) {
    return file.replaceAll("image\\.description=\"[^\"]*\"", "");
  }
}
