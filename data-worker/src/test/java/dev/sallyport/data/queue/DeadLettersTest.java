package dev.sallyport.data.queue;

import static dev.sallyport.data.queue.QueueClient.assertProblem;
import static dev.sallyport.data.queue.QueueClient.ids;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.Eventually;
import dev.sallyport.data.Json;
import dev.sallyport.data.Probe;
import dev.sallyport.data.UserWorker;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.local.StackResource;
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
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What operators do with dead letters, and with queues as a whole, against the real stack. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class DeadLettersTest {
  private static final int MANY = 10_000;

  /** Dead rows as if messages had failed, in the partitions in turn. */
  private static final String MAKE_DEAD =
      """
      INSERT INTO queue.message (queue, partition, state, due_at, place, log_offset, id, sender,
        key, body, sent_at, attempts, reason)
      SELECT q.pk, p.pk, 'dead', now(), now(), -1, $2::text || (100000 + n), 'ada',
        CASE WHEN $4 THEN $2::text || n % 200 END, '{}', now(), 3, 'odd ' || n
      FROM generate_series(1, $3::int) AS n, queue.queue q, queue.partition p
      WHERE q.name = $1 AND p.queue = q.pk AND p.number = n % q.partitions ORDER BY n
      """;

  @TestHTTPResource("/")
  URI base;

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject LogWriter log;
  @Inject TestQueue consumer;
  @Inject Transactions transactions;
  @Inject Shards shards;

  private String me = "";
  private QueueClient queue;

  @BeforeEach
  void begin() {
    Probe.until(ready, 200);
    me = UUID.randomUUID().toString().substring(0, 8) + "-";
    Eventually.is("all partitions are consumed", () -> shards.count() >= 32);
    queue = new QueueClient(UserWorker.calling(base), TestQueue.NAME);
  }

  private void makeDead(int count, boolean keyed) {
    transactions.execute(MAKE_DEAD, TestQueue.NAME, me, count, keyed);
  }

  private long rows(String state) {
    return transactions
        .execute(
            "SELECT count(*) FROM queue.message WHERE id LIKE $1 AND state = $2", me + "%", state)
        .iterator()
        .next()
        .getLong(0);
  }

  private List<Map<String, Object>> items(Map<String, Object> page) {
    return QueueClient.list(page, "items").stream()
        .filter(one -> String.valueOf(one.get("id")).startsWith(me))
        .toList();
  }

  @Test
  void aDeadLetterIsListedReadBroughtBackAndHandled() {
    log.send(TestQueue.NAME, me + "1", me + "k", "{\"park\":\"odd\",\"once\":1.50}");
    Eventually.is("it is dead", () -> rows("dead") == 1);
    var letter = items(queue.get("/dead?key=" + me + "k")).getFirst();
    assertThat(letter)
        .containsEntry("id", me + "1")
        .containsEntry("sender", "ada")
        .containsEntry("reason", "odd")
        .containsEntry("attempts", 1)
        .containsKeys("sentAt", "deadAt", "letter")
        .doesNotContainKey("body");
    for (var name : List.of((String) letter.get("letter"), me + "1")) {
      assertThat(queue.look("/dead/" + name).body()).contains("\"once\":1.50");
    }
    assertThat(queue.post("/dead/redrive", "{\"ids\":[\"" + me + "1\"]}"))
        .containsEntry("redriven", 1);
    Eventually.is("it was attempted again", () -> consumer.seen(me).size() == 2);
    assertThat(consumer.seen(me)).allMatch(one -> one.attempt() == 1);
    Eventually.is("it is dead again", () -> rows("dead") == 1);
    var purge = "{\"letters\":[\"" + letter.get("letter") + "\"]}";
    assertThat(queue.post("/dead/purge", purge)).containsEntry("purged", 1);
    assertThat(queue.post("/dead/purge", purge)).containsEntry("purged", 0);
    assertProblem(queue.look("/dead/" + letter.get("letter")), 404);
    assertProblem(queue.look("/dead/" + me + "1"), 404);
  }

  @Test
  void pagesLeadThroughAllLettersTheNewestFirst() {
    makeDead(25, false);
    var seen = new ArrayList<String>();
    var cursor = "";
    do {
      var page = queue.get("/dead?sender=ada&reason=odd&limit=10" + cursor);
      seen.addAll(ids(items(page)));
      cursor = page.containsKey("next") ? "&cursor=" + page.get("next") : "";
    } while (!cursor.isEmpty());
    assertThat(seen)
        .isEqualTo(IntStream.rangeClosed(1, 25).mapToObj(n -> me + (100_026 - n)).toList());
    assertThat(queue.post("/dead/purge", "{\"reason\":\"odd\"}").get("purged")).isEqualTo(25);
  }

  @Test
  void tenThousandAreBroughtBackAtTheRateThatWasAsked() {
    makeDead(MANY, true);
    var began = System.nanoTime();
    assertThat(queue.post("/dead/redrive", "{\"reason\":\"odd\",\"perSecond\":2500}"))
        .containsEntry("redriven", MANY)
        .containsEntry("more", false);
    Eventually.is("all are handled", () -> consumer.ids(me).stream().distinct().count() == MANY);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(3_900));
    assertThat(consumer.ids(me)).hasSize(MANY);
    for (int number = 0; number < 200; number++) {
      var key = me + number;
      assertThat(
              consumer.seen(me).stream()
                  .filter(one -> one.key().equals(key))
                  .map(TestQueue.Seen::id)
                  .toList())
          .isSorted();
    }
  }

  @Test
  void whatIsBroughtBackTwiceAtOnceIsHandledOnce() throws Exception {
    makeDead(3_000, false);
    var redriven = new AtomicLong();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < 4; i++) {
      threads.add(
          Thread.startVirtualThread(() -> {
            var answer = queue.post("/dead/redrive", "{\"reason\":\"odd\"}");
            redriven.addAndGet(QueueClient.number(answer, "redriven"));
          }));
    }
    for (var thread : threads) {
      assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
    }
    assertThat(redriven.get()).isEqualTo(3_000);
    Eventually.is("all are handled", () -> consumer.ids(me).size() >= 3_000);
    Eventually.is("nothing is left", () -> rows("ready") == 0);
    assertThat(consumer.ids(me)).hasSize(3_000).doesNotHaveDuplicates();
  }

  @Test
  void aLimitAndFiltersHold() {
    makeDead(30, false);
    var first = "{\"reason\":\"odd\",\"limit\":10}";
    assertThat(queue.post("/dead/purge", first)).containsEntry("purged", 10);
    assertThat(rows("dead")).isEqualTo(20);
    assertThat(queue.post("/dead/purge", "{\"sender\":\"nobody\"}")).containsEntry("purged", 0);
    assertThat(queue.post("/dead/purge", "{\"key\":\"nobody\"}")).containsEntry("purged", 0);
    assertThat(queue.post("/dead/purge", "{\"before\":\"2020-01-01T00:00:00Z\"}"))
        .containsEntry("purged", 0);
    assertThat(queue.post("/dead/purge", "{\"after\":\"2100-01-01T00:00:00Z\"}"))
        .containsEntry("purged", 0);
    assertThat(queue.number("dead")).isGreaterThanOrEqualTo(20);
    assertThat(queue.post("/dead/purge", "{\"reason\":\"odd\"}")).containsEntry("purged", 20);
  }

  @Test
  void aPausedQueueHandlesNothingAndKeepsTheOrder() {
    assertThat(queue.post("/pause", null)).containsEntry("paused", true);
    try {
      assertThat(queue.post("/pause", null)).containsEntry("paused", true);
      Eventually.is("it is noticed", () -> Boolean.TRUE.equals(queue.get("").get("paused")));
      for (int i = 0; i < 50; i++) {
        log.send(TestQueue.NAME, me + (100 + i), me + "k", "{}");
      }
      Eventually.is("all are in Postgres", () -> rows("ready") + rows("behind") == 50);
      assertThat(consumer.ids(me)).isEmpty();
      Eventually.is("they are counted", () -> queue.number("depth") >= 50);
      assertThat(queue.get("")).containsKey("oldestAge").containsEntry("log", "known");
    } finally {
      assertThat(queue.post("/resume", null)).containsEntry("paused", false);
    }
    Eventually.is("all are handled", () -> consumer.ids(me).size() == 50);
    assertThat(consumer.ids(me))
        .isEqualTo(IntStream.range(0, 50).mapToObj(i -> me + (100 + i)).toList());
    Eventually.is("nothing is left", () -> rows("ready") + rows("behind") == 0);
  }

  @Test
  void eachOperatorSeesItsQueuesAlone() {
    var admin = UserWorker.calling(base);
    assertThat(names(admin)).contains(TestQueue.NAME, TestPulled.NAME, "sample");
    var porter = admin.forUser("pat", "porter");
    assertThat(names(porter)).contains(TestPulled.NAME).doesNotContain(TestQueue.NAME);
    for (var path : List.of("", "/dead", "/dead/x")) {
      assertProblem(new QueueClient(porter, TestQueue.NAME).look(path), 404);
      assertProblem(new QueueClient(admin, "nowhere").look(path), 404);
    }
    for (var path : List.of("/pause", "/resume", "/dead/redrive", "/dead/purge")) {
      assertProblem(new QueueClient(porter, TestQueue.NAME).call(path, "{\"all\":true}"), 404);
    }
  }

  private static List<String> names(UserWorker worker) {
    var answer = worker.get(QueueClient.PATH);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return QueueClient.list(Json.object(answer.body()), "items").stream()
        .map(one -> (String) one.get("name"))
        .toList();
  }

  @Test
  void whatDoesNotFitIsRefused() {
    for (var query : List.of("?limit=0", "?limit=x", "?cursor=x", "?before=x")) {
      assertProblem(queue.look("/dead" + query), 422);
    }
    assertProblem(queue.call("/dead/redrive", "{"), 400);
    for (var body :
        List.of(
            "{\"perSecond\":0}",
            "{\"perSecond\":1e9}",
            "{\"limit\":0}",
            "{\"ids\":[]}",
            "{\"ids\":[null]}",
            "{\"key\":\"\\u0000\"}",
            "{\"unknown\":1}",
            "[]")) {
      assertProblem(queue.call("/dead/redrive", body), 422);
    }
    assertProblem(queue.call("/dead/purge", "{}"), 422);
    assertProblem(queue.call("/dead/purge", "{\"limit\":5}"), 422);
    var many = "\"x\",".repeat(1_000) + "\"x\"";
    assertProblem(queue.call("/dead/purge", "{\"ids\":[" + many + "]}"), 422);
  }
}
