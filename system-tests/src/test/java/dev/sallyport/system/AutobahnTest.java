package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * The Autobahn test suite, which knows every way to speak WebSocket badly, through the tunnel to
 * the echo socket. It is written in Python and runs in a JVM of its own, from Maven artefacts.
 */
@ExtendWith(SharedDeployment.class)
class AutobahnTest {
  private static final System.Logger LOG = System.getLogger(AutobahnTest.class.getName());
  private static final int SECONDS_MAX = 300;

  /** Framing, pings, reserved bits, opcodes, fragments, UTF-8, closing; and 10, what is mixed. */
  private static final List<String> GROUPS =
      List.of("1.*", "2.*", "3.*", "4.*", "5.*", "6.*", "7.*", "10.*");

  /** What these groups have in the version that the pom names, at the least. */
  private static final int CASES_MIN = 240;

  /** What a case can come to, other than a failure. */
  private static final Set<String> PASSED = Set.of("OK", "INFORMATIONAL", "NON-STRICT");

  private static final Path FOLDER = Path.of("target", "autobahn").toAbsolutePath();

  private final Deployment deployment;

  AutobahnTest(Deployment deployment) {
    this.deployment = deployment;
  }

  /** How a case ended: what was said, and how the connection was closed. */
  private record Outcome(String behavior, String close, int code) {
    boolean passed() {
      return PASSED.contains(behavior) && PASSED.contains(close);
    }
  }

  @Test
  @Timeout(value = SECONDS_MAX + 20, unit = TimeUnit.SECONDS)
  void everyCaseOfTheStrictGroupsPassesThroughTheTunnel() throws Exception {
    var session = deployment.accounts().newSession();
    Map<String, Outcome> outcomes;
    try (var relay =
        HandshakeRelay.start(
            deployment.userWorker().port(), "Authorization: " + session.bearer())) {
      outcomes = run("ws://127.0.0.1:" + relay.port() + "/api/internal/echo/socket");
    }
    assertThat(outcomes).hasSizeGreaterThanOrEqualTo(CASES_MIN);
    var odd = new TreeMap<>(outcomes);
    odd.values().removeIf(outcome -> outcome.behavior().equals("OK"));
    LOG.log(System.Logger.Level.INFO, "{0} cases, not plainly OK: {1}", outcomes.size(), odd);
    odd.values().removeIf(Outcome::passed);
    assertThat(odd).isEmpty();
  }

  private static Map<String, Outcome> run(String url) throws IOException, InterruptedException {
    var out = FOLDER.resolve("out");
    Deployment.delete(out);
    var spec = FOLDER.resolve("spec.json");
    Files.writeString(
        spec,
        Json.write(
            Map.of(
                "outdir", out.toString(),
                "servers", List.of(Map.of("agent", "sallyport", "url", url)),
                "cases", GROUPS,
                "exclude-cases", List.of(),
                "exclude-agent-cases", Map.of(),
                "options", Map.of("failByDrop", false))));
    var log = FOLDER.resolve("autobahn.log");
    var process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "--add-opens=java.base/java.io=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
                "-Dpython.cachedir.skip=true",
                "-cp",
                FOLDER + "/*",
                "org.python.util.jython",
                script().toString(),
                spec.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(process.waitFor(SECONDS_MAX, TimeUnit.SECONDS)).as("see %s", log).isTrue();
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.exitValue()).as("see %s", log).isZero();
    return outcomes(out.resolve("index.json"));
  }

  private static Path script() throws IOException {
    var script = FOLDER.resolve("run_autobahn.py");
    try (var from = AutobahnTest.class.getResourceAsStream("/run_autobahn.py")) {
      Files.write(script, Objects.requireNonNull(from).readAllBytes());
    }
    return script;
  }

  private static Map<String, Outcome> outcomes(Path index) throws IOException {
    var outcomes = new TreeMap<String, Outcome>();
    Json.parse(Files.readString(index))
        .required("sallyport")
        .properties()
        .forEach(each ->
            outcomes.put(
                each.getKey(),
                new Outcome(
                    each.getValue().required("behavior").asText(),
                    each.getValue().required("behaviorClose").asText(),
                    each.getValue().path("remoteCloseCode").asInt())));
    return outcomes;
  }
}
