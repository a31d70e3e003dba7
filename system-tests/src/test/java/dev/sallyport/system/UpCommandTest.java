package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./sallyport up}, from the first start to the last trace of it. */
class UpCommandTest {
  private static final System.Logger LOG = System.getLogger(UpCommandTest.class.getName());
  private static final Duration READY_WITHIN = Duration.ofSeconds(60);

  @TempDir Path repository;
  private final Map<String, String> ports = UpRun.freePorts();

  private UpRun up(String... options) throws IOException {
    long began = System.nanoTime();
    var up = UpRun.start(repository, ports, options);
    await().atMost(READY_WITHIN).until(up::isReady);
    LOG.log(
        Level.INFO,
        "up was ready after {0}",
        Duration.ofNanos(System.nanoTime() - began).truncatedTo(ChronoUnit.MILLIS));
    return up;
  }

  private Http userWorker() {
    return Http.to(URI.create("http://127.0.0.1:" + ports.get("SALLYPORT_USER_WORKER_PORT")));
  }

  @Test
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void itShowsTheWayInKeepsTheDataAndLeavesNothingBehind() throws Exception {
    BuiltCopy.make(repository);
    Accounts.Account account;
    try (var up = up()) {
      assertMode600(up, "credentials", "user-worker.env", "data-worker.env");
      assertPastedCommandsWork(up);
      assertASecondOneIsSentAway();
      account = new Accounts(userWorker()).register();
      assertInterruptLeavesNothing(up);
    }
    try (var up = up()) {
      assertThat(new Accounts(userWorker()).login(account).accessToken()).isNotBlank();
      assertInterruptLeavesNothing(up);
    }
    try (var up = up("--fresh")) {
      var forgotten =
          userWorker()
              .post("/auth/login", Accounts.credentials(account.email(), account.password()));
      assertThat(forgotten.status()).isEqualTo(401);
      assertInterruptLeavesNothing(up);
    }
    assumeTrue(hasCurl(), "curl is not installed: the printed commands were not tried");
  }

  private static void assertMode600(UpRun up, String... names) throws IOException {
    for (var name : names) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(up.file(name))))
          .as(name)
          .isEqualTo("rw-------");
    }
  }

  private static void assertPastedCommandsWork(UpRun up) throws IOException {
    var curls = up.curls();
    assertThat(curls).hasSize(3);
    if (!hasCurl()) {
      return; // said at the end, so that the rest is tried
    }
    assertThat(up.paste(curls.get(0))).contains("accessToken");
    assertThat(up.paste(curls.get(1))).contains("userId", "roles", "worker", "at");
    assertThat(up.paste(curls.get(2))).contains("\"body\":{\"hello\":\"keep\"}");
  }

  private static boolean hasCurl() {
    return List.of(System.getenv("PATH").split(":", -1)).stream()
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, "curl")));
  }

  private void assertASecondOneIsSentAway() throws Exception {
    try (var second = UpRun.start(repository, ports)) {
      assertThat(second.awaitEnd()).isEqualTo(1);
      assertThat(second.lines()).filteredOn(line -> !line.startsWith("+ ")).hasSize(1);
      assertThat(second.lines().getLast()).contains("already running");
    }
  }

  private static void assertInterruptLeavesNothing(UpRun up) throws Exception {
    var processes = up.processes();
    assertThat(processes).hasSize(5).allMatch(ProcessHandle::isAlive);
    up.interrupt();
    assertThat(processes).noneMatch(ProcessHandle::isAlive);
    assertThat(up.file("run")).isEmptyDirectory();
  }
}
