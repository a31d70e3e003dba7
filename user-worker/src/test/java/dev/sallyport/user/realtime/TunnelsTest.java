package dev.sallyport.user.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.local.StackResource;
import dev.sallyport.user.ProblemShape;
import dev.sallyport.user.RawClient;
import dev.sallyport.user.Visitor;
import dev.sallyport.user.edge.FakeService;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
@WithTestResource(value = FakeService.class, scope = TestResourceScope.MATCHING_RESOURCES)
class TunnelsTest {
  /** A masked text frame "hi", what comes back of it, and a masked close frame with code 1000. */
  private static final byte[] HI = {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, 'h', 'i'};

  private static final byte[] HI_BACK = {(byte) 0x81, 2, 'h', 'i'};
  private static final byte[] CLOSE = {(byte) 0x88, (byte) 0x82, 0, 0, 0, 0, 3, (byte) 0xe8};

  @TestHTTPResource("/")
  URI base;

  private Visitor visitor;
  private Visitor.SignedIn ada;

  @BeforeEach
  void signIn() {
    visitor = new Visitor(base);
    ada = visitor.signUp();
  }

  @Test
  void framesPassBothWaysAndTheHandshakeIsTheServices() {
    try (var client = new RawClient(visitor.port())) {
      client.send(upgrade("socket") + "Sec-WebSocket-Protocol: a#b, echo\r\n\r\n");
      var head = client.readHead();
      assertThat(head)
          .startsWith("HTTP/1.1 101 ")
          // RFC 6455, 1.3: the answer to the sample nonce.
          .containsIgnoringCase("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
          .containsIgnoringCase("\r\nSec-WebSocket-Protocol: echo\r\n")
          .containsIgnoringCase("\r\nUpgrade: websocket\r\n");
      client.send(HI);
      assertThat(client.readBytes(HI_BACK.length)).isEqualTo(HI_BACK);
    }
  }

  @Test
  void theAnswerToAnUpgradeHasTheHandshakeOfTheServiceAndNothingElseOfIt() {
    try (var client = new RawClient(visitor.port())) {
      client.send(upgrade("talkative-socket") + "\r\n");
      var answer = new RawClient.Answer(client.readHead(), "");
      assertThat(answer.status()).isEqualTo(101);
      assertThat(answer.count("X-Request-Id")).isEqualTo(1);
      assertThat(answer.head()).doesNotContain("theirs").doesNotContainIgnoringCase("X-Sallyport");
    }
  }

  @Test
  void aServiceThatWillNotUpgradeAnswersItself() {
    try (var client = new RawClient(visitor.port())) {
      client.send(upgrade("no-socket") + "\r\n");
      var answer = client.readAnswer();
      assertThat(answer.status()).isEqualTo(403);
      assertThat(answer.body()).isEqualTo("not you");
    }
  }

  @Test
  void anAnswerThatIsNoUpgradeIsNotPassedOn() {
    for (var path : List.of("ping", "misdirected")) {
      try (var client = new RawClient(visitor.port())) {
        client.send(upgrade(path) + "\r\n");
        var answer = client.readAnswer();
        assertThat(answer.status()).isEqualTo(502);
        ProblemShape.of(answer.body(), 502, "bad-answer");
      }
    }
  }

  @Test
  void aServiceThatHangsIsGivenUpAndOneThatBreaksOffIsDown() {
    try (var client = new RawClient(visitor.port())) {
      client.send(upgrade("hang") + "\r\n");
      assertThat(client.readAnswer().status()).isEqualTo(504);
    }
    try (var client = new RawClient(visitor.port())) {
      client.send(upgrade("die-at-once") + "\r\n");
      assertThat(client.readAnswer().status()).isEqualTo(503);
    }
  }

  /** The fake has room for four tunnels. */
  @Test
  void anUpgradeThatWasGivenUpHoldsNoPlace() {
    for (int round = 0; round < 6; round++) {
      try (var client = new RawClient(visitor.port())) {
        client.send(upgrade("hang") + "\r\n");
        assertThat(client.readAnswer().status()).as("round %d", round).isEqualTo(504);
      }
    }
  }

  @Test
  void withoutACredentialNobodyIsUpgraded() {
    try (var client = new RawClient(visitor.port())) {
      client.send(upgrade("socket").replace(ada.token(), "x") + "\r\n");
      ProblemShape.of(client.readAnswer().body(), 401, "unauthenticated");
    }
  }

  @Test
  void aCookieUpgradesFromOurOwnPagesAlone() {
    var byCookie =
        upgrade("socket").replaceAll("Authorization: .*\r\n", "Cookie: " + ada.cookie() + "\r\n");
    for (var origin : List.of("", "Origin: https://evil.example\r\n", "Origin: null\r\n")) {
      try (var client = new RawClient(visitor.port())) {
        client.send(byCookie + origin + "\r\n");
        ProblemShape.of(client.readAnswer().body(), 403, "origin-refused");
      }
    }
    try (var client = new RawClient(visitor.port())) {
      client.send(byCookie + "Origin: https://app.example\r\n\r\n");
      assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
    }
  }

  @Test
  void aSocketThatIsStillOpeningNeverOutlivesItsSession() {
    try (var client = new RawClient(visitor.port())) {
      client.send(upgrade("slow-socket") + "\r\n");
      signOut();
      ProblemShape.of(client.readAnswer().body(), 401, "unauthenticated");
    }
  }

  @Test
  void aServiceThatClosesTakesTheClientAlong() {
    try (var client = new RawClient(visitor.port())) {
      client.send(upgrade("socket") + "\r\n");
      client.readHead();
      client.send(CLOSE);
      assertThat(client.readBytes(4)).startsWith((byte) 0x88, 2, 3);
      assertThat(client.readToEnd()).isEmpty();
    }
  }

  private void signOut() {
    assertThat(visitor.post("/auth/logout", "", ada.byToken()).statusCode()).isEqualTo(204);
  }

  /** As Firefox asks, with more than one word in Connection. */
  private String upgrade(String path) {
    return "GET "
        + FakeService.BASE
        + path
        + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
        + ada.token()
        + "\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  }
}
