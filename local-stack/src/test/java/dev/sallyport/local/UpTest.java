package dev.sallyport.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher as a person meets it: real servers, stand-ins for the workers. */
class UpTest {

  private static final Duration GONE_WITHIN = Duration.ofSeconds(30);

  @TempDir Path repository;
  private final Map<String, String> ports = UpRun.freePorts();

  @Test
  void itShowsTheWayInAndLeavesNothingBehindAfterCtrlC() throws Exception {
    List<ProcessHandle> started;
    try (var up = UpRun.start(repository, ports).awaitReady()) {
      started = up.running();
      assertThat(started).allMatch(ProcessHandle::isAlive);
      assertThat(curls(up)).hasSize(3).allMatch(line -> line.contains(" .sallyport/cookies"));
      assertThat(up.lines()).anyMatch(line -> line.endsWith(address()));
      for (String file :
          List.of("credentials", "cookies", "secrets", "user-worker.env", "data-worker.env")) {
        assertThat(permissions(up.file(file))).as(file).isEqualTo("rw-------");
      }
      assertThat(up.running("user-worker").info().command().orElseThrow()).endsWith("/java");

      Platform.signal(up.pid(), "INT");
      assertThat(up.awaitEnd()).isEqualTo(130);
      assertThat(up.file("run")).isEmptyDirectory();
    }
    assertThat(started).noneMatch(ProcessHandle::isAlive);
  }

  @Test
  void aSecondOneIsSentAwayAndTheFirstGoesOn() throws Exception {
    try (var first = UpRun.start(repository, ports).awaitReady();
        var second = UpRun.start(repository, ports, "--fresh")) {
      assertThat(second.awaitEnd()).isEqualTo(1);
      assertThat(second.lines())
          .singleElement()
          .asString()
          .contains("already running in " + repository, "process " + first.pid());
      assertThat(first.running()).allMatch(ProcessHandle::isAlive);
    }
  }

  @Test
  void accountsStayUntilTheyAreForgotten() throws Exception {
    Path tool = Files.createDirectories(repository.resolve(".sallyport/tools")).resolve("kept");
    Files.writeString(tool, "");
    Path file = repository.resolve(".sallyport/credentials");
    String credentials;
    try (var _ = UpRun.start(repository, ports).awaitReady()) {
      credentials = Files.readString(file);
    }
    try (var _ = UpRun.start(repository, ports).awaitReady()) {
      assertThat(file).hasContent(credentials);
    }
    try (var _ = UpRun.start(repository, ports, "--fresh").awaitReady()) {
      assertThat(Files.readString(file)).isNotEqualTo(credentials);
      assertThat(tool).exists();
    }
  }

  @Test
  void aTakenPortIsNamedWithWhatWantsItAndWhatChangesIt() throws Exception {
    try (var stranger = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var taken = new HashMap<>(ports);
      taken.put("SALLYPORT_REDIS_PORT", Integer.toString(stranger.getLocalPort()));
      try (var up = UpRun.start(repository, taken)) {
        assertThat(up.awaitEnd()).isEqualTo(1);
        assertThat(up.lines())
            .singleElement()
            .asString()
            .contains(stranger.getLocalPort() + "", "Redis", "SALLYPORT_REDIS_PORT");
      }
    }
  }

  @Test
  void aWorkerThatCrashesEndsEverythingWithItsLastWords() throws Exception {
    try (var up = UpRun.start(repository, ports).awaitReady()) {
      List<ProcessHandle> started = up.running();
      get(URI.create(address() + "/crash"));
      assertThat(up.awaitEnd()).isEqualTo(1);
      assertThat(up.lines()).anyMatch(line -> line.contains("user-worker ended with code 3"));
      assertThat(up.lines()).anyMatch(line -> line.contains("user-worker.log"));
      assertThat(started).noneMatch(ProcessHandle::isAlive);
    }
  }

  @Test
  void theRestGoesOnWithoutAProcessThatSomebodyKilled() throws Exception {
    try (var up = UpRun.start(repository, ports).awaitReady()) {
      up.running("data-worker").destroyForcibly();
      assertThat(up.awaitLine(line -> line.startsWith("data-worker was ended from outside")))
          .isTrue();
      assertThat(get(URI.create(address()))).isNotNull();
      up.running("redis").destroyForcibly();
      assertThat(up.awaitLine(line -> line.startsWith("redis was ended from outside"))).isTrue();
      assertThat(up.running("postgres").isAlive()).isTrue();
    }
  }

  @Test
  void whatAKilledLauncherLeftIsEndedByTheNext() throws Exception {
    List<ProcessHandle> orphans;
    try (var killed = UpRun.start(repository, ports).awaitReady()) {
      orphans = killed.running();
      Platform.signal(killed.pid(), "KILL");
      assertThat(killed.awaitEnd()).isEqualTo(137);
    }
    try (var next = UpRun.start(repository, ports).awaitReady()) {
      assertThat(next.running()).doesNotContainAnyElementsOf(orphans);
      for (ProcessHandle orphan : orphans) {
        assertThat(ChildProcess.awaitEnd(orphan, GONE_WITHIN)).isTrue();
      }
    }
  }

  @Test
  void aStartThatIsInterruptedLeavesNothingBehind() throws Exception {
    try (var up = UpRun.start(repository, ports)) {
      assertThat(up.awaitLine(line -> line.contains("redis on port"))).isTrue();
      ProcessHandle redis = up.running("redis");
      Platform.signal(up.pid(), "TERM");
      assertThat(up.awaitEnd()).isEqualTo(143);
      assertThat(redis.isAlive()).isFalse();
      assertThat(up.lines()).noneMatch(line -> line.contains("ended with code"));
    }
    assertThat(repository.resolve(".sallyport/run")).isEmptyDirectory();
  }

  @Test
  void theCallersEnvironmentWinsForOneRun() throws Exception {
    var environment = new HashMap<>(ports);
    environment.put("SALLYPORT_WORKER_ID", "mine");
    String elsewhere = Integer.toString(StackSettings.freePort());
    environment.put("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:" + elsewhere);
    try (var up = UpRun.start(repository, environment).awaitReady()) {
      assertThat(get(URI.create(address()))).isEqualTo("mine");
      assertThat(up.file("user-worker.env")).content().doesNotContain(elsewhere);
    }
  }

  private String address() {
    return "http://127.0.0.1:" + ports.get(UpPorts.Variable.USER_WORKER);
  }

  private static List<String> curls(UpRun up) {
    return up.lines().stream().filter(line -> line.startsWith("curl ")).toList();
  }

  private static String permissions(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  /** The body, or a text that says why there is none. */
  private static String get(URI uri) throws InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      return client.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body();
    } catch (IOException e) {
      return "no answer: " + e;
    }
  }
}
