package dev.sallyport.data.queue;

import static dev.sallyport.data.queue.QueueClient.assertProblem;
import static dev.sallyport.data.queue.QueueClient.ids;
import static dev.sallyport.data.queue.QueueClient.receipts;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.Eventually;
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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages in the hands of programs outside, against the real stack. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class PullTest {
  @TestHTTPResource("/")
  URI base;

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject LogWriter log;
  @Inject Transactions transactions;
  @Inject Shards shards;

  private String me = "";
  private QueueClient queue;

  @BeforeEach
  void begin() {
    Probe.until(ready, 200);
    me = UUID.randomUUID().toString().substring(0, 8) + "-";
    Eventually.is("all partitions are consumed", () -> shards.count() >= 32);
    queue = new QueueClient(UserWorker.calling(base).forUser("pat", "porter"), TestPulled.NAME);
    transactions.execute(
        "DELETE FROM queue.message m USING queue.queue q WHERE q.pk = m.queue AND q.name = $1",
        TestPulled.NAME);
  }

  private void send(String id, @Nullable String key) {
    log.send(TestPulled.NAME, me + id, key, "{\"n\":1.50}");
  }

  private void stored(int count) {
    Eventually.is(
        count + " are stored",
        () ->
            transactions
                    .execute("SELECT count(*) FROM queue.message WHERE id LIKE $1", me + "%")
                    .iterator()
                    .next()
                    .getLong(0)
                == count);
  }

  @Test
  void aMessageIsHandedOutWithAReceiptAndGoneWhenAcknowledged() {
    send("1", null);
    var pulled = queue.pull("{\"max\":10,\"wait\":\"PT8S\"}");
    assertThat(ids(pulled)).containsExactly(me + 1);
    assertThat(pulled.getFirst())
        .containsEntry("sender", "ada")
        .containsEntry("attempt", 1)
        .containsEntry("body", Map.of("n", 1.5))
        .containsKeys("sentAt", "leasedUntil")
        .doesNotContainKey("key");
    assertThat(queue.number("inFlight")).isEqualTo(1);
    assertThat(queue.pull("{\"max\":10}")).isEmpty();
    var receipts = receipts(pulled);
    assertThat(queue.settle("acknowledge", "", receipts)).containsExactly("acknowledged");
    assertThat(queue.settle("acknowledge", "", receipts)).containsExactly("unknown");
    stored(0);
  }

  @Test
  void ofAKeyTheNextComesWhenTheOneBeforeIsOver() {
    for (int i = 0; i < 5; i++) {
      send("k" + i, me + "key");
      send("l" + i, me + "lock");
    }
    stored(10);
    var order = new ArrayList<String>();
    for (int i = 0; i < 5; i++) {
      var pulled = queue.pull("{\"max\":100}");
      assertThat(pulled).hasSize(2);
      assertThat(queue.pull("{\"max\":100}")).isEmpty();
      order.addAll(ids(pulled).stream().sorted().toList());
      var how = i == 2 ? "park" : "acknowledge";
      queue.settle(how, i == 2 ? ",\"reason\":\"odd\"" : "", receipts(pulled));
    }
    var expected = new ArrayList<String>();
    for (int i = 0; i < 5; i++) {
      expected.addAll(List.of(me + "k" + i, me + "l" + i));
    }
    assertThat(order).isEqualTo(expected);
    stored(2);
    assertThat(queue.number("dead")).isEqualTo(2);
  }

  @Test
  void aMessageGivenBackComesAgainBeforeThoseBehindIt() {
    send("1", me + "key");
    send("2", me + "key");
    stored(2);
    var first = queue.pull("{}");
    assertThat(queue.settle("retry", ",\"after\":\"PT0S\"", receipts(first)))
        .containsExactly("retried");
    var second = queue.pull("{\"max\":5}");
    assertThat(ids(second)).containsExactly(me + 1);
    assertThat(second.getFirst()).containsEntry("attempt", 2);
    queue.settle("retry", "", receipts(second));
    assertThat(queue.pull("{\"max\":5}")).isEmpty(); // it waits for its time, and so do they
    var third = queue.pull("{\"max\":5,\"wait\":\"PT5S\"}");
    assertThat(ids(third)).containsExactly(me + 1);
    assertThat(queue.settle("retry", "", receipts(third))).containsExactly("dead");
    assertThat(ids(queue.pull("{\"max\":5}"))).containsExactly(me + 2);
  }

  @Test
  void whoseLeaseIsOverCannotSettleAndAnotherOneGetsTheMessage() {
    send("1", me + "key");
    stored(1);
    var late = queue.pull("{\"lease\":\"PT1S\"}");
    var next = queue.pull("{\"wait\":\"PT8S\"}");
    assertThat(ids(next)).isEqualTo(ids(late)).hasSize(1);
    assertThat(next.getFirst()).containsEntry("attempt", 2);
    for (var how : List.of("acknowledge", "extend", "retry")) {
      assertThat(queue.settle(how, "", receipts(late))).containsExactly("expired");
    }
    assertThat(queue.settle("extend", ",\"lease\":\"PT10M\"", receipts(next)))
        .containsExactly("extended");
    assertThat(queue.settle("acknowledge", "", List.of("nonsense", receipts(next).getFirst())))
        .containsExactly("unknown", "acknowledged");
  }

  @Test
  void aMessageThatNobodyEverAcknowledgesIsADeadLetter() {
    send("1", null);
    stored(1);
    for (int attempt = 1; attempt <= 3; attempt++) {
      var pulled = queue.pull("{\"lease\":\"PT1S\",\"wait\":\"PT8S\"}");
      assertThat(pulled).hasSize(1);
      assertThat(pulled.getFirst()).containsEntry("attempt", attempt);
    }
    assertThat(queue.pull("{\"wait\":\"PT3S\"}")).isEmpty();
    var dead = QueueClient.list(queue.get("/dead"), "items");
    assertThat(ids(dead)).containsExactly(me + 1);
    assertThat(dead.getFirst()).containsEntry("attempts", 3);
  }

  @Test
  void manyPullersNeverGetTheSameMessageAndKeepTheOrderOfEachKey() throws Exception {
    int keys = 10;
    int each = 12;
    for (int i = 0; i < each; i++) {
      for (int key = 0; key < keys; key++) {
        send(key + "-" + (100 + i), me + key);
        send("free-" + key + "-" + i, null);
      }
    }
    var seen = new ConcurrentLinkedQueue<String>();
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < 6; i++) {
      threads.add(
          Thread.startVirtualThread(() -> {
            while (seen.size() < 2 * keys * each) {
              var pulled = queue.pull("{\"max\":7,\"wait\":\"PT0.5S\"}");
              ids(pulled).forEach(seen::add);
              if (!pulled.isEmpty()) {
                queue.settle("acknowledge", "", receipts(pulled));
              }
            }
          }));
    }
    for (var thread : threads) {
      assertThat(thread.join(Duration.ofSeconds(60))).isTrue();
    }
    assertThat(new HashSet<>(seen)).hasSize(2 * keys * each).hasSameSizeAs(seen);
    var ofKey = new HashMap<String, List<String>>();
    for (var id : seen) {
      if (!id.startsWith(me + "free")) {
        ofKey
            .computeIfAbsent(id.substring(0, id.lastIndexOf('-')), key -> new ArrayList<>())
            .add(id);
      }
    }
    ofKey.forEach((key, ids) -> assertThat(ids).as(key).isSorted());
    stored(0);
  }

  @Test
  void delayedMessagesBecomeDueForPullersToo() {
    log.send(TestPulled.NAME, me + "keyed", me + "key", Duration.ofSeconds(2), "{}");
    log.send(TestPulled.NAME, me + "free", null, Duration.ofSeconds(2), "{}");
    stored(2);
    assertThat(queue.pull("{\"max\":5}")).isEmpty();
    assertThat(queue.number("delayed")).isEqualTo(2);
    var pulled = new ArrayList<>(queue.pull("{\"max\":5,\"wait\":\"PT8S\"}"));
    if (pulled.size() < 2) {
      pulled.addAll(queue.pull("{\"max\":5,\"wait\":\"PT8S\"}"));
    }
    assertThat(ids(pulled)).containsExactlyInAnyOrder(me + "keyed", me + "free");
  }

  @Test
  void aPausedQueueHandsOutNothing() {
    queue.post("/pause", null);
    try {
      send("1", null);
      stored(1);
      assertThat(queue.pull("{\"wait\":\"PT0.3S\"}")).isEmpty();
    } finally {
      queue.post("/resume", null);
    }
    assertThat(ids(queue.pull("{}"))).containsExactly(me + 1);
  }

  @Test
  void whatDoesNotFitIsRefused() {
    for (var body : List.of("{", "nonsense")) {
      assertProblem(queue.call("/pull", body), 400);
      assertProblem(queue.call("/acknowledge", body), 400);
    }
    for (var body :
        List.of(
            "{\"max\":0}",
            "{\"max\":101}",
            "{\"max\":\"many\"}",
            "{\"lease\":\"PT13H\"}",
            "{\"lease\":\"soon\"}",
            "{\"wait\":\"PT9S\"}",
            "{\"more\":1}",
            "[]")) {
      assertProblem(queue.call("/pull", body), 422);
    }
    for (var body : List.of("{}", "{\"receipts\":[]}", "{\"receipts\":[null]}")) {
      assertProblem(queue.call("/acknowledge", body), 422);
    }
    assertProblem(queue.call("/park", "{\"receipts\":[\"x\"]}"), 422);
    var many = "\"x\",".repeat(1_000) + "\"x\"";
    assertProblem(queue.call("/acknowledge", "{\"receipts\":[" + many + "]}"), 413);
  }

  @Test
  void aQueueWithAConsumerOrNotOnesOwnCannotBePulledFrom() {
    var admin = UserWorker.calling(base);
    assertProblem(new QueueClient(admin, TestQueue.NAME).call("/pull", "{}"), 409);
    assertProblem(new QueueClient(admin, "nowhere").call("/pull", "{}"), 404);
    var stranger = UserWorker.calling(base).forUser("eve", "user");
    assertProblem(new QueueClient(stranger, TestPulled.NAME).call("/pull", "{}"), 404);
    assertProblem(new QueueClient(stranger, TestPulled.NAME).look(""), 404);
  }
}
