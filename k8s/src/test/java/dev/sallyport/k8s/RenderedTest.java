package dev.sallyport.k8s;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the other tests read is what the sources say today. Needs a {@code kustomize} of 4.1 or
 * newer, or a {@code kubectl} of 1.21 or newer, which brings one; without either it is skipped.
 */
class RenderedTest {
  private static final String NEEDED =
      "needs kustomize 4.1 or kubectl 1.21, or a newer one, on the PATH, to render k8s again";

  private static final Pattern VERSION = Pattern.compile("v(\\d+)\\.(\\d+)\\.");
  private static final int PATIENCE_SECONDS = 60;

  @TempDir static Path files;

  /** What renders, without the folder; empty where there is nothing. */
  private static List<String> renders = List.of();

  @BeforeAll
  static void findATool() {
    if (isRecent(List.of("kustomize", "version"), 4, 1)) {
      renders = List.of("kustomize", "build");
    } else if (isRecent(List.of("kubectl", "version", "--client"), 1, 21)) {
      renders = List.of("kubectl", "kustomize");
    }
  }

  /** {@code overlays/dev} and so on. */
  static List<String> sources() {
    return Stream.of("overlays", "variants")
        .flatMap(folder ->
            Stream.of(names(Manifests.HOME.resolve(folder))).map(name -> folder + "/" + name))
        .sorted()
        .toList();
  }

  @Test
  void everySourceHasItsRenderingAndEveryRenderingItsSource() {
    assertThat(sources().stream().map(RenderedTest::name).sorted()).isEqualTo(Manifests.names());
  }

  @Test
  void whatIsCommittedIsWhatTheSourcesRender() {
    if (renders.isEmpty()) {
      abort(NEEDED);
    }
    assertThat(sources())
        .allSatisfy(source -> {
          var command = new ArrayList<>(renders);
          command.add(Manifests.HOME.resolve(source).toString());
          Output fresh = run(command);
          assertThat(fresh.status()).as(fresh.text()).isZero();
          var committed = Manifests.HOME.resolve("rendered").resolve(name(source) + ".yaml");
          assertThat(Manifests.text(committed))
              .as(committed + " is not up to date: run k8s/render")
              .isEqualTo(fresh.text());
        });
  }

  private static String name(String source) {
    return source.substring(source.indexOf('/') + 1);
  }

  private static boolean isRecent(List<String> command, int major, int minor) {
    if (Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .noneMatch(folder -> Files.isExecutable(Path.of(folder, command.getFirst())))) {
      return false;
    }
    var version = VERSION.matcher(run(command).text());
    if (!version.find()) {
      return false;
    }
    int found = Integer.parseInt(version.group(1));
    return found > major || (found == major && Integer.parseInt(version.group(2)) >= minor);
  }

  private record Output(int status, String text) {}

  /** Runs it to its end; what it says on its standard error goes to ours. */
  private static Output run(List<String> command) {
    try {
      Path output = Files.createTempFile(files, "output", ".yaml");
      var process =
          new ProcessBuilder(command)
              .redirectOutput(output.toFile())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(command + " took longer than " + PATIENCE_SECONDS + " s.");
      }
      return new Output(process.exitValue(), Files.readString(output));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static String[] names(Path folder) {
    try (var found = Files.list(folder)) {
      return found.map(it -> it.getFileName().toString()).toArray(String[]::new);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
