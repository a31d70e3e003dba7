package dev.sallyport.data.room;

import static dev.sallyport.data.room.RoomHarness.user;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.binding.Caller;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RoomHarnessTest {
  /** Those who signed in read; editors publish. */
  private static final class News implements RoomPolicy {
    @Override
    public String prefix() {
      return "news-";
    }

    @Override
    public boolean mayCreate(Caller.User user, String room) {
      return user.roles().contains("editor");
    }

    @Override
    public boolean mayRead(Caller.User user, String room) {
      return true;
    }

    @Override
    public boolean mayPublish(Caller.User user, String room) {
      return user.roles().contains("editor");
    }
  }

  private final RoomHarness room = RoomHarness.of("news-today", new News());
  private final Caller.User editor = user("eve", "editor");
  private final Caller.User reader = user("rob", "user");

  private static List<Object> types(List<Map<String, Object>> frames) {
    return frames.stream().map(frame -> frame.get("type")).toList();
  }

  @Test
  void whoMayPublishIsHeardAndWhoMayNotIsToldSo() {
    var eve = room.enter(editor);
    var rob = room.enter(reader);
    eve.publish("1", Map.of("text", "hello"));
    assertThat(types(eve.heard())).containsExactly("welcome", "message", "ack");
    assertThat(types(rob.heard())).containsExactly("welcome", "message");
    rob.publish("1", "me too");
    assertThat(rob.heard())
        .singleElement()
        .satisfies(frame ->
            assertThat(frame).containsEntry("type", "error").containsEntry("code", "forbidden"));
    assertThat(eve.heard()).isEmpty();
  }

  @Test
  void timeIsMovedByHand() {
    var eve = room.enter(editor);
    room.enter(reader).close();
    eve.heard();
    room.advance(Duration.ofSeconds(1));
    assertThat(eve.heard())
        .singleElement()
        .satisfies(frame ->
            assertThat(frame)
                .containsEntry("joined", List.of("eve"))
                .containsEntry("left", List.of("rob")));
    eve.publish("old", 1);
    eve.publish("old", 1);
    eve.publish("old", 2);
    assertThat(types(eve.heard())).containsExactly("message", "ack", "ack", "error");
    room.advance(Duration.ofDays(31));
    eve.publish("new", 2);
    assertThat(room.resume(reader, 0).heard().getFirst()).containsEntry("recovered", false);
    assertThat(types(room.resume(reader, 1).heard())).containsExactly("welcome", "message");
  }

  @Test
  void whoLosesAccessIsClosed() {
    var rob = room.enter(reader);
    assertThat(room.admit(reader, true, Set.of())).isFalse();
    assertThat(room.admit(editor, true, Set.of("rob"))).isTrue();
    assertThat(rob.closeCode()).isZero();
    rob.set("topic", "tea");
    assertThat(types(rob.heard())).as("a member may").containsExactly("welcome", "state");
    assertThat(room.admit(editor, true, Set.of())).isTrue();
    assertThat(rob.closeCode()).isEqualTo(4003);
    assertThat(room.enter(reader).closeCode()).isEqualTo(4003);
    assertThat(room.members()).isEmpty();
  }

  @Test
  void servicesPublishAndSignalsGoToTheOthers() {
    var eve = room.enter(editor);
    var other = room.enter(editor);
    room.publish("desk", "a", Map.of("n", 1));
    room.publish("desk", "a", Map.of("n", 1));
    eve.signal("here");
    assertThat(types(eve.heard())).containsExactly("welcome", "message");
    assertThat(types(other.heard())).containsExactly("welcome", "message", "signal");
  }
}
