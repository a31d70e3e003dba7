package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What the golden files say, as the kernel sees it: a network namespace for each position, the
 * policies as rules of nftables on the way between them, and in {@code dev} Postgres and the two
 * real workers. Needs Linux with {@code unshare -Urnmpf}, {@code ip} and {@code nft}; without them
 * it is skipped and says so, unless {@code SALLYPORT_PACKETS=required} makes that a failure.
 */
class PacketTest {

  private static final long RUN_SECONDS = 120;

  /** So many edges, at the least, are tried in each plan; an empty list is no proof. */
  private static final int TRIES_MIN = 5_000;

  private static final Map<String, List<String>> SEEN = new HashMap<>();

  @BeforeAll
  static void runAll(@TempDir Path folder) throws Exception {
    requireTools();
    for (var plan : List.of("dev", "prod", "egress-web")) {
      SEEN.put(plan, run(plan, Files.createDirectory(folder.resolve(plan))));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev", "prod", "egress-web"})
  void withoutPoliciesEverybodyReachesEverybody(String plan) {
    var tries = seen(plan, "without ");
    assertThat(tries.size()).isGreaterThan(TRIES_MIN);
    assertThat(tries.stream().filter(line -> !alwaysWorked(line))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev", "prod", "egress-web"})
  void thePacketsSayWhatTheGoldenFileSays(String plan) throws IOException {
    var golden = read(plan).goldenEdges();
    assertThat(golden).isNotEmpty();
    assertThat(open(plan).filter(line -> !line.contains(" -> Service ")))
        .containsExactlyInAnyOrderElementsOf(golden);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev", "prod", "egress-web"})
  void aServiceLetsThoseThroughWhomItsPodLetsIn(String plan) throws IOException {
    var golden = read(plan).goldenEdgesThroughServices();
    assertThat(golden).isNotEmpty();
    assertThat(open(plan).filter(line -> line.contains(" -> Service ")))
        .containsExactlyInAnyOrderElementsOf(golden);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev", "prod", "egress-web"})
  void alikePodsAreTreatedAlike(String plan) {
    assertThat(
            seen(plan, "with ").stream().filter(line -> !alwaysWorked(line) && !neverWorked(line)))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dev", "prod", "egress-web"})
  void whatIsMissingWasRefused(String plan) {
    var refused = seen(plan, "refused ").getFirst();
    assertThat(Long.parseLong(refused)).isGreaterThan(TRIES_MIN);
  }

  @Test
  void aRequestThroughTheGatewayReachesTheRealDataWorker() {
    assertThat(seen("dev", "answer through the gateway ").getFirst())
        .startsWith("200 ")
        .contains("user");
  }

  @Test
  void whoeverGetsToTheDataWorkerStillNeedsASignature() {
    assertThat(seen("dev", "answer unsigned from the user-worker ")).containsExactly("401");
  }

  @Test
  void prometheusReadsTheMetricsOfTheRealDataWorker() {
    assertThat(seen("dev", "answer metrics to prometheus ")).containsExactly("200");
  }

  @Test
  void nobodyButTheUserWorkerConnectsToTheRealDataWorker() {
    assertThat(seen("dev", "reached true ")).isEmpty();
    assertThat(seen("dev", "reached false "))
        .contains(
            "envoy-gateway-system/gateway",
            "sallyport/attacker",
            "sallyport/no labels",
            "sallyport/data-worker",
            "elsewhere/user-worker's labels",
            "elsewhere/neighbour",
            "monitoring/prometheus",
            "internet");
  }

  private static void requireTools() {
    boolean there =
        PodNetwork.works("unshare", "-Urnmpf", "--kill-child", "--mount-proc", "true")
            && PodNetwork.works("unshare", "-Urn", "nft", "list", "ruleset")
            && PodNetwork.works("ip", "-Version");
    var message =
        "the packet test needs Linux with user namespaces (unshare -Urnmpf --mount-proc), ip"
            + " (iproute2) and nft (nftables)";
    if ("required".equals(System.getenv("SALLYPORT_PACKETS"))) {
      assertThat(there).as(message).isTrue();
    }
    assumeTrue(there, message);
  }

  /** Runs one plan in namespaces of its own and gives the lines that it wrote. */
  private static List<String> run(String plan, Path folder) throws Exception {
    var logs = Files.createDirectories(Path.of("target", "system-tests", "packets"));
    var log = logs.resolve(plan + ".log");
    boolean workers = plan.equals("dev");
    var process =
        new ProcessBuilder(
                "unshare",
                "-Urnmpf",
                "--kill-child",
                "--mount-proc",
                InsideProcesses.java(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:-UsePerfData", // named by process ids, which are not the outside's
                "--enable-native-access=ALL-UNNAMED",
                "-Dsallyport.home=" + System.getProperty("sallyport.home", ".."),
                "-Dsallyport.native=" + Boolean.getBoolean("sallyport.native"),
                "-cp",
                System.getProperty("java.class.path", ""),
                PacketRun.class.getName(),
                k8s().toString(),
                plan,
                folder.toString(),
                logs.toAbsolutePath().toString(),
                Boolean.toString(workers))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(process.waitFor(RUN_SECONDS, TimeUnit.SECONDS)).as(log.toString()).isTrue();
      assertThat(process.exitValue()).as(Files.readString(log)).isZero();
      return Files.readAllLines(folder.resolve("seen"));
    } finally {
      process.destroyForcibly();
    }
  }

  private static Path k8s() {
    return Path.of(System.getProperty("sallyport.home", ".."), "k8s").toAbsolutePath().normalize();
  }

  private static PacketPlan read(String plan) throws IOException {
    return PacketPlan.read(k8s(), plan);
  }

  /** The rest of the lines that begin like this. */
  private static List<String> seen(String plan, String prefix) {
    return SEEN.getOrDefault(plan, List.of()).stream()
        .filter(line -> line.startsWith(prefix))
        .map(line -> line.substring(prefix.length()))
        .toList();
  }

  /** What worked with policies. */
  private static Stream<String> open(String plan) {
    return seen(plan, "with ").stream()
        .filter(line -> !neverWorked(line))
        .map(line -> line.substring(line.indexOf(' ') + 1));
  }

  private static boolean neverWorked(String line) {
    return line.startsWith("0/");
  }

  private static boolean alwaysWorked(String line) {
    var count = line.substring(0, line.indexOf(' ')).split("/", 2);
    return count[0].equals(count[1]);
  }
}
