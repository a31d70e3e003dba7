package dev.sallyport.data.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.data.Json;
import dev.sallyport.data.Probe;
import dev.sallyport.data.UserWorker;
import dev.sallyport.local.StackResource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What clients of a room see, with the real tables. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class RoomTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TestHTTPResource("/")
  URI base;

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  private final String room = "r" + UUID.randomUUID().toString().replace("-", "");
  private final List<RoomSocket> sockets = new ArrayList<>();
  private UserWorker ada;
  private UserWorker bob;

  @BeforeEach
  void call() {
    Probe.until(ready, 200);
    ada = UserWorker.calling(base).forUser("ada", "user");
    bob = UserWorker.calling(base).forUser("bob", "user");
    await().atMost(SOON).until(() -> get(ada, "warm").statusCode() == 200);
  }

  @AfterEach
  void hangUp() {
    sockets.forEach(RoomSocket::close);
  }

  private RoomSocket enter(UserWorker user) {
    return enter(user, room, "");
  }

  private RoomSocket enter(UserWorker user, String name, String query) {
    var socket = RoomSocket.open(user, name, query);
    sockets.add(socket);
    return socket;
  }

  private static HttpResponse<String> get(UserWorker user, String name) {
    return user.get("/api/internal/rooms/" + name);
  }

  private static HttpResponse<String> put(UserWorker user, String name, String json) {
    return user.send("PUT", "/api/internal/rooms/" + name, "application/json", json);
  }

  private static HttpResponse<String> post(UserWorker user, String name, String json) {
    return user.postJson("/api/internal/rooms/" + name + "/messages", json);
  }

  private static void assertProblem(HttpResponse<String> answer, int status, String slug) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(Json.object(answer.body())).containsEntry("type", "urn:sallyport:problem:" + slug);
  }

  private static List<Object> of(List<Map<String, Object>> frames, String field) {
    return frames.stream().map(frame -> frame.get(field)).toList();
  }

  @Test
  void theFirstFrameSaysWhereTheRoomIs() {
    var welcome = enter(ada).next();
    assertThat(welcome)
        .containsEntry("type", "welcome")
        .containsEntry("room", room)
        .containsEntry("offset", 0)
        .containsEntry("recovered", false)
        .containsEntry("members", List.of("ada"))
        .containsEntry("state", Map.of());
    assertThat(welcome.get("epoch")).isInstanceOf(String.class);
  }

  @Test
  void allSeeEachMessageOnceInOneOrderAndTheSenderIsToldItsOffset() {
    var first = enter(ada);
    var second = enter(bob);
    first.next("welcome");
    second.next("welcome");
    for (int i = 1; i <= 20; i++) {
      (i % 2 == 0 ? first : second)
          .publish("m" + i, "{\"n\":" + i + ", \"t\" : [1.10,\"ü\\u0041\"]}");
    }
    var seenByFirst = first.messages(20);
    var seenBySecond = second.messages(20);
    assertThat(of(seenByFirst, "offset"))
        .isEqualTo(IntStream.rangeClosed(1, 20).boxed().map(Object.class::cast).toList());
    assertThat(seenBySecond).isEqualTo(seenByFirst);
    assertThat(seenByFirst.getFirst()).containsKeys("from", "at", "data");
  }

  @Test
  void theSameIdIsAcknowledgedAgainAndDeliveredOnce() {
    var socket = enter(ada);
    socket.publish("one", "1");
    var ack = socket.next("ack");
    assertThat(ack).containsEntry("id", "one").containsEntry("offset", 1).containsKey("at");
    socket.publish("one", "1");
    assertThat(socket.next("ack")).isEqualTo(ack);
    socket.publish("one", "2");
    assertThat(socket.next("error")).containsEntry("id", "one").containsEntry("code", "conflict");
    // Somebody else's id is another one.
    var other = enter(bob);
    other.publish("one", "3");
    assertThat(other.next("ack")).containsEntry("offset", 2);
    assertThat(socket.next("message")).containsEntry("offset", 2);
  }

  @Test
  void theSameIdManyTimesAtOnceIsOneMessage() {
    var socket = enter(ada);
    for (int i = 0; i < 50; i++) {
      socket.publish("same", "\"x\"");
    }
    for (int i = 0; i < 50; i++) {
      assertThat(socket.next("ack")).containsEntry("offset", 1);
    }
    socket.publish("last", "\"y\"");
    assertThat(socket.next("ack")).containsEntry("offset", 2);
    assertThat(Json.object(get(ada, room).body())).containsEntry("offset", 2);
  }

  @Test
  void whoComesBackGetsWhatItMissedAndNothingTwice() {
    var first = enter(ada);
    var epoch = first.next("welcome").get("epoch");
    first.publish("a", "1");
    first.next("message");
    first.close();
    var second = enter(bob);
    second.publish("b", "2");
    second.publish("c", "3");
    second.messages(2);
    var back = enter(ada, room, "?epoch=" + epoch + "&offset=1");
    assertThat(back.next()).containsEntry("recovered", true).containsEntry("offset", 3);
    assertThat(of(back.messages(2), "offset")).isEqualTo(List.of(2, 3));
    second.publish("d", "4");
    assertThat(back.next("message")).containsEntry("offset", 4);
    // Another log, or one that has not got so far.
    assertThat(enter(ada, room, "?epoch=other&offset=1").next()).containsEntry("recovered", false);
    assertThat(enter(ada, room, "?epoch=" + epoch + "&offset=99").next())
        .containsEntry("recovered", false);
    assertThat(enter(ada, room, "?epoch=" + epoch + "&offset=4").next())
        .containsEntry("recovered", true);
  }

  @Test
  void whoComesBackLateGetsAllOfALongLog() {
    // Two, for one alone may not send as much at once.
    var writer = enter(bob);
    var other = enter(UserWorker.calling(base).forUser("eve", "user"));
    var epoch = writer.next("welcome").get("epoch");
    int count = Recent.FRAMES_MAX + 700;
    for (int i = 1; i <= count; i++) {
      (i % 2 == 0 ? writer : other).publish("m" + i, String.valueOf(i));
    }
    await().atMost(SOON).until(() -> Json.object(get(bob, room).body()).containsValue(count));
    var back = enter(ada, room, "?epoch=" + epoch + "&offset=0");
    assertThat(back.next()).containsEntry("recovered", true).containsEntry("offset", count);
    writer.publish("live", "0");
    assertThat(of(back.messages(count + 1), "offset"))
        .isEqualTo(IntStream.rangeClosed(1, count + 1).boxed().map(Object.class::cast).toList());
  }

  @Test
  void signalsReachTheOthersAndAreNotKept() {
    var first = enter(ada);
    var second = enter(bob);
    first.next("welcome");
    second.next("welcome");
    first.send("{\"type\":\"signal\",\"data\":{\"x\":1}}");
    assertThat(second.next("signal"))
        .containsEntry("from", "ada")
        .containsEntry("data", Map.of("x", 1));
    second.publish("m", "0");
    first.next("message");
    assertThat(first.rest()).noneMatch(frame -> "signal".equals(frame.get("type")));
    assertThat(enter(bob).next()).containsEntry("offset", 1);
  }

  @Test
  void sharedStateHasVersionsAndTheWrongOneIsAConflict() {
    var first = enter(ada);
    var second = enter(bob);
    second.next("welcome");
    first.send("{\"type\":\"set\",\"key\":\"topic\",\"value\":\"tea\",\"ifVersion\":0}");
    assertThat(second.next("state"))
        .containsEntry("key", "topic")
        .containsEntry("value", "tea")
        .containsEntry("version", 1)
        .containsEntry("from", "ada");
    second.send("{\"type\":\"set\",\"id\":\"s\",\"key\":\"topic\",\"value\":1,\"ifVersion\":0}");
    assertThat(second.next("error")).containsEntry("code", "conflict").containsEntry("id", "s");
    second.send("{\"type\":\"set\",\"key\":\"topic\",\"value\":[1],\"ifVersion\":1}");
    assertThat(first.next(frame -> Integer.valueOf(2).equals(frame.get("version")), "version 2"))
        .containsEntry("value", List.of(1));
    assertThat(enter(ada).next())
        .containsEntry("state", Map.of("topic", Map.of("value", List.of(1), "version", 2)));
    assertThat(Json.object(get(ada, room).body()))
        .containsEntry("state", Map.of("topic", Map.of("value", List.of(1), "version", 2)));
  }

  @Test
  void presenceIsOfUsersHoweverManySocketsEachHas() {
    var first = enter(ada);
    first.next("welcome");
    var second = enter(bob);
    var third = enter(bob);
    third.next("welcome");
    assertThat(first.next(frame -> String.valueOf(frame.get("joined")).contains("bob"), "bob"))
        .containsEntry("left", List.of());
    second.close();
    first.publish("m", "1");
    first.next("message");
    third.close();
    assertThat(
            first.next(
                frame -> frame.get("left") instanceof List<?> left && !left.isEmpty(), "end"))
        .containsEntry("left", List.of("bob"))
        .containsEntry("joined", List.of());
    assertThat(Json.object(get(ada, room).body())).containsEntry("members", List.of("ada"));
  }

  @Test
  void whatIsNoFrameIsAnsweredAndTheSocketStays() {
    var socket = enter(ada);
    for (var bad :
        List.of(
            "",
            "no",
            "[]",
            "{}",
            "{\"type\":1}",
            "{\"type\":\"publish\",\"data\":1}",
            "{\"type\":\"publish\",\"id\":\"\",\"data\":1}",
            "{\"type\":\"publish\",\"id\":\"x\"}",
            "{\"type\":\"publish\",\"id\":\"x\",\"data\":1} {}",
            "{\"type\":\"set\",\"value\":1}",
            "{\"type\":\"set\",\"key\":\"k\",\"value\":1,\"ifVersion\":-1}",
            "{\"type\":\"signal\",\"data\":1,\"data\":2}",
            "{\"type\":\"signal\",\"data\":}")) {
      socket.send(bad);
      assertThat(socket.next("error")).as(bad).containsEntry("code", "bad-frame");
    }
    socket.send("{\"type\":\"dance\",\"id\":\"d\"}");
    assertThat(socket.next("error")).containsEntry("code", "unknown-type").containsEntry("id", "d");
    socket.publish("after", "1");
    assertThat(socket.next("ack")).containsEntry("offset", 1);
  }

  @Test
  void aBinaryFrameAndATooLargeOneCloseTheSocket() {
    var binary = enter(ada);
    var _ = binary.raw().sendBinary(ByteBuffer.wrap(new byte[] {1}), true);
    assertThat(binary.closeCode()).isEqualTo(1003);
    var large = enter(ada);
    var _ = large.raw().sendText("x".repeat(64 * 1024 + 1), true);
    assertThat(large.closeCode()).isEqualTo(1009);
    var parts = enter(ada);
    parts.raw().sendText("x".repeat(40_000), false).join();
    var _ = parts.raw().sendText("x".repeat(40_000), true);
    assertThat(parts.closeCode()).isEqualTo(1009);
  }

  @Test
  void aFrameInPartsIsOneFrame() {
    var socket = enter(ada);
    socket.raw().sendText("{\"type\":\"publish\",\"id\":\"p\",", false).join();
    socket.raw().sendText("\"data\":\"ü\"}", true).join();
    assertThat(socket.next("message")).containsEntry("data", "ü");
  }

  @Test
  void aStrangerIsToldSoByTheCodeAndSeesNoFrame() {
    var closed = room + "-closed";
    var socket = enter(ada, closed, "");
    assertThat(socket.closeCode()).isEqualTo(4003);
    assertThat(socket.rest()).isEmpty();
    assertProblem(get(ada, closed), 403, "forbidden");
    assertProblem(put(ada, closed, "{\"access\":\"open\"}"), 403, "forbidden");
    assertProblem(post(ada, closed, "{\"data\":1}"), 403, "forbidden");
    assertProblem(ada.get("/api/internal/rooms/" + closed + "/messages"), 403, "forbidden");
    assertThat(UserWorker.calling(base).get("/api/internal/rooms/" + closed).statusCode())
        .as("an admin")
        .isEqualTo(200);
  }

  @Test
  void whoLosesAccessIsShownOutAndWhoKeepsItStays() {
    var owner = enter(ada);
    var guest = enter(bob);
    guest.next("welcome");
    assertThat(put(ada, room, "{\"access\":\"members\",\"members\":[\"eve\"]}").statusCode())
        .isEqualTo(200);
    assertThat(guest.closeCode()).isEqualTo(4003);
    owner.publish("m", "1");
    assertThat(owner.next("ack")).containsEntry("offset", 1);
    assertThat(enter(bob).closeCode()).isEqualTo(4003);
    assertProblem(get(bob, room), 403, "forbidden");
    assertProblem(put(bob, room, "{\"access\":\"open\"}"), 403, "forbidden");
    var changed = put(ada, room, "{\"access\":\"members\",\"members\":[\"bob\"]}");
    assertThat(Json.object(changed.body()))
        .isEqualTo(
            Map.of("room", room, "access", "members", "owner", "ada", "members", List.of("bob")));
    assertThat(enter(bob).next()).containsEntry("type", "welcome");
  }

  @Test
  void messagesCanBeReadAndPublishedOverHttp() {
    var socket = enter(bob);
    socket.next("welcome");
    var posted = post(ada, room, "{\"id\":\"h\",\"data\":{\"a\":1}}");
    assertThat(posted.statusCode()).isEqualTo(201);
    assertThat(Json.object(posted.body()))
        .containsEntry("id", "h")
        .containsEntry("offset", 1)
        .containsKey("at");
    assertThat(post(ada, room, "{\"id\":\"h\",\"data\":{\"a\":1}}").body())
        .isEqualTo(posted.body());
    assertProblem(post(ada, room, "{\"id\":\"h\",\"data\":2}"), 422, "invalid");
    assertThat(socket.next("message")).containsEntry("from", "ada").containsEntry("offset", 1);
    assertThat(post(ada, room, "{\"data\":null}").statusCode()).isEqualTo(201);
    assertProblem(post(ada, room, "{}"), 422, "invalid");
    assertProblem(post(ada, room, "{\"data\":\"" + "x".repeat(70_000) + "\"}"), 413, "too-large");
    var page = Json.object(ada.get("/api/internal/rooms/" + room + "/messages?limit=1").body());
    assertThat(page).containsEntry("next", "1");
    var rest =
        Json.object(ada.get("/api/internal/rooms/" + room + "/messages?after=1&limit=5").body());
    assertThat(rest).doesNotContainKey("next");
    assertThat(String.valueOf(rest.get("items"))).contains("offset=2");
    assertThat(Json.object(get(ada, room).body())).containsEntry("offset", 2);
  }

  @Test
  void badRequestsAreRefusedBeforeAnythingIsOpened() {
    assertProblem(get(ada, "%20"), 404, "not-found");
    assertProblem(ada.get("/api/internal/rooms/" + room + "/messages?after=x"), 422, "invalid");
    assertProblem(put(ada, room, "{\"access\":\"all\"}"), 422, "invalid");
    assertProblem(put(ada, room, "{\"access\":\"open\",\"members\":[\"\"]}"), 422, "invalid");
    assertProblem(ada.get("/api/internal/rooms/" + room + "/socket"), 426, "upgrade-required");
    assertProblem(ada.get("/api/internal/rooms/" + room + "/socket?offset=1"), 422, "invalid");
  }
}
