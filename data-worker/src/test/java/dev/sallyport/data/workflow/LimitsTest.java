package dev.sallyport.data.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.data.platform.Schema;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.local.StackResource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a type may do at once, and how often it may begin. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class LimitsTest {
  /** Nothing. */
  record None() {}

  /** Two at once. */
  @ApplicationScoped
  static class Pair implements Workflow<None, Integer> {
    private final AtomicInteger now = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    @Override
    public WorkflowOptions options() {
      return WorkflowOptions.DEFAULT.concurrency(2);
    }

    @Override
    public Integer run(Run run, None none) {
      return run.step(
          "together",
          () -> {
            most.accumulateAndGet(now.incrementAndGet(), Math::max);
            await().pollDelay(Duration.ofMillis(20)).until(() -> true);
            return now.decrementAndGet();
          });
    }

    int most() {
      return most.get();
    }
  }

  /** Three in an hour. */
  @ApplicationScoped
  static class Rare implements Workflow<None, Integer> {
    @Override
    public WorkflowOptions options() {
      return WorkflowOptions.DEFAULT.startRate(3, Duration.ofHours(1));
    }

    @Override
    public Integer run(Run run, None none) {
      return 1;
    }
  }

  /** How urgent one is. */
  record Urgency(int priority) {}

  /** One at a time, the urgent ones first. */
  @ApplicationScoped
  static class Urgent implements Workflow<Urgency, Integer> {
    private final Queue<Integer> order = new ConcurrentLinkedQueue<>();

    @Override
    public WorkflowOptions options() {
      return WorkflowOptions.DEFAULT.concurrency(1);
    }

    @Override
    public int priority(Urgency urgency) {
      return urgency.priority();
    }

    @Override
    public Integer run(Run run, Urgency urgency) {
      return run.step(
          "turn",
          () -> {
            order.add(urgency.priority());
            return urgency.priority();
          });
    }

    List<Integer> order() {
      return List.copyOf(order);
    }
  }

  /** One in an hour, and it has to wait in the middle. */
  @ApplicationScoped
  static class Patient implements Workflow<None, Integer> {
    @Override
    public WorkflowOptions options() {
      return WorkflowOptions.DEFAULT.startRate(1, Duration.ofHours(1)).concurrency(5);
    }

    @Override
    public Integer run(Run run, None none) {
      run.sleep("nap", Duration.ofMillis(50));
      run.waitFor("go", Object.class);
      return 1;
    }
  }

  @Inject Workflows workflows;
  @Inject JournalSql journal;
  @Inject Transactions transactions;
  @Inject Schema schema;
  @Inject Pair pair;
  @Inject Urgent urgent;

  @BeforeEach
  void awaitTables() {
    UsableSchema.await(schema);
  }

  private long count(String type, String status) {
    return transactions
        .execute("SELECT count(*) FROM workflow.run WHERE type = $1 AND status = $2", type, status)
        .iterator()
        .next()
        .getLong(0);
  }

  @Test
  void noMoreRunsExecuteAtOnceThanTheTypeAllows() {
    for (int i = 0; i < 20; i++) {
      workflows.start(Pair.class, "ada", new None());
    }
    await().atMost(Duration.ofSeconds(20)).until(() -> count("pair", "complete") == 20);
    assertThat(pair.most()).isEqualTo(2);
  }

  @Test
  void whatHasBegunIsNoStartWhenItGoesOn() throws Exception {
    var id = workflows.start(Patient.class, "ada", new None());
    var pk =
        transactions
            .execute("SELECT pk FROM workflow.run WHERE id = $1", id)
            .iterator()
            .next()
            .getLong(0);
    transactions.call(tx -> {
      journal.deliver(tx, pk, "go", "1", false);
      return true;
    });
    await().atMost(Duration.ofSeconds(10)).until(() -> count("patient", "complete") == 1);
  }

  @Test
  void urgentRunsGoFirst() throws Exception {
    transactions.call(tx -> {
      for (int priority : new int[] {9, 5, 0}) {
        workflows.start(tx, Urgent.class, "ada", new Urgency(priority));
      }
      return true;
    });
    await().atMost(Duration.ofSeconds(10)).until(() -> count("urgent", "complete") == 3);
    assertThat(urgent.order()).containsExactly(0, 5, 9);
  }

  @Test
  void noMoreRunsBeginThanTheRateAllows() {
    for (int i = 0; i < 5; i++) {
      workflows.start(Rare.class, "ada", new None());
    }
    await().atMost(Duration.ofSeconds(10)).until(() -> count("rare", "complete") == 3);
    await()
        .during(Duration.ofSeconds(1))
        .atMost(Duration.ofSeconds(3))
        .until(() -> count("rare", "complete") == 3 && count("rare", "queued") == 2);
  }
}
