package dev.sallyport.data.actor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.data.Json;
import dev.sallyport.data.Probe;
import dev.sallyport.data.UserWorker;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.local.StackResource;
import dev.sallyport.model.WorkerHeaders;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calling actors over HTTP, with the real tables. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class ActorApiTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final String OTHER = "http://10.9.8.7:8080";

  @TestHTTPResource("/")
  URI base;

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject Diary diary;
  @Inject Transactions transactions;
  @Inject Directory directory;
  @Inject KeepSql keep;

  private final String key = "k-" + UUID.randomUUID();
  private UserWorker bob;

  @BeforeEach
  void call() {
    Probe.until(ready, 200);
    bob = UserWorker.calling(base).forUser("bob", "user");
    var warm = "warm-" + UUID.randomUUID();
    await().atMost(SOON).until(() -> post(bob, "counter", warm, "get", "{}").statusCode() == 200);
  }

  private static HttpResponse<String> post(
      UserWorker caller, String type, String key, String method, String json) {
    return caller.postJson("/api/internal/actors/" + type + "/" + key + "/" + method, json);
  }

  private Map<String, Object> ok(String type, String method, String json) {
    return ok(post(bob, type, key, method, json));
  }

  private static Map<String, Object> ok(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.object(answer.body());
  }

  private static void assertProblem(HttpResponse<String> answer, int status, String slug) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(Json.object(answer.body())).containsEntry("type", "urn:sallyport:problem:" + slug);
  }

  private static String line(String text) {
    return "{\"text\":\"" + text + "\"}";
  }

  @SuppressWarnings("unchecked") // as the test's own actor answers
  private List<String> lines() {
    return Objects.requireNonNull((List<String>) ok("diary", "read", "").get("lines"));
  }

  @Test
  void aCounterCounts() {
    assertThat(ok("counter", "get", "")).containsEntry("value", 0);
    assertThat(ok("counter", "add", "{\"by\":5}")).containsEntry("value", 5);
    assertThat(ok("counter", "add", "{\"by\":-7}")).containsEntry("value", -2);
    assertThat(ok("counter", "get", "{}")).containsEntry("value", -2);
    assertProblem(
        post(bob, "counter", key, "add", "{\"by\":-9223372036854775808}"), 422, "invalid");
    assertThat(ok("counter", "get", "{}")).containsEntry("value", -2);
  }

  @Test
  void aLockIsHeldByOneUntilItIsReleasedOrItsTimeIsOver() {
    var first = ok("lock", "acquire", "{\"ttl\":\"PT30S\"}");
    assertThat(first)
        .containsEntry("acquired", true)
        .containsEntry("token", 1)
        .containsKey("until");
    assertThat(ok("lock", "acquire", "{\"ttl\":\"PT30S\"}")).isEqualTo(Map.of("acquired", false));
    assertThat(ok("lock", "renew", "{\"token\":9,\"ttl\":\"PT1S\"}"))
        .isEqualTo(Map.of("renewed", false));
    assertThat(ok("lock", "release", "{\"token\":9}")).isEqualTo(Map.of("released", false));
    assertThat(ok("lock", "renew", "{\"token\":1,\"ttl\":\"PT0.2S\"}"))
        .containsEntry("renewed", true);
    var second =
        await()
            .atMost(SOON)
            .until(
                () -> ok("lock", "acquire", "{\"ttl\":\"PT30S\"}"),
                got -> Boolean.TRUE.equals(got.get("acquired")));
    assertThat(second).containsEntry("token", 2);
    assertThat(ok("lock", "release", "{\"token\":2}")).isEqualTo(Map.of("released", true));
    assertThat(ok("lock", "acquire", "{\"ttl\":\"PT30S\"}")).containsEntry("token", 3);
  }

  @Test
  void whatIsNotThereOrNotOpenIsNotFound() {
    assertProblem(post(bob, "no-such", key, "get", "{}"), 404, "not-found");
    assertProblem(post(bob, "counter", key, "no-such", "{}"), 404, "not-found");
    assertProblem(post(bob, "diary", key, "secret", "{}"), 404, "not-found");
    assertProblem(post(bob, "diary", key, "guarded", "{}"), 404, "not-found");
    assertThat(post(UserWorker.calling(base), "diary", key, "guarded", "").statusCode())
        .isEqualTo(200);
    assertProblem(post(bob, "counter", "k".repeat(257), "get", "{}"), 404, "not-found");
    assertProblem(
        post(UserWorker.calling(base).forNobody(), "counter", key, "get", "{}"),
        401,
        "unauthenticated");
  }

  @Test
  void whatDoesNotFitIsRefusedAndChangesNothing() {
    var wrong = post(bob, "counter", key, "add", "{\"by\":\"x\"}");
    assertProblem(wrong, 422, "invalid");
    assertThat(wrong.body()).contains("\"field\":\"by\"");
    assertProblem(post(bob, "counter", key, "add", "{\"by\":1,\"or\":2}"), 422, "invalid");
    assertProblem(post(bob, "counter", key, "add", "null"), 422, "invalid");
    assertProblem(post(bob, "counter", key, "add", ""), 422, "invalid");
    assertProblem(post(bob, "counter", key, "add", "{\"by\":"), 400, "bad-json");
    assertProblem(post(bob, "counter", key, "get", "{\"by\":1}"), 422, "invalid");
    assertProblem(post(bob, "lock", key, "acquire", "{\"ttl\":\"PT0S\"}"), 422, "invalid");
    assertProblem(post(bob, "lock", key, "acquire", "{\"ttl\":\"P9D\"}"), 422, "invalid");
    assertThat(ok("counter", "get", "{}")).containsEntry("value", 0);
  }

  @Test
  void callsAreServedOneAtATimeAndNoneIsLost() {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var asked = new ArrayList<CompletableFuture<HttpResponse<String>>>();
      for (int i = 0; i < 200; i++) {
        var line = line("line " + i);
        asked.add(
            CompletableFuture.supplyAsync(() -> post(bob, "diary", key, "write", line), threads));
      }
      asked.forEach(answer -> ok(answer.join()));
    }
    assertThat(lines()).hasSize(200).doesNotContain("not alone").doesNotHaveDuplicates();
  }

  @Test
  void aMethodThatThrowsKeepsNothing() {
    ok("diary", "write", line("one"));
    assertProblem(post(bob, "diary", key, "write-and-fail", line("two")), 409, "conflict");
    assertThat(lines()).isEqualTo(List.of("one"));
  }

  @Test
  void anErrorInAMethodLeavesTheActorUsable() {
    ok("diary", "write", line("one"));
    assertProblem(post(bob, "diary", key, "break", ""), 500, "internal");
    ok("diary", "write", line("two"));
    assertThat(lines()).isEqualTo(List.of("one", "two"));
  }

  /** The same row under two fences, as it can be after an actor left memory and came back. */
  @Test
  void ofTwoChangesInOneCommitTheOneOfTheOldFenceIsNotKept() {
    ok("counter", "add", "{\"by\":1}");
    var row =
        transactions
            .execute("SELECT pk, fence FROM actor.actor WHERE key = $1", key)
            .iterator()
            .next();
    long pk = row.getLong(0);
    long fence = row.getLong(1);
    // Together: the first may go alone, the others gather behind it.
    var first = keep.keep(new Change(pk, fence, "{\"value\":7}", Map.of(), List.of(), List.of()));
    var old = keep.keep(new Change(pk, fence - 1, "{\"value\":8}", Map.of(), List.of(), List.of()));
    var now = keep.keep(new Change(pk, fence, "{\"value\":9}", Map.of(), List.of(), List.of()));
    assertThat(first.toCompletableFuture().join()).isTrue();
    assertThat(old.toCompletableFuture().join()).isFalse();
    assertThat(now.toCompletableFuture().join()).isTrue();
    directory.sweep(Duration.ZERO);
    assertThat(ok("counter", "get", "{}")).containsEntry("value", 9);
  }

  @Test
  void otherRowsAreCommittedTogetherOrNotAtAll() {
    ok("diary", "write-along", line(key));
    // The second insert of the same key is refused.
    assertThat(post(bob, "diary", key, "write-along", line(key)).statusCode()).isEqualTo(500);
    assertThat(lines()).isEqualTo(List.of(key));
  }

  @Test
  void theSameKeyIsServedOnceAndAnsweredTheSame() {
    var once = bob.withIdempotencyKey("key 1");
    var first = ok(post(once, "counter", key, "add", "{\"by\":3}"));
    assertThat(ok(post(once, "counter", key, "add", "{\"by\":3}"))).isEqualTo(first);
    ok("counter", "add", "{\"by\":1}");
    assertThat(ok(post(once, "counter", key, "add", "{\"by\":3}"))).isEqualTo(first);
    assertProblem(post(once, "counter", key, "add", "{\"by\":4}"), 422, "invalid");
    var eve = UserWorker.calling(base).forUser("eve", "user").withIdempotencyKey("key 1");
    assertThat(ok(post(eve, "counter", key, "add", "{\"by\":4}"))).containsEntry("value", 8);
  }

  @Test
  void theSameKeyAtOnceIsServedOnce() {
    var once = bob.withIdempotencyKey("key 2");
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var asked = new ArrayList<CompletableFuture<HttpResponse<String>>>();
      for (int i = 0; i < 30; i++) {
        asked.add(
            CompletableFuture.supplyAsync(
                () -> post(once, "counter", key, "add", "{\"by\":1}"), threads));
      }
      asked.forEach(answer -> assertThat(ok(answer.join())).containsEntry("value", 1));
    }
  }

  @Test
  void theSameKeyAtOnceWritesOtherRowsOnce() {
    var once = bob.withIdempotencyKey("key 3");
    var go = diary.holdUp();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      // What waits behind the first is served in one batch.
      var first =
          CompletableFuture.supplyAsync(
              () -> post(bob, "diary", key, "hold", line("first")), threads);
      var asked = new ArrayList<CompletableFuture<HttpResponse<String>>>();
      for (int i = 0; i < 30; i++) {
        asked.add(
            CompletableFuture.supplyAsync(
                () -> post(once, "diary", key, "write-along", line(key)), threads));
      }
      go.countDown();
      ok(first.join());
      asked.forEach(answer -> ok(answer.join()));
    } finally {
      go.countDown();
    }
    assertThat(lines()).containsExactlyInAnyOrder("first", key);
  }

  @Test
  void aFullMailboxRefuses() {
    var go = diary.holdUp();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var asked = new ArrayList<CompletableFuture<HttpResponse<String>>>();
      for (int i = 0; i < Resident.MAILBOX_MAX + 200; i++) {
        asked.add(
            CompletableFuture.supplyAsync(
                () -> post(bob, "diary", key, "hold", line("x")), threads));
      }
      var refused =
          await()
              .atMost(SOON)
              .until(
                  () ->
                      asked.stream()
                          .filter(CompletableFuture::isDone)
                          .map(CompletableFuture::join)
                          .toList(),
                  done -> done.size() >= 100);
      go.countDown();
      assertThat(refused).allSatisfy(answer -> assertProblem(answer, 503, "overloaded"));
      assertThat(refused.getFirst().headers().firstValue("Retry-After")).isPresent();
      asked.forEach(CompletableFuture::join);
    } finally {
      go.countDown();
    }
  }

  @Test
  void anAlarmRingsOnceItsTimeHasCome() {
    ok(post(bob, "diary", key, "set", "{\"text\":\"a\",\"millis\":300}"));
    await().atMost(SOON).untilAsserted(() -> assertThat(lines()).isEqualTo(List.of("a", "rung")));
    assertThat(alarms()).isZero();
  }

  @Test
  void anAlarmThatFailsRingsAgainAndKeepsNothingOfItsFailure() {
    diary.fail(1);
    ok(post(bob, "diary", key, "set", "{\"text\":\"a\",\"millis\":0}"));
    await().atMost(SOON).untilAsserted(() -> assertThat(lines()).isEqualTo(List.of("a", "rung")));
    assertThat(alarms()).isZero();
  }

  @Test
  void anAlarmThatIsUnsetNeverRings() {
    ok(post(bob, "diary", key, "set", "{\"text\":\"a\",\"millis\":60000}"));
    assertThat(alarms()).isOne();
    ok(post(bob, "diary", key, "unset", ""));
    assertThat(alarms()).isZero();
  }

  @Test
  void anAlarmOfAnActorThatNobodyHasRingsToo() {
    ok(post(bob, "diary", key, "set", "{\"text\":\"a\",\"millis\":600}"));
    owner(null);
    await().atMost(SOON).untilAsserted(() -> assertThat(alarms()).isZero());
    await().atMost(SOON).untilAsserted(() -> assertThat(lines()).isEqualTo(List.of("a", "rung")));
  }

  private long alarms() {
    return transactions
        .execute(
            "SELECT count(*) FROM actor.alarm JOIN actor.actor ON pk = actor WHERE key = $1", key)
        .iterator()
        .next()
        .getLong(0);
  }

  /** Makes another worker the owner, as its claim would. */
  private void owner(@Nullable Long incarnation) {
    transactions.execute(
        "UPDATE actor.actor SET owner = $2, fence = fence + 1 WHERE key = $1", key, incarnation);
  }

  private long otherWorker(String lease) {
    return transactions
        .execute(
            "INSERT INTO lease.worker (name, address, expires_at) VALUES ('other', $1,"
                + " clock_timestamp() + $2::text::interval) RETURNING incarnation",
            OTHER,
            lease)
        .iterator()
        .next()
        .getLong(0);
  }

  @Test
  void whatAnotherOwnsIsAnsweredWithItsAddressAndNoEffect() {
    ok("counter", "add", "{\"by\":1}");
    long other = otherWorker("1 hour");
    try {
      owner(other);
      // What is in memory here is found out at its next commit.
      assertProblem(post(bob, "counter", key, "add", "{\"by\":1}"), 503, "overloaded");
      var answer = post(bob, "counter", key, "add", "{\"by\":1}");
      assertThat(answer.statusCode()).isEqualTo(421);
      assertThat(answer.headers().firstValue(WorkerHeaders.OWNER)).hasValue(OTHER);
    } finally {
      transactions.execute(
          "UPDATE lease.worker SET ended_at = clock_timestamp() WHERE incarnation = $1", other);
    }
    assertThat(ok("counter", "add", "{\"by\":1}")).containsEntry("value", 2);
  }

  @Test
  void whatADeadWorkerOwnedIsTakenOver() {
    ok("counter", "add", "{\"by\":1}");
    owner(otherWorker("-1 second"));
    assertProblem(post(bob, "counter", key, "add", "{\"by\":1}"), 503, "overloaded");
    assertThat(ok("counter", "add", "{\"by\":1}")).containsEntry("value", 2);
  }

  @Test
  void whoIsIdleLeavesMemoryAndComesBack() {
    ok("counter", "add", "{\"by\":1}");
    directory.sweep(Duration.ZERO);
    assertThat(
            transactions
                .execute("SELECT owner FROM actor.actor WHERE key = $1", key)
                .iterator()
                .next()
                .getLong(0))
        .isNull();
    assertThat(ok("counter", "add", "{\"by\":1}")).containsEntry("value", 2);
  }
}
