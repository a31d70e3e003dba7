package dev.sallyport.user.realtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.local.StackResource;
import dev.sallyport.user.RawClient;
import dev.sallyport.user.Visitor;
import dev.sallyport.user.edge.FakeService;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How a tunnelled WebSocket ends, by the byte. */
@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
@WithTestResource(value = FakeService.class, scope = TestResourceScope.MATCHING_RESOURCES)
class ClosesTest {
  private static final byte[] WHOLE = {(byte) 0x81, 5, 'w', 'h', 'o', 'l', 'e'};
  private static final byte[] CLOSE = {(byte) 0x88, (byte) 0x82, 0, 0, 0, 0, 0x0f, (byte) 0xa1};
  private static final Duration A_SECOND = Duration.ofSeconds(1);

  @TestHTTPResource("/")
  URI base;

  @Inject Tunnels tunnels;

  private Visitor visitor;
  private Visitor.SignedIn ada;

  @BeforeEach
  void signIn() {
    visitor = new Visitor(base);
    ada = visitor.signUp();
    await().until(() -> tunnels.count() == 0);
  }

  private RawClient open() {
    var client = new RawClient(visitor.port());
    client.send(
        "GET "
            + FakeService.BASE
            + "frames HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
            + ada.token()
            + "\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
    return client;
  }

  private static byte[] order(char order) {
    return new byte[] {(byte) 0x81, (byte) 0x81, 0, 0, 0, 0, (byte) order};
  }

  private void signOut() {
    assertThat(visitor.post("/auth/logout", "", ada.byToken()).statusCode()).isEqualTo(204);
  }

  private static byte[] close(int code, String reason) {
    var text = reason.getBytes(StandardCharsets.US_ASCII);
    var frame = new byte[4 + text.length];
    frame[0] = (byte) 0x88;
    frame[1] = (byte) (2 + text.length);
    frame[2] = (byte) (code >> 8);
    frame[3] = (byte) code;
    System.arraycopy(text, 0, frame, 4, text.length);
    return frame;
  }

  private static void reads(RawClient client, byte[] bytes) {
    assertThat(client.readBytes(bytes.length)).isEqualTo(bytes);
  }

  private static void readsSessionEnded(RawClient client) {
    reads(client, close(4001, "the session ended"));
  }

  private static void readsComeBack(RawClient client) {
    reads(client, close(1012, "connect again"));
  }

  private static Duration took(Runnable work) {
    long began = System.nanoTime();
    work.run();
    return Duration.ofNanos(System.nanoTime() - began);
  }

  @Test
  void whoseSessionEndsIsToldWithinASecondAndHungUpOnAfterItsOwnClose() {
    try (var client = open()) {
      client.send(order('w'));
      reads(client, WHOLE);
      assertThat(
              took(() -> {
                signOut();
                readsSessionEnded(client);
                client.send(CLOSE);
                assertThat(client.readToEnd()).isEmpty();
              }))
          .isLessThan(A_SECOND);
    }
  }

  @Test
  void aSocketThatHasHeardNothingYetIsToldToo() {
    try (var client = open()) {
      signOut();
      readsSessionEnded(client);
    }
  }

  @Test
  void whoDoesNotSayCloseIsCutAWhileLater() {
    try (var client = open()) {
      signOut();
      readsSessionEnded(client);
      assertThat(took(client::readToEnd)).isBetween(A_SECOND, Duration.ofSeconds(4));
    }
  }

  @Test
  void aFrameUnderWayIsFinishedFirstAndNoOtherIsBegun() {
    try (var client = open()) {
      client.send(order('l'));
      assertThat(client.readBytes(4)).hasSize(4);
      signOut();
      assertThat(client.readBytes(3)).hasSize(3);
      readsSessionEnded(client);
      client.send(CLOSE);
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  @Test
  void aFrameThatIsNeverFinishedIsWaitedForInVain() {
    try (var client = open()) {
      client.send(order('h'));
      assertThat(client.readBytes(4)).hasSize(4);
      assertThat(
              took(() -> {
                signOut();
                assertThat(client.readToEnd()).isEmpty();
              }))
          .isLessThan(Duration.ofMillis(1500));
    }
  }

  @Test
  void whoSendsAllTheTimeIsToldAsWell() {
    try (var client = open()) {
      var sender =
          Thread.ofVirtual()
              .start(() -> {
                try {
                  while (!Thread.currentThread().isInterrupted()) {
                    client.send(order(' '));
                  }
                } catch (UncheckedIOException hungUpOn) {
                  Thread.currentThread().interrupt();
                }
              });
      signOut();
      readsSessionEnded(client);
      sender.interrupt();
    }
  }

  @Test
  void aServiceThatIsGoneIsMadeUpForBetweenFrames() {
    try (var client = open()) {
      client.send(order('w'));
      reads(client, WHOLE);
      assertThat(
              took(() -> {
                client.send(order('d'));
                readsComeBack(client);
                client.send(CLOSE);
                assertThat(client.readToEnd()).isEmpty();
              }))
          .isLessThan(A_SECOND);
    }
  }

  @Test
  void andCutsTheClientInTheMiddleOfOne() {
    try (var client = open()) {
      client.send(order('x'));
      assertThat(client.readToEnd()).hasSize(4);
    }
  }

  @Test
  void nobodyIsToldTwice() {
    for (char order : new char[] {'c', 'k'}) {
      try (var client = open()) {
        client.send(order(order));
        reads(client, close(4008, ""));
        if (order == 'k') {
          signOut();
        }
        client.send(CLOSE);
        assertThat(client.readToEnd()).isEmpty();
      }
    }
  }

  @Test
  void whatAServiceSaidBeforeItWentReachesAClientThatReadsLate() {
    try (var client = open()) {
      client.send(order('b'));
      var quiet = System.nanoTime() + A_SECOND.toNanos();
      await().until(() -> System.nanoTime() > quiet);
      for (int i = 0; i < 50; i++) {
        assertThat(client.readBytes(10)).startsWith((byte) 0x82, 127);
        assertThat(client.readBytes(200_000)).hasSize(200_000);
      }
      readsComeBack(client);
    }
  }

  @Test
  void aClientThatNeverReadsIsLetGoOf() {
    try (var client = open()) {
      client.send(order('f'));
      var full = System.nanoTime() + A_SECOND.toNanos();
      await().until(() -> System.nanoTime() > full);
      assertThat(tunnels.count()).isEqualTo(1);
      signOut();
      await().atMost(Duration.ofSeconds(3)).until(() -> tunnels.count() == 0);
    }
  }
}
