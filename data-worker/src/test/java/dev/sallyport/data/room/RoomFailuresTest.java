package dev.sallyport.data.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.data.Json;
import dev.sallyport.data.Probe;
import dev.sallyport.data.UserWorker;
import dev.sallyport.data.actor.Tenant.Claim;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.room.LogSql.Append;
import dev.sallyport.data.room.LogSql.Appended;
import dev.sallyport.local.StackResource;
import dev.sallyport.model.WorkerHeaders;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of rooms when something goes wrong, with the real tables. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class RoomFailuresTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String OTHER = "http://10.9.8.7:8080";

  @TestHTTPResource("/")
  URI base;

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject Transactions transactions;
  @Inject LogSql log;
  @Inject RoomSql rooms;
  @Inject Rooms door;

  private final String room = "f" + UUID.randomUUID().toString().replace("-", "");
  private final List<RoomSocket> sockets = new ArrayList<>();
  private UserWorker ada;
  private UserWorker bob;

  @BeforeEach
  void call() {
    Probe.until(ready, 200);
    ada = UserWorker.calling(base).forUser("ada", "user");
    bob = UserWorker.calling(base).forUser("bob", "user");
    await().atMost(SOON).until(() -> ada.get("/api/internal/rooms/warm").statusCode() == 200);
  }

  @AfterEach
  void hangUp() {
    sockets.forEach(RoomSocket::close);
  }

  private RoomSocket enter(UserWorker user, String query) {
    var socket = RoomSocket.open(user, room, query);
    sockets.add(socket);
    return socket;
  }

  private Claim claim() {
    var row =
        transactions
            .execute("SELECT pk, fence FROM actor.actor WHERE type = ':room' AND key = $1", room)
            .iterator()
            .next();
    return new Claim(row.getLong(0), row.getLong(1));
  }

  private void someoneElseTakesIt() {
    transactions.execute(
        "UPDATE actor.actor SET fence = fence + 1 WHERE type = ':room' AND key = $1", room);
  }

  private Appended append(Claim claim, String id, String data) {
    return log.append(new Append(claim, "ada", id, data, null)).toCompletableFuture().join();
  }

  @Test
  void aRoomWhoseFenceIsLostTellsAllToComeBackAndNothingIsWrittenTwice() {
    var socket = enter(ada, "");
    var epoch = socket.next("welcome").get("epoch");
    socket.publish("a", "1");
    socket.next("message");
    someoneElseTakesIt();
    socket.publish("b", "2");
    assertThat(socket.closeCode()).isEqualTo(1012);
    var back = enter(ada, "?epoch=" + epoch + "&offset=1");
    assertThat(back.next()).containsEntry("recovered", true).containsEntry("offset", 1);
    back.publish("b", "2");
    assertThat(back.next("ack")).containsEntry("offset", 2);
    back.publish("a", "1");
    assertThat(back.next(frame -> "a".equals(frame.get("id")), "ack of a"))
        .containsEntry("offset", 1);
  }

  @Test
  void ofTwoOwnersTheOlderOneWritesNothing() {
    enter(ada, "").next("welcome");
    var old = claim();
    assertThat(append(old, "x", "1")).isInstanceOf(Appended.New.class);
    someoneElseTakesIt();
    assertThat(append(old, "y", "2")).isInstanceOf(Appended.Lost.class);
    assertThat(append(claim(), "y", "2"))
        .isInstanceOfSatisfying(
            Appended.New.class, written -> assertThat(written.offset()).isEqualTo(2));
    assertThat(append(claim(), "y", "2")).isInstanceOf(Appended.Before.class);
    assertThat(append(claim(), "y", "3")).isInstanceOf(Appended.Clash.class);
    assertThat(rooms.put(new RoomSql.Put(old, "k", "1", 1)).toCompletableFuture().join()).isFalse();
    assertThat(
            rooms
                .admit(old, new Standing("ada", Standing.Access.OPEN, Set.of()))
                .toCompletableFuture()
                .join())
        .isFalse();
  }

  @Test
  void aRoomThatAnotherWorkerOwnsAnswersWithItsAddress() {
    transactions.execute(
        """
        WITH other AS (
          INSERT INTO lease.worker (name, address, expires_at)
            VALUES ('other', $2, now() + interval '1 hour') RETURNING incarnation)
        INSERT INTO actor.actor (type, key, owner)
          SELECT ':room', $1, incarnation FROM other\
        """,
        room,
        OTHER);
    var answer = ada.get("/api/internal/rooms/" + room);
    assertThat(answer.statusCode()).isEqualTo(421);
    assertThat(answer.headers().firstValue(WorkerHeaders.OWNER)).contains(OTHER);
    assertThat(
            ada.postJson("/api/internal/rooms/" + room + "/messages", "{\"data\":1}").statusCode())
        .isEqualTo(421);
    transactions.execute("UPDATE lease.worker SET ended_at = now() WHERE name = 'other'");
  }

  @Test
  void aRoomThatNobodyNeededComesBackAsItWas() {
    var socket = enter(ada, "");
    var epoch = socket.next("welcome").get("epoch");
    socket.publish("a", "1");
    socket.send("{\"type\":\"set\",\"key\":\"k\",\"value\":7}");
    socket.next("state");
    assertThat(
            bob.send(
                    "PUT",
                    "/api/internal/rooms/" + room,
                    "application/json",
                    "{\"access\":\"members\",\"members\":[\"ada\"]}")
                .statusCode())
        .isEqualTo(200);
    someoneElseTakesIt();
    socket.publish("b", "2");
    socket.closeCode();
    var again = enter(ada, "").next();
    assertThat(again)
        .containsEntry("epoch", epoch)
        .containsEntry("offset", 1)
        .containsEntry("state", Map.of("k", Map.of("value", 7, "version", 1)));
    assertThat(Json.object(ada.get("/api/internal/rooms/" + room).body()))
        .containsEntry("access", "members")
        .containsEntry("owner", "bob");
  }

  @Test
  void aMessageOfATransactionIsThereOnceAndOnlyIfItCommits() {
    var socket = enter(bob, "");
    socket.next("welcome");
    assertThat(announce("{\"room\":\"" + room + "\",\"texts\":[\"x\"],\"fail\":true}"))
        .isEqualTo(409);
    var texts = IntStream.rangeClosed(1, 100).mapToObj(i -> "\"t" + i + "\"").toList();
    var json = "{\"room\":\"" + room + "\",\"texts\":" + texts + "}";
    assertThat(announce(json)).isEqualTo(200);
    assertThat(announce(json)).as("under the same ids").isEqualTo(200);
    var seen = socket.messages(100);
    assertThat(seen.stream().map(frame -> frame.get("offset")).toList())
        .isEqualTo(IntStream.rangeClosed(1, 100).boxed().toList());
    assertThat(seen.stream().map(frame -> Objects.requireNonNull(frame.get("data"))).toList())
        .isEqualTo(IntStream.rangeClosed(1, 100).mapToObj(i -> Map.of("text", "t" + i)).toList());
    await().atMost(SOON).until(() -> left() == 0);
    socket.publish("last", "0");
    assertThat(socket.next("ack")).containsEntry("offset", 101);
  }

  private long left() {
    return transactions
        .execute("SELECT count(*) FROM room.inbox WHERE room = $1", room)
        .iterator()
        .next()
        .getLong(0);
  }

  private int announce(String json) {
    return ada.postJson("/api/internal/sample/announcements", json).statusCode();
  }

  @Test
  void aMessageOfATransactionReachesARoomThatNobodyHasOpened() {
    transactions.call(tx -> {
      door.publish(tx, room, "service", null, Map.of("n", 1));
      return null;
    });
    await()
        .atMost(SOON)
        .until(() -> ada.get("/api/internal/rooms/" + room).body().contains("\"offset\":1"));
  }

  @Test
  void whatIsOlderThanAMonthIsForgottenAndWhoMissedItIsToldSo() {
    var socket = enter(ada, "");
    var epoch = socket.next("welcome").get("epoch");
    for (int i = 1; i <= 3; i++) {
      socket.publish("m" + i, String.valueOf(i));
      socket.next("ack");
    }
    transactions.execute(
        "UPDATE room.message SET at = now() - interval '31 days' WHERE room = $1 AND log_offset < 3",
        claim().pk());
    assertThat(log.forget(30)).isGreaterThanOrEqualTo(2);
    someoneElseTakesIt();
    socket.publish("x", "0");
    assertThat(socket.closeCode()).isEqualTo(1012);
    assertThat(enter(ada, "?epoch=" + epoch + "&offset=1").next())
        .containsEntry("recovered", false)
        .containsEntry("offset", 3);
    assertThat(enter(ada, "?epoch=" + epoch + "&offset=2").next()).containsEntry("recovered", true);
    var page = ada.get("/api/internal/rooms/" + room + "/messages?after=0").body();
    assertThat(page).contains("\"offset\":3").doesNotContain("\"offset\":1");
  }

  @Test
  void whoNeverReadsIsClosedAndNobodyElseWaits() {
    var slow = RoomSocket.openUnread(ada, room);
    sockets.add(slow);
    var writer = enter(bob, "");
    writer.next("welcome");
    var data = "\"" + "x".repeat(60_000) + "\"";
    // What the kernel and this client hold is not the room's to count.
    for (int i = 0; i < 300; i++) {
      writer.publish("m" + i, data);
      assertThat(writer.next("message")).containsEntry("offset", i + 1);
    }
    slow.read();
    assertThat(slow.closeCode()).isEqualTo(4008);
    assertThat(slow.rest().getFirst()).containsEntry("type", "welcome");
  }

  @Test
  void whoFloodsIsToldSoAndThenClosedAndNobodyElseWaits() {
    var flooder = enter(ada, "");
    var other = enter(bob, "");
    other.next("welcome");
    int sent = 0;
    while (!flooder.isClosed() && sent < 1_000_000) {
      flooder
          .raw()
          .sendText("{\"type\":\"signal\",\"id\":\"s\",\"data\":0}", true)
          .exceptionally(closed -> flooder.raw())
          .join();
      sent++;
    }
    assertThat(flooder.next("error")).containsEntry("code", "too-many").containsEntry("id", "s");
    assertThat(flooder.closeCode()).isEqualTo(4029);
    other.publish("m", "1");
    assertThat(other.next("ack")).containsEntry("offset", 1);
  }
}
