package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A user-worker that is asked to stop finishes what it has begun, and waits for nothing else. */
@ExtendWith(SharedDeployment.class)
class DepartureTest {
  private static final Duration WITH_NOTHING_TO_DO = Duration.ofSeconds(5);
  private static final Duration AT_MOST = Duration.ofSeconds(20);

  private final Accounts.Session session;
  private final Worker worker;

  DepartureTest(Deployment deployment) {
    this.session = deployment.accounts().newSession();
    this.worker =
        deployment.anotherUserWorker(
            "user-worker-departing", deployment.dataWorker().url(), Map.of());
  }

  @BeforeEach
  void itServes() {
    assertThat(worker.http().get("/api/internal/ping", "Authorization", session.bearer()).status())
        .isEqualTo(200);
  }

  @AfterEach
  void itIsGone() {
    worker.close();
    assertThat(worker.isAlive()).isFalse();
  }

  private Duration stop() {
    long began = System.nanoTime();
    worker.stop();
    return Duration.ofNanos(System.nanoTime() - began);
  }

  private WsClient open() {
    return WsClient.open(
        worker.port(), "/api/internal/echo/socket", "Authorization: " + session.bearer());
  }

  @Test
  void anIdleOneIsGoneAtOnce() {
    assertThat(stop()).isLessThan(WITH_NOTHING_TO_DO);
  }

  @Test
  void socketsThatWereClosedDoNotHoldItUp() {
    try (var socket = open()) {
      assertThat(socket.text("x").nextFrame().text()).isEqualTo("x");
    }
    assertThat(stop()).isLessThan(WITH_NOTHING_TO_DO);
  }

  @Test
  void socketsAreAskedToComeBack() throws Exception {
    try (var socket = open()) {
      assertThat(socket.text("x").nextFrame().text()).isEqualTo("x");
      var stopped = CompletableFuture.supplyAsync(this::stop);
      assertThat(socket.nextFrame().closeCode()).isEqualTo(1012);
      socket.sayClose(1012, "");
      assertThat(socket.socket().closes()).isTrue();
      assertThat(stopped.get()).isLessThan(WITH_NOTHING_TO_DO);
    }
  }

  @Test
  void socketsThatAreOpenEndInTime() {
    try (var socket = open()) {
      assertThat(socket.text("x").nextFrame().text()).isEqualTo("x");
      assertThat(stop()).isLessThan(AT_MOST);
      assertThat(socket.socket().closes()).isTrue();
    }
  }

  @Test
  void anAnswerUnderWayIsFinished() throws Exception {
    try (var socket = RawSocket.connect(worker.port(), 64 * 1024)) {
      socket.send(
          RawSocket.head(
              "GET /api/internal/echo/bytes?size=50000000 HTTP/1.1",
              "Authorization: " + session.bearer()));
      assertThat(socket.in().read()).isEqualTo('H');
      var stopped = CompletableFuture.supplyAsync(this::stop);
      var rest = socket.in().readAllBytes();
      assertThat(rest.length).isGreaterThan(50_000_000);
      assertThat(stopped.get()).isLessThan(AT_MOST);
    }
  }
}
