package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.System.Logger.Level;
import org.junit.jupiter.api.Test;

/** Thousands of sockets that say nothing cost some memory and nothing else. */
class IdleSocketsTest {
  private static final int COUNT = 5_000;
  private static final System.Logger LOG = System.getLogger(IdleSocketsTest.class.getName());

  /** In one JVM that has just started; `bench sockets` measures with more care. */
  private static final long BYTES_PER_SOCKET_MAX = 64 * 1024;

  @Test
  void fiveThousandSocketsStayOpenAndServed() {
    assumeTrue(
        ProcessFigures.openFilesMax() > 2 * COUNT + 1_000,
        "a process may open too few files here (ulimit -Hn): each socket needs two");
    try (var deployment =
        Deployment.start(
            Deployment.Settings.quick("idle-sockets")
                .flags("-Xmx512m", "-XX:+ExitOnOutOfMemoryError"))) {
      var session = deployment.accounts().newSession();
      var user = deployment.userWorker();
      var data = deployment.dataWorker();
      var target = "/api/internal/echo/socket";
      var authorization = "Authorization: " + session.bearer();
      IdleSockets.open(user.port(), target, 200, authorization).close(); // classes are loaded now
      long userBefore = user.residentBytes();
      long dataBefore = data.residentBytes();
      try (var idle = IdleSockets.open(user.port(), target, COUNT, authorization)) {
        long userEach = (user.residentBytes() - userBefore) / COUNT;
        long dataEach = (data.residentBytes() - dataBefore) / COUNT;
        LOG.log(
            Level.INFO,
            "{0} idle sockets: {1} bytes each in the user-worker, {2} in the data-worker",
            COUNT,
            userEach,
            dataEach);
        try (var socket = WsClient.open(user.port(), target, authorization)) {
          assertThat(socket.text("and one more").nextFrame().text()).isEqualTo("and one more");
        }
        assertThat(
                user.http().get("/api/internal/ping", "Authorization", session.bearer()).status())
            .isEqualTo(200);
        assertThat(idle.alive()).isEqualTo(COUNT);
        assertThat(userEach).isLessThan(BYTES_PER_SOCKET_MAX);
        assertThat(dataEach).isLessThan(BYTES_PER_SOCKET_MAX);
      }
      assertThat(user.log() + data.log()).doesNotContain("ERROR", "OutOfMemory");
    }
  }
}
