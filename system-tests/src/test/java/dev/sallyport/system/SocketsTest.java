package dev.sallyport.system;

import static dev.sallyport.system.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** WebSockets pass through the tunnel as they are. */
@ExtendWith(SharedDeployment.class)
class SocketsTest {
  private static final String ECHO = "/api/internal/echo/socket";
  private static final long MIB = 1024L * 1024;

  private final Deployment deployment;
  private final Accounts.Session session;

  SocketsTest(Deployment deployment) {
    this.deployment = deployment;
    this.session = deployment.accounts().newSession();
  }

  private WsClient open(String... headers) {
    var lines = String.join("\r\n", headers);
    return headers.length == 0
        ? WsClient.open(deployment.userWorker().port(), ECHO, authorization())
        : WsClient.open(deployment.userWorker().port(), ECHO, authorization(), lines);
  }

  private String authorization() {
    return "Authorization: " + session.bearer();
  }

  @Test
  void framesComeBackAsTheyWereSent() {
    try (var socket = open()) {
      assertThat(socket.upgraded()).as(socket.answer().text()).isTrue();
      socket.text("grüße ☃");
      assertThat(socket.nextFrame())
          .isEqualTo(new WsClient.Frame(true, WsClient.TEXT, Bytes.utf8("grüße ☃")));
      var bytes = new byte[60_000];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (i * 31);
      }
      socket.binary(bytes);
      assertThat(socket.nextFrame())
          .isEqualTo(new WsClient.Frame(true, WsClient.BINARY, Bytes.of(bytes)));
      socket.text("");
      assertThat(socket.nextFrame()).isEqualTo(new WsClient.Frame(true, WsClient.TEXT, Bytes.NONE));
    }
  }

  @Test
  void fragmentsStayFragmentsAndPingsPassBetweenThem() {
    try (var socket = open()) {
      socket.send(false, WsClient.TEXT, new byte[] {'a'});
      socket.ping("between");
      socket.send(false, WsClient.CONTINUATION, new byte[] {'b'});
      socket.send(true, WsClient.CONTINUATION, new byte[] {'c'});
      boolean ponged = false;
      var text = new StringBuilder();
      for (int opcode = WsClient.TEXT; text.length() < 3; ) {
        var frame = socket.next().orElseThrow();
        if (frame.opcode() == WsClient.PONG) {
          ponged |= frame.text().equals("between");
        } else {
          assertThat(frame.opcode()).isEqualTo(opcode);
          text.append(frame.text());
          assertThat(frame.last()).isEqualTo(text.length() == 3);
          opcode = WsClient.CONTINUATION;
        }
      }
      assertThat(text.toString()).isEqualTo("abc");
      assertThat(ponged).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 3000, 4000, 4999})
  void aCloseIsAnsweredWithItsCode(int code) {
    try (var socket = open()) {
      socket.sayClose(code, "bye");
      var answer = socket.nextFrame();
      assertThat(answer.opcode()).isEqualTo(WsClient.CLOSE);
      assertThat(answer.closeCode()).isEqualTo(code);
      assertThat(socket.socket().closes()).isTrue();
    }
  }

  @Test
  void theServersOwnCloseCodeReachesTheClient() {
    try (var socket = open()) {
      // The head of a frame that is too large, and nothing of it: a server that closes with bytes
      // unread resets the connection, and a reset can overtake the close frame.
      socket.socket().send(WsClient.announce(WsClient.BINARY, 64 * 1024 + 1));
      var answer = socket.nextFrame();
      assertThat(answer.opcode()).isEqualTo(WsClient.CLOSE);
      assertThat(answer.closeCode()).isEqualTo(1009);
    }
  }

  @Test
  void aTextThatIsNotUtf8ClosesTheSocket() {
    try (var socket = open()) {
      socket.text("\u00fc");
      assertThat(socket.nextFrame().text()).isEqualTo("\u00fc");
      socket.send(true, WsClient.TEXT, new byte[] {'a', (byte) 0xc0, (byte) 0xaf});
      assertThat(socket.nextFrame().closeCode()).isEqualTo(1007);
    }
  }

  @Test
  void withoutATokenThereIsNoUpgrade() {
    try (var socket = WsClient.open(deployment.userWorker().port(), ECHO)) {
      assertProblem(socket.answer().plain(), 401, "unauthenticated");
    }
    try (var socket =
        WsClient.open(
            deployment.userWorker().port(),
            ECHO,
            "Authorization: Bearer " + Token.parse(session.accessToken()).unsigned("none"))) {
      assertProblem(socket.answer().plain(), 401, "unauthenticated");
    }
  }

  @Test
  void anUpgradeOfWhatIsNoSocketIsAnOrdinaryAnswer() {
    try (var socket =
        WsClient.open(
            deployment.userWorker().port(), "/api/internal/no-such-socket", authorization())) {
      assertThat(socket.answer().status()).isEqualTo(404);
    }
  }

  @Test
  void aPageOfAnotherOriginCannotOpenASocketWithItsVisitorsCookie() {
    var account = deployment.accounts().register();
    var login =
        deployment
            .userWorker()
            .http()
            .post("/auth/login", Accounts.credentials(account.email(), account.password()));
    var cookie = "Cookie: " + login.header("Set-Cookie").orElseThrow().split(";", 2)[0];
    for (var origin : new String[] {"Origin: https://evil.example", "X-No-Origin: x"}) {
      try (var socket = WsClient.open(deployment.userWorker().port(), ECHO, cookie, origin)) {
        assertProblem(socket.answer().plain(), 403, "origin-refused");
      }
    }
  }

  @Test
  void subprotocolsThatWouldBeHeadersAreNotOffered(Gate gate) {
    for (var smuggled :
        new String[] {
          "quarkus-http-upgrade#X-User-Id#eve",
          "quarkus-http-upgrade%23X-User-Id%23eve",
          "QUARKUS-HTTP-UPGRADE#X-Internal-Request#eve"
        }) {
      var target = "/api/internal/" + Gate.marker();
      try (var socket =
          WsClient.open(
              gate.userWorker().port(),
              target,
              gate.authorization(),
              "Sec-WebSocket-Protocol: chat, " + smuggled,
              "Sec-WebSocket-Protocol: " + smuggled,
              "X-User-Id: eve")) {
        assertThat(socket.upgraded()).isFalse();
      }
      assertThat(gate.recorder().seen(target))
          .singleElement()
          .satisfies(seen -> {
            assertThat(seen.mentions("eve")).isFalse();
            assertThat(seen.headers().all("Sec-WebSocket-Protocol")).containsExactly("chat");
            assertThat(seen.headers().all("X-User-Id"))
                .containsExactly(gate.session().account().id());
            assertThat(seen.headers().all("Authorization")).isEmpty();
          });
    }
  }

  @Test
  void aHeaderBySubprotocolChangesNobodysIdentity() {
    try (var socket = open("Sec-WebSocket-Protocol: quarkus-http-upgrade#X-User-Id#eve")) {
      assertThat(socket.answer().headers().all("Sec-WebSocket-Protocol")).isEmpty();
    }
  }

  @Test
  void aClientThatNeverReadsIsNotReadFromEither() {
    long user = deployment.userWorker().residentBytes();
    long data = deployment.dataWorker().residentBytes();
    var sent = new AtomicLong();
    try (var socket = open()) {
      byte[] frame = WsClient.encode(true, WsClient.BINARY, new byte[32 * 1024]);
      Thread.ofVirtual()
          .start(() -> {
            try {
              while (sent.get() < 400 * MIB) {
                socket.socket().send(frame);
                sent.addAndGet(frame.length);
              }
            } catch (UncheckedIOException e) {
              // The test has ended and closed the socket, or the worker gave this client up.
              sent.get();
            }
          });
      await()
          .atMost(Duration.ofSeconds(20))
          .pollInterval(Duration.ofSeconds(1))
          .until(() -> sent.get() > 0 && sent.get() == sentOneSecondLater(sent));
      assertThat(sent.get()).isLessThan(64 * MIB);
      assertThat(deployment.userWorker().residentBytes()).isLessThan(user + 64 * MIB);
      assertThat(deployment.dataWorker().residentBytes()).isLessThan(data + 64 * MIB);
    }
    try (var other = open()) {
      assertThat(other.text("still here").nextFrame().text()).isEqualTo("still here");
    }
  }

  private static long sentOneSecondLater(AtomicLong sent) {
    long began = System.nanoTime();
    await().until(() -> System.nanoTime() - began > 1_000_000_000L);
    return sent.get();
  }

  @Test
  void aClientThatGoesAwayIsGoneAtThePrivateWorkerToo() {
    await().until(() -> tunnels() == 0);
    try (var socket = open()) {
      assertThat(socket.text("x").nextFrame().text()).isEqualTo("x");
      assertThat(tunnels()).isEqualTo(1);
    }
    await().atMost(Duration.ofSeconds(5)).until(() -> tunnels() == 0);
  }

  private double tunnels() {
    return deployment
        .userWorker()
        .management()
        .get("/q/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("sallyport_realtime_tunnels"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  @Test
  void whoseSessionEndsIsToldWithinASecond() {
    try (var socket = open()) {
      assertThat(socket.text("x").nextFrame().text()).isEqualTo("x");
      socket.socket().within(Duration.ofSeconds(1));
      deployment.userWorker().http().post("/auth/logout", "", "Authorization", session.bearer());
      assertThat(socket.nextFrame().closeCode()).isEqualTo(4001);
      socket.sayClose(4001, "");
      assertThat(socket.socket().closes()).isTrue();
    }
    await().atMost(Duration.ofSeconds(1)).until(() -> tunnels() == 0);
  }

  @Test
  void aKilledPrivateWorkerAsksItsClientsToComeBack() {
    try (var socket = open()) {
      assertThat(socket.text("x").nextFrame().text()).isEqualTo("x");
      deployment.dataWorker().kill();
      socket.socket().within(Duration.ofSeconds(2));
      assertThat(socket.nextFrame().closeCode()).isEqualTo(1012);
      socket.sayClose(1012, "");
      assertThat(socket.socket().closes()).isTrue();
      try (var refused = open()) {
        assertProblem(refused.answer().plain(), 503, "binding-down");
      }
    } finally {
      deployment.dataWorker().start();
    }
    try (var again = open()) {
      assertThat(again.text("back").nextFrame().text()).isEqualTo("back");
    }
  }
}
