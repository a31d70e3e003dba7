package dev.sallyport.data.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.Eventually;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.local.StackResource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages from the log to their verdicts, against the real stack. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class ConsumingTest {
  @Inject LogWriter log;
  @Inject TestQueue queue;
  @Inject Transactions transactions;
  @Inject Messages messages;
  @Inject Shards shards;

  /** So that tests do not see each other's messages. */
  private String me = "";

  @BeforeEach
  void begin() {
    me = UUID.randomUUID().toString().substring(0, 8) + "-";
    Eventually.is("all partitions are consumed", () -> shards.count() >= 32);
  }

  @Test
  void aMessageIsHandledOnce() {
    log.send(TestQueue.NAME, me + 1, null, "{}");
    await(1);
    assertThat(queue.seen(me)).containsExactly(new TestQueue.Seen(me + 1, "", 1));
    settled();
  }

  @Test
  void theSameIdIsHandledOnceHoweverOftenItIsSent() {
    for (int i = 0; i < 5; i++) {
      log.send(TestQueue.NAME, me + "same", null, "{}");
    }
    log.send(TestQueue.NAME, me + "other", null, "{}");
    await(2);
    settled();
    log.send(TestQueue.NAME, me + "same", null, "{}");
    log.send(TestQueue.NAME, me + "last", null, "{}");
    await(3);
    settled();
    assertThat(queue.ids(me)).containsExactlyInAnyOrder(me + "same", me + "other", me + "last");
  }

  @Test
  void theSameIdWithAnotherContentIsADeadLetter() {
    log.send(TestQueue.NAME, me + "id", null, "{\"a\":1}");
    await(1);
    settled();
    log.send(TestQueue.NAME, me + "id", null, "{\"a\":2}");
    Eventually.is("it is dead", () -> dead().equals(List.of(me + "id")));
    assertThat(queue.ids(me)).hasSize(1);
  }

  @Test
  void messagesOfAKeyComeInOrderAlsoWhenOneFails() {
    log.send(TestQueue.NAME, me + "00", me + "k", "{\"fail\":2}");
    for (int i = 0; i < 30; i++) {
      var id = me + (i + 10);
      log.send(TestQueue.NAME, id, me + "k", i == 20 ? "{\"fail\":1,\"pause\":0}" : "{}");
    }
    var order = new ArrayList<>(List.of(me + "00", me + "00", me + "00"));
    for (int i = 0; i < 30; i++) {
      order.add(me + (i + 10));
      if (i == 20) {
        order.add(me + (i + 10));
      }
    }
    await(order.size());
    assertThat(queue.ids(me)).isEqualTo(order);
    settled();
  }

  @Test
  void aMessageThatAlwaysFailsIsADeadLetterAndDelaysNoOtherKey() {
    log.send(TestQueue.NAME, me + "bad", me + "bad", "{\"fail\":99}");
    log.send(TestQueue.NAME, me + "behind", me + "bad", "{}");
    for (int i = 0; i < 200; i++) {
      log.send(TestQueue.NAME, me + "ok-" + i, me + i, "{}");
    }
    Eventually.is("the others are handled", () -> queue.ids(me + "ok").size() == 200);
    Eventually.is("it is dead", () -> dead().equals(List.of(me + "bad")));
    Eventually.is("the next of its key", () -> queue.ids(me + "behind").size() == 1);
    assertThat(queue.ids(me + "bad")).hasSize(3);
    settled();
  }

  @Test
  void whatDoesNotFitIsADeadLetterAtOnce() {
    log.send("sample", me + "1", null, "{\"key\":\"\"}");
    log.send("sample", me + "2", null, "no json");
    Eventually.is("both are dead", () -> dead().size() == 2);
  }

  @Test
  void aDelayedMessageComesWhenItIsDueAndInNobodysWay() {
    long began = System.nanoTime();
    var _ = log.send(TestQueue.NAME, me + "late", me + "k", Duration.ofMillis(700), "{}");
    var _ = log.send(TestQueue.NAME, me + "unkeyed", null, Duration.ofMillis(700), "{}");
    log.send(TestQueue.NAME, me + "now", me + "k", "{}");
    await(1);
    assertThat(queue.ids(me)).containsExactly(me + "now");
    await(3);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(650));
    settled();
  }

  @Test
  void aMessageOfATransactionIsSentWhenThatCommits() throws Exception {
    transactions.call(tx ->
        messages.send(
            tx, NewMessage.of(TestQueue.NAME, List.of("x"), "shop").id(me + "1").key(me)));
    await(1);
    settled();
  }

  @Test
  void manyMessagesOfManyKeysAreEachHandledOnceAndInOrder() {
    int keys = 50;
    int each = 100;
    for (int i = 0; i < each; i++) {
      for (int key = 0; key < keys; key++) {
        log.send(
            TestQueue.NAME,
            me + key + "-" + i,
            me + key,
            (i * 7 + key) % 40 == 0 ? "{\"fail\":1}" : "{}");
      }
    }
    Eventually.is(
        "all are handled", () -> queue.ids(me).stream().distinct().count() == (long) keys * each);
    settled();
    for (int key = 0; key < keys; key++) {
      var ids = queue.ids(me + key + "-").stream().distinct().toList();
      var of = key;
      assertThat(ids).isEqualTo(IntStream.range(0, each).mapToObj(i -> me + of + "-" + i).toList());
    }
  }

  private void await(int count) {
    Eventually.is(count + " messages, not " + queue.ids(me), () -> queue.ids(me).size() >= count);
  }

  private void settled() {
    Eventually.is("nothing is held", () -> shards.held() == 0);
    Eventually.is("nothing is left", () -> left() == 0);
  }

  private long left() {
    return transactions
        .execute(
            "SELECT count(*) FROM queue.message WHERE id LIKE $1 AND state <> 'dead'", me + "%")
        .iterator()
        .next()
        .getLong(0);
  }

  private List<String> dead() {
    var dead = new ArrayList<String>();
    transactions
        .execute("SELECT id FROM queue.message WHERE id LIKE $1 AND state = 'dead'", me + "%")
        .forEach(row -> dead.add(row.getString(0)));
    return dead;
  }
}
