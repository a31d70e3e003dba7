package dev.sallyport.data.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.platform.GroupCommit;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.data.workflow.Execution.Departure;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What happens when commits are slow, fail, or come in an unlucky order. */
class ExecutionRaceTest {
  /** Writes in groups, as it is done with Postgres, but holds some back until it is told. */
  private static class SlowLedger implements Ledger {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Ledger real;
    private final GroupCommit<Change, Outcome> commits;
    private final Promise<Boolean> told = Promise.promise();
    private final Semaphore given = new Semaphore(0);
    final List<Change> written = new CopyOnWriteArrayList<>();

    SlowLedger(Ledger real, Predicate<Change> slow) {
      this.real = real;
      this.commits =
          new GroupCommit<>(
              Runnable::run,
              changes ->
                  !told.future().isComplete() && changes.stream().anyMatch(slow)
                      ? told.future().map(well -> write(changes))
                      : Future.succeededFuture(write(changes)),
              failure -> false,
              change -> List.of(change.run(), change.fence()),
              DistributionSummary.builder("sizes").register(new SimpleMeterRegistry()),
              100,
              100,
              change -> new IllegalStateException("full"));
    }

    private List<Outcome> write(List<Change> changes) {
      written.addAll(changes);
      return changes.stream()
          .map(change -> real.commit(change).toCompletableFuture().join())
          .toList();
    }

    @Override
    public CompletionStage<Outcome> commit(Change change) {
      var outcome = commits.write(change);
      given.release();
      return outcome;
    }

    /** Once so many changes were given in all, tells the one that is held what becomes of it. */
    Thread tell(int changes, boolean well) {
      return Thread.ofVirtual()
          .start(() -> {
            try {
              if (!given.tryAcquire(changes, PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                told.fail("fewer changes were given");
              } else if (well) {
                told.complete(true);
              } else {
                told.fail(StoreFailure.of(new IOException("gone")));
              }
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
    }

    @Override
    public Outcome commitWith(Body body) throws Exception {
      return real.commitWith(body);
    }

    @Override
    public Outcome commitWithChild(Change change, NewRun child) {
      return real.commitWithChild(change, child);
    }

    @Override
    public Inbox inbox(long run) {
      return real.inbox(run);
    }
  }

  private static boolean has(Ledger.Change change, String key) {
    return change.entries().stream().anyMatch(entry -> entry.key().equals(key));
  }

  private static SlowLedger slow(WorkflowHarness harness, Predicate<Ledger.Change> slow) {
    var ledger = new SlowLedger(harness.worker().ledger(), slow);
    harness.worker().writeThrough(ledger);
    return ledger;
  }

  /** A step, then an event that came before. */
  static final class StepThenEvent implements Workflow<Void, String> {
    @Override
    public String run(Run run, Void none) {
      run.sleep("first", Duration.ofSeconds(1));
      var step = run.step("step", () -> "s");
      return step + run.waitFor("event", String.class);
    }
  }

  @Test
  void nothingIsWrittenAfterACommitThatFailed() throws Exception {
    var harness = WorkflowHarness.of(new StepThenEvent());
    var run = harness.start(null).send("event", "e");
    var ledger = slow(harness, change -> has(change, "step"));
    var teller = ledger.tell(3, false); // the step, the event, the end
    harness.advance(Duration.ofSeconds(1));
    teller.join();
    assertThat(harness.worker().departures()).contains(Departure.IN_DOUBT);
    assertThat(ledger.written.getFirst().entries()).extracting(Entry::key).contains("step");
    assertThat(run.output(String.class)).isEqualTo("se");
    assertThat(run.progress()).containsExactly("first done", "step done", "event done");
  }

  /** A child whose last step is slow to be written. */
  static final class Child implements Workflow<Integer, Integer> {
    @Override
    public Integer run(Run run, Integer none) {
      return run.step("last", () -> 1);
    }
  }

  static final class Parent implements Workflow<Void, Integer> {
    @Override
    public Integer run(Run run, Void none) {
      return run.child("child", Child.class, 0);
    }
  }

  @Test
  void theEndOfAChildIsWrittenAfterItsSteps() throws Exception {
    var harness = WorkflowHarness.of(new Parent(), new Child());
    var real = harness.worker().ledger();
    var ledger =
        new SlowLedger(real, change -> has(change, "last")) {
          @Override
          public CompletionStage<Outcome> commit(Change change) {
            // As PostgresLedger does: the end of a child is a transaction of its own.
            return change.next() instanceof Next.End end && end.parent() != null
                ? real.commit(change)
                : super.commit(change);
          }
        };
    harness.worker().writeThrough(ledger);
    var teller = ledger.tell(2, true); // the parent's rest, the child's step
    var run = harness.start(null);
    teller.join();
    assertThat(run.output(Integer.class)).isEqualTo(1);
    assertThat(real.look(run.pk() + 1).entries()).extracting(Entry::key).containsExactly("last");
  }

  /** One step that is repeated at once, and another. */
  static final class Stubborn implements Workflow<Void, String> {
    @Override
    public String run(Run run, Void none) {
      var retry = Retry.upTo(2).fixed(Duration.ZERO).attemptTimeout(Duration.ofMinutes(1));
      var slow = run.step("slow", retry, () -> "attempt " + run.attempt());
      return slow + run.step("then", () -> "!");
    }
  }

  @Test
  void aBodyThatIgnoresItsInterruptIsLeftBehindAndItsLateResultIgnored() {
    var harness = WorkflowHarness.of(new Stubborn());
    harness.worker().script().holdStubbornly("slow");
    var run = harness.start(null);
    harness.advance(Duration.ofSeconds(64));
    assertThat(run.status()).isEqualTo("running");
    harness.advance(Duration.ofSeconds(1));
    assertThat(run.output(String.class)).isEqualTo("attempt 2!");
    harness.release("slow");
    assertThat(run.steps().getFirst().result()).isEqualTo("\"attempt 2\"");
    assertThat(harness.ran()).containsExactly("slow@1", "slow@2", "then@1");
  }

  @Test
  void aLateResultIsNotWrittenTogetherWithTheWordThatItsThreadWasLeftBehind() throws Exception {
    var harness = WorkflowHarness.of(new Stubborn());
    var ledger =
        slow(harness, change -> change.next() instanceof Ledger.Next.Wait && has(change, "slow"));
    harness.worker().script().holdStubbornly("slow");
    var run = harness.start(null);
    var left = harness.worker().inMemory().getFirst();
    left.watch(Duration.ofSeconds(60).toNanos());
    left.watch(Duration.ofSeconds(65).toNanos()); // its word is on the way and held back
    harness.worker().script().release("slow"); // the late result comes while it is
    ledger.tell(1, true).join();
    harness.advance(Duration.ofSeconds(1));
    assertThat(run.output(String.class)).isEqualTo("attempt 2!");
    assertThat(ledger.written.getFirst().next()).isInstanceOf(Ledger.Next.Wait.class);
    assertThat(harness.worker().departures()).startsWith(Departure.RESTS);
  }
}
