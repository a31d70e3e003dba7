package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Clients of rooms that do what they should not, through both workers. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RoomClientsTest {
  private static final Duration WITHIN = Duration.ofSeconds(20);
  private static final int LARGE_CHARS = 48 * 1024;

  /** 24 MiB: also what the kernel keeps for one who does not read is full then. */
  private static final int LARGE_MESSAGES = 500;

  private static final int SMALL_RECEIVE_BUFFER = 8 * 1024;
  private static final int FLOOD_MAX = 200_000;

  private Deployment deployment;
  private Accounts.Session ada;
  private Accounts.Session bob;

  @BeforeAll
  void start() {
    deployment = Deployment.start(Deployment.Settings.quick("room-clients"));
    ada = deployment.accounts().newSession();
    bob = deployment.accounts().newSession();
  }

  @AfterAll
  void stop() {
    deployment.close();
  }

  @Test
  void whoNeverReadsIsToldToComeBackAndTheOthersGetEverythingInTime() throws Exception {
    try (var slow = join("slow", bob, SMALL_RECEIVE_BUFFER);
        var fast = join("slow", ada, 0)) {
      var heard = CompletableFuture.supplyAsync(() -> messagesInOrder(fast, LARGE_MESSAGES));
      var fill = "x".repeat(LARGE_CHARS);
      Thread.ofVirtual()
          .start(() -> {
            for (int i = 1; i <= LARGE_MESSAGES; i++) {
              fast.text(publish("large-" + i, fill));
            }
          });
      assertThat(heard.get(60, TimeUnit.SECONDS)).isEqualTo(LARGE_MESSAGES);
      var end = slow.nextFrame();
      long offset = 0;
      while (end.opcode() == WsClient.TEXT) {
        var frame = Json.parse(end.text());
        if (type(frame).equals("message")) {
          assertThat(frame.required("offset").asLong()).isEqualTo(++offset);
        }
        end = slow.nextFrame();
      }
      assertThat(end.closeCode()).isEqualTo(4008);
      assertThat(offset).isLessThan(LARGE_MESSAGES);
      resumes(slow, offset);
    }
  }

  /** One that was too slow gets the rest when it comes back. */
  private void resumes(WsClient before, long offset) {
    before.close();
    var room =
        deployment
            .userWorker()
            .http()
            .get("/api/internal/rooms/slow", "Authorization", bob.bearer())
            .json();
    var epoch = room.required("epoch").asText();
    try (var again = open("slow?epoch=" + epoch + "&offset=" + offset, bob, 0)) {
      assertThat(Json.parse(again.nextFrame().text()).required("recovered").asBoolean()).isTrue();
      for (long next = offset + 1; next <= LARGE_MESSAGES; next++) {
        assertThat(nextOf(again, "message").required("offset").asLong()).isEqualTo(next);
      }
    }
  }

  @Test
  void whoFloodsIsToldSoThenClosedAndTheOthersGoOn() {
    try (var flooder = join("flood", bob, 0);
        var other = join("flood", ada, 0)) {
      var flood =
          Thread.ofVirtual()
              .start(() -> {
                int sent = 0;
                while (sent < FLOOD_MAX && !isClosed(flooder)) {
                  sent++;
                }
              });
      assertThat(nextOf(flooder, "error").required("code").asText()).isEqualTo("too-many");
      other.text(publish("calm", "x"));
      assertThat(nextOf(other, "ack").required("offset").asLong()).isEqualTo(1);
      assertThat(closeCode(flooder)).isEqualTo(4029);
      flood.interrupt();
    }
  }

  private static boolean isClosed(WsClient client) {
    try {
      client.text("{\"type\":\"signal\",\"data\":1}");
      return false;
    } catch (UncheckedIOException closed) {
      return true;
    }
  }

  @Test
  void aMessageOfTenMebibytesClosesWith1009() {
    try (var member = join("large", ada, 0)) {
      member.socket().send(WsClient.announce(WsClient.TEXT, 10 * 1024 * 1024));
      var part = new byte[64 * 1024];
      try {
        for (int i = 0; i < 160; i++) {
          member.socket().send(part);
        }
      } catch (UncheckedIOException closed) {
        // It hears only so much more.
      }
      assertThat(closeCode(member)).isEqualTo(1009);
    }
  }

  @Test
  void aBinaryMessageClosesWith1003() {
    try (var member = join("binary", ada, 0)) {
      member.binary(new byte[] {1, 2, 3});
      assertThat(closeCode(member)).isEqualTo(1003);
    }
  }

  @Test
  void whatIsNoFrameIsAnsweredAndTheSocketStays() {
    try (var member = join("bad", ada, 0)) {
      for (var text : new String[] {"{\"type\":", "[]", "7", "\u0000", "{\"type\":\"publish\"}"}) {
        assertThat(nextError(member.text(text))).isEqualTo("bad-frame");
      }
      assertThat(nextError(member.text("{\"type\":\"dance\"}"))).isEqualTo("unknown-type");
      member.text(publish("good", "x"));
      assertThat(nextOf(member, "ack").required("offset").asLong()).isEqualTo(1);
    }
  }

  private static String nextError(WsClient member) {
    return nextOf(member, "error").required("code").asText();
  }

  @Test
  void aStrangerToARoomOfMembersIsUpgradedAndClosedAndToldNothing() {
    var set =
        deployment
            .userWorker()
            .http()
            .send(
                "PUT",
                "/api/internal/rooms/private",
                "{\"access\":\"members\",\"members\":[]}",
                "Authorization",
                ada.bearer());
    assertThat(set.status()).as(set.toString()).isEqualTo(200);
    try (var owner = join("private", ada, 0);
        var stranger = open("private", bob, 0)) {
      assertThat(stranger.upgraded()).isTrue();
      owner.text(publish("secret", "x"));
      assertThat(nextOf(owner, "ack").required("offset").asLong()).isEqualTo(1);
      assertThat(stranger.nextFrame().closeCode()).isEqualTo(4003);
    }
  }

  @Test
  void whoIsNobodyIsNotUpgraded() {
    for (var credential : new String[] {"X-None: 1", "Authorization: Bearer nonsense"}) {
      try (var nobody =
          WsClient.open(
              deployment.userWorker().port(), "/api/internal/rooms/open/socket", credential)) {
        assertThat(nobody.answer().status()).isEqualTo(401);
      }
    }
  }

  @Test
  void theEndOfASessionClosesWith4001WithinASecond() {
    var session = deployment.accounts().newSession();
    try (var member = join("session", session, 0)) {
      deployment.userWorker().http().post("/auth/logout", "", "Authorization", session.bearer());
      long began = System.nanoTime();
      assertThat(closeCode(member)).isEqualTo(4001);
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(1));
    }
  }

  private WsClient join(String room, Accounts.Session session, int receiveBuffer) {
    var member = open(room, session, receiveBuffer);
    assertThat(member.upgraded()).as(member.answer().toString()).isTrue();
    assertThat(type(Json.parse(member.nextFrame().text()))).isEqualTo("welcome");
    return member;
  }

  private WsClient open(String room, Accounts.Session session, int receiveBuffer) {
    var path = room.replaceFirst("(\\?|$)", "/socket$1");
    return WsClient.open(
        RawSocket.connect(deployment.userWorker().port(), receiveBuffer).within(WITHIN),
        "/api/internal/rooms/" + path,
        "Authorization: " + session.bearer());
  }

  private static String publish(String id, String data) {
    return "{\"type\":\"publish\",\"id\":\"" + id + "\",\"data\":\"" + data + "\"}";
  }

  private static String type(JsonNode frame) {
    return frame.required("type").asText();
  }

  /** The next frame of this type; others are passed over. */
  private static JsonNode nextOf(WsClient member, String type) {
    while (true) {
      var frame = Json.parse(member.nextFrame().text());
      if (type(frame).equals(type)) {
        return frame;
      }
    }
  }

  /** What it is closed with, whatever comes before. */
  private static int closeCode(WsClient member) {
    while (true) {
      var frame = member.nextFrame();
      if (frame.opcode() == WsClient.CLOSE) {
        return frame.closeCode();
      }
    }
  }

  /** Reads so many messages; gives the offset of the last, which must be one behind the other. */
  private static long messagesInOrder(WsClient member, int count) {
    for (long offset = 1; offset <= count; offset++) {
      assertThat(nextOf(member, "message").required("offset").asLong()).isEqualTo(offset);
    }
    return count;
  }
}
