package dev.sallyport.data.actor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.sallyport.data.Probe;
import dev.sallyport.data.platform.Ticker;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.local.StackResource;
import dev.sallyport.model.ProblemType;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Calls of actors from code of this system, here and as rows, with the real tables. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class ActorsTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final int TOGETHER = 50;
  private static final Duration LONG = Duration.ofSeconds(60);

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject Actors actors;
  @Inject Answers answers;
  @Inject Diary diary;
  @Inject Transactions transactions;
  @Inject Ticker ticker;

  private final String key = "a-" + UUID.randomUUID();

  record Add(long by) {}

  record Value(long value) {}

  @BeforeEach
  void begin() {
    Probe.until(ready, 200);
    await().atMost(SOON).ignoreExceptions().until(() -> value("warm") == 0);
  }

  private long value(String of) {
    return actors.call("counter", of, "get", null, Value.class).value();
  }

  private long add(long by) {
    return actors.call("counter", key, "add", new Add(by), Value.class).value();
  }

  private List<String> lines(String of) {
    return actors.call("diary", of, "read", null, Diary.Lines.class).lines();
  }

  private void send(String method, String... texts) {
    // A transaction has four seconds, on a busy machine too.
    for (int from = 0; from < texts.length; from += TOGETHER) {
      var some = List.of(texts).subList(from, Math.min(from + TOGETHER, texts.length));
      transactions.call(tx -> {
        some.forEach(text -> actors.send(tx, "diary", key, method, new Diary.Line(text)));
        return some;
      });
    }
  }

  /** The same call as a row, which this worker serves as any would. */
  private AnswerSql.Answer asRow(
      String type, String method, String json, @Nullable String idempotencyKey, Duration within) {
    return answers.call(
        new Address(type, key),
        method,
        json,
        idempotencyKey,
        null,
        ticker.nanos() + within.toNanos());
  }

  private long rows(String where) {
    return transactions
        .execute("SELECT count(*) FROM actor.message WHERE key = $1 AND " + where, key)
        .iterator()
        .next()
        .getLong(0);
  }

  private void owner(@Nullable Long incarnation) {
    transactions.execute(
        "UPDATE actor.actor SET owner = $2, fence = fence + 1 WHERE key = $1", key, incarnation);
  }

  private long otherWorker() {
    return transactions
        .execute(
            "INSERT INTO lease.worker (name, address, expires_at) VALUES ('other',"
                + " 'http://10.9.8.7:8080', clock_timestamp() + interval '1 hour')"
                + " RETURNING incarnation")
        .iterator()
        .next()
        .getLong(0);
  }

  private void dies(long worker) {
    transactions.execute(
        "UPDATE lease.worker SET ended_at = clock_timestamp() WHERE incarnation = $1", worker);
  }

  private static ActorCallFailure failure(Runnable call) {
    return catchThrowableOfType(ActorCallFailure.class, call::run);
  }

  @Test
  void anActorOfThisWorkerIsCalledWithoutARow() {
    assertThat(add(3)).isEqualTo(3);
    assertThat(add(4)).isEqualTo(7);
    assertThat(rows("true")).isZero();
  }

  @Test
  void whatIsClosedOverHttpIsOpenHereAndNobodyCalls() {
    assertThat(actors.call("diary", key, "who", null, Diary.Lines.class).lines())
        .containsExactly("nobody");
  }

  @Test
  void whatCannotBeCalledIsSaidAtOnce() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> actors.call("no-such", key, "get", null, Value.class));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> actors.call("counter", key, "no-such", null, Value.class));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> actors.call("counter", "", "get", null, Value.class));
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> actors.call("counter", key, "get", null, Value.class, null, Duration.ZERO));
  }

  @Test
  void whatIsSentIsServedInOrderOnceTheTransactionHasCommitted() {
    var failed =
        catchThrowableOfType(
            IllegalStateException.class,
            () ->
                transactions.call(tx -> {
                  actors.send(tx, "diary", key, "write", new Diary.Line("never"));
                  throw new IllegalStateException("on purpose");
                }));
    assertThat(failed).hasMessage("on purpose");
    var texts = IntStream.range(0, 100).mapToObj(i -> "line " + i).toArray(String[]::new);
    send("write", texts);
    await().atMost(SOON).until(() -> rows("true") == 0);
    assertThat(lines(key)).containsExactly(texts);
  }

  @Test
  void oneThatFailsIsTriedAgainAndKeepsNothingOfItsFailure() {
    diary.fail(1);
    send("fragile", "a");
    await().atMost(SOON).until(() -> rows("true") == 0);
    assertThat(lines(key)).containsExactly("a");
  }

  @Test
  void whatIsRefusedForGoodIsGivenUpAndStaysToBeSeen() {
    send("write-and-fail", "a");
    await()
        .atMost(SOON)
        .until(() -> rows("dead_at IS NOT NULL AND error LIKE '%On purpose.%'") == 1);
    assertThat(lines(key)).isEmpty();
  }

  @Test
  void whatFailedForTheLastTimeIsGivenUp() {
    diary.fail(1);
    transactions.execute(
        "INSERT INTO actor.message (type, key, method, params, attempt)"
            + " VALUES ('diary', $1, 'fragile', '{\"text\":\"a\"}', $2)",
        key,
        Settling.ATTEMPTS - 1);
    await().atMost(SOON).until(() -> rows("dead_at IS NOT NULL") == 1);
    assertThat(lines(key)).isEmpty();
  }

  @Test
  void anErrorInAMethodIsAFailureOfItsOwnMessageAlone() {
    send("break", "a");
    send("write", "b");
    await().atMost(SOON).untilAsserted(() -> assertThat(lines(key)).containsExactly("b"));
    await().atMost(SOON).until(() -> rows("attempt > 0") == 1);
  }

  @Test
  void whatNoReleaseHereKnowsWaitsForOneThatDoes() {
    transactions.execute(
        "INSERT INTO actor.message (type, key, method, params)"
            + " VALUES ('diary', $1, 'from-the-future', '{}')",
        key);
    await()
        .atMost(SOON)
        .until(() -> rows("returned >= 2 AND attempt = 0 AND dead_at IS NULL") == 1);
  }

  @Test
  void anActorWithManyMessagesKeepsNoOtherWaiting() {
    var go = diary.holdUp();
    var texts = IntStream.range(0, 300).mapToObj(i -> "line " + i).toArray(String[]::new);
    try {
      send("hold", texts);
      var other = "other-" + key;
      transactions.call(tx -> {
        actors.send(tx, "diary", other, "write", new Diary.Line("x"));
        return other;
      });
      await().atMost(SOON).untilAsserted(() -> assertThat(lines(other)).containsExactly("x"));
      assertThat(rows("true")).isEqualTo(300);
    } finally {
      go.countDown();
    }
    await().atMost(SOON).until(() -> rows("true") == 0);
    assertThat(lines(key)).containsExactly(texts);
  }

  /** As when this worker dies after it served, before it committed. */
  @Test
  void whatWasServedUnderALostFenceIsServedAgainAndCountsOnce() {
    assertThat(add(1)).isEqualTo(1);
    for (int i = 0; i < 5; i++) {
      owner(null);
      transactions.call(tx -> {
        actors.send(tx, "counter", key, "add", new Add(10));
        return key;
      });
      await().atMost(SOON).until(() -> rows("true") == 0);
    }
    assertThat(value(key)).isEqualTo(51);
  }

  @Test
  void aRefusalComesBackWithItsProblemHereAndAsARow() {
    var here =
        failure(() ->
            actors.call("diary", key, "write-and-fail", new Diary.Line("x"), Diary.Lines.class));
    assertThat(here.kind()).isEqualTo(ActorCallFailure.Kind.REFUSED);
    assertThat(here.problem().type()).isEqualTo(ProblemType.CONFLICT);
    assertThat(here.problem().detail()).isEqualTo("On purpose.");
    assertThat(here.mayHaveWorked()).isFalse();
    var there = asRow("diary", "write-and-fail", "{\"text\":\"x\"}", null, SOON);
    assertThat(there.outcome()).isEqualTo("refused");
    assertThat(there.told()).contains("CONFLICT", "On purpose.");
    assertThat(asRow("counter", "add", "{\"by\":\"x\"}", null, SOON).told())
        .contains("INVALID", "\"by\"");
  }

  @Test
  void anyOtherFailureOnlySaysThatItFailed() {
    diary.fail(1);
    var here =
        failure(() -> actors.call("diary", key, "fragile", new Diary.Line("x"), Diary.Lines.class));
    assertThat(here.kind()).isEqualTo(ActorCallFailure.Kind.FAILED);
    assertThat(here.problem().detail()).doesNotContain("on purpose");
    diary.fail(1);
    var there = asRow("diary", "fragile", "{\"text\":\"x\"}", null, SOON);
    assertThat(there.outcome()).isEqualTo("failed");
    assertThat(there.told()).doesNotContain("on purpose");
    assertThat(lines(key)).isEmpty();
  }

  @Test
  void otherRowsThatFailAreTheAnswerOfACallThatCameAsARow() {
    assertThat(asRow("diary", "write-along", "{\"text\":\"" + key + "\"}", null, SOON).outcome())
        .isEqualTo("served");
    assertThat(asRow("diary", "write-along", "{\"text\":\"" + key + "\"}", null, SOON).outcome())
        .isEqualTo("failed");
    assertThat(lines(key)).containsExactly(key);
  }

  @Test
  void theSameKeyGivesTheSameReplyHereAndAsARow() {
    var first = actors.call("counter", key, "add", new Add(5), Value.class, "once");
    add(1);
    assertThat(actors.call("counter", key, "add", new Add(5), Value.class, "once"))
        .isEqualTo(first);
    assertThat(asRow("counter", "add", "{\"by\":5}", "once", SOON).told())
        .isEqualTo("{\"value\":5}");
    var other = failure(() -> actors.call("counter", key, "add", new Add(6), Value.class, "once"));
    assertThat(other.problem().type()).isEqualTo(ProblemType.INVALID);
    assertThat(value(key)).isEqualTo(6);
  }

  @Test
  void aCallWhoseTurnDoesNotComeInTimeIsNeverServed() {
    var go = diary.holdUp();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var first =
          CompletableFuture.supplyAsync(
              () -> actors.call("diary", key, "hold", new Diary.Line("first"), Diary.Lines.class),
              threads);
      await().until(diary::isHolding);
      var second =
          failure(() ->
              actors.call(
                  "diary",
                  key,
                  "write",
                  new Diary.Line("second"),
                  Diary.Lines.class,
                  null,
                  Duration.ofMillis(300)));
      assertThat(second.kind()).isEqualTo(ActorCallFailure.Kind.NOT_SERVED);
      go.countDown();
      assertThat(first.join().lines()).containsExactly("first");
    } finally {
      go.countDown();
    }
    assertThat(lines(key)).containsExactly("first");
  }

  @Test
  void aCallOfAnActorThatNobodyReachesInTimeIsNotServedLater() {
    assertThat(add(1)).isEqualTo(1);
    long other = otherWorker();
    ActorCallFailure failure;
    try {
      owner(other);
      // Whoever had it in memory finds out at its next commit.
      assertThat(failure(() -> add(1)).mayHaveWorked()).isTrue();
      failure =
          failure(() ->
              actors.call(
                  "counter", key, "add", new Add(1), Value.class, null, Duration.ofMillis(700)));
      assertThat(rows("placed = " + other)).isOne();
    } finally {
      dies(other);
    }
    assertThat(failure.kind()).isEqualTo(ActorCallFailure.Kind.UNKNOWN);
    await().atMost(SOON).until(() -> rows("true") == 0);
    assertThat(value(key)).isEqualTo(1);
  }

  @Test
  void callsOfADeadWorkersActorAreServedByTheNextOwnerAndAnswered() {
    assertThat(add(1)).isEqualTo(1);
    long other = otherWorker();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      owner(other);
      assertThat(failure(() -> add(1)).mayHaveWorked()).isTrue();
      var calls = new ArrayList<CompletableFuture<Value>>();
      for (int i = 0; i < 200; i++) {
        var once = "call " + i;
        calls.add(
            CompletableFuture.supplyAsync(
                () -> actors.call("counter", key, "add", new Add(1), Value.class, once, LONG),
                threads));
      }
      await().atMost(SOON).until(() -> rows("placed = " + other) == 200);
      dies(other);
      var values = calls.stream().map(call -> call.join().value()).toList();
      assertThat(values).doesNotHaveDuplicates().allMatch(value -> value >= 2 && value <= 201);
    } finally {
      dies(other);
    }
    assertThat(value(key)).isEqualTo(201);
    assertThat(rows("true")).isZero();
    await()
        .atMost(SOON)
        .until(() ->
            transactions.execute("SELECT count(*) FROM actor.answer").iterator().next().getLong(0)
                == 0);
  }
}
