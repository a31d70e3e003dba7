package dev.sallyport.user.binding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.local.StackResource;
import dev.sallyport.model.SignatureCheck;
import dev.sallyport.user.ProblemShape;
import dev.sallyport.user.RawClient;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Upgrades to what one data-worker owns. */
@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
@WithTestResource(value = AnyWorker.class, scope = TestResourceScope.MATCHING_RESOURCES)
class OwnedTunnelTest extends TwoOwners {
  /** A masked text frame "hi", what comes back of it, and a masked close frame with code 1000. */
  private static final byte[] HI = {(byte) 0x81, (byte) 0x82, 0, 0, 0, 0, 'h', 'i'};

  private static final byte[] HI_BACK = {(byte) 0x81, 2, 'h', 'i'};
  private static final byte[] CLOSE = {(byte) 0x88, (byte) 0x82, 0, 0, 0, 0, 3, (byte) 0xe8};

  /** There is room for four tunnels to each worker. */
  @Test
  void anUpgradeIsFollowedAndItsOwnerRemembered() {
    for (int i = 0; i < 6; i++) {
      var room = "/api/internal/rooms/" + UUID.randomUUID() + "/socket";
      for (var query : List.of("?owner=" + one.address(), "")) {
        try (var client = new RawClient(visitor.port())) {
          var head = client.send(upgrade(room + query)).readHead();
          assertThat(head)
              .startsWith("HTTP/1.1 101 ")
              .containsIgnoringCase("\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n")
              .containsIgnoringCase("\r\nSec-WebSocket-Protocol: echo\r\n")
              .doesNotContainIgnoringCase("X-Sallyport");
          client.send(HI);
          assertThat(client.readBytes(HI_BACK.length)).isEqualTo(HI_BACK);
          client.send(CLOSE).readToEnd();
        }
      }
    }
    assertThat(one.asked()).hasSize(12);
    assertThat(one.asked())
        .allSatisfy(asked -> assertThat(signature(asked)).isInstanceOf(SignatureCheck.Valid.class));
  }

  @Test
  void anUpgradeThatFindsNoOwnerIsRefused() {
    var room = "/api/internal/rooms/" + UUID.randomUUID() + "/socket";
    var unknown = new FakeWorker("unknown");
    try (unknown) {
      for (var query :
          List.of(
              "?owner=",
              "?owner=" + unknown.address(),
              "?owner=" + one.address() + "&then=" + two.address())) {
        for (int i = 0; i < 6; i++) {
          try (var client = new RawClient(visitor.port())) {
            var answer = client.send(upgrade(room + query)).readAnswer();
            assertThat(ProblemShape.of(answer.body(), 503, "binding-down"))
                .containsEntry("retryable", true);
            assertThat(answer.head()).doesNotContainIgnoringCase("X-Sallyport");
            assertThat(answer.count("Retry-After")).isEqualTo(1);
          }
        }
      }
      assertThat(unknown.asked()).isEmpty();
      assertThat(two.asked()).isEmpty();
    }
  }

  @Test
  void anUpgradeOfAnOwnerThatTakesNoConnectionsGoesToAnybody() {
    var room = "/api/internal/rooms/" + UUID.randomUUID() + "/socket";
    try (var client = new RawClient(visitor.port())) {
      client.send(upgrade(room + "?owner=" + one.address()));
      assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
    }
    one.close();
    try (var client = new RawClient(visitor.port())) {
      client.send(upgrade(room + "?owner=" + two.address()));
      assertThat(client.readHead()).startsWith("HTTP/1.1 101 ");
    }
  }

  private String upgrade(String target) {
    return "GET "
        + target
        + " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
        + ada.token()
        + "\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + "Sec-WebSocket-Protocol: echo\r\n\r\n";
  }
}
