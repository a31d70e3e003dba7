package dev.sallyport.data.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.platform.GroupCommit;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Programs that nobody thought of, each with crashes everywhere. {@code -Dprograms.seed} repeats
 * one, {@code -Dprograms} tries more.
 */
class RandomProgramsTest {
  private static final Retry TWICE = Retry.upTo(2).fixed(Duration.ofSeconds(10));
  private static final int DEPTH_MAX = 3;

  /** One instruction. */
  private sealed interface Op {
    record Step(int name, int failures, boolean undo) implements Op {}

    record Transaction() implements Op {}

    record Sleep(int minutes) implements Op {}

    record Event(int name, int minutes) implements Op {}

    record Child(int number) implements Op {}

    record All(List<List<Op>> branches) implements Op {}

    record Try(List<Op> ops) implements Op {}

    record Since(int name) implements Op {}

    record Rollback() implements Op {}

    record Throw() implements Op {}
  }

  /** Makes programs. */
  private static final class Author {
    private final Random random;
    private int events;

    Author(long seed) {
      random = new Random(seed);
    }

    List<Op> program(int depth, int most) {
      var ops = new ArrayList<Op>();
      int count = 1 + random.nextInt(most);
      for (int i = 0; i < count; i++) {
        ops.add(op(depth));
      }
      return ops;
    }

    private Op op(int depth) {
      return switch (random.nextInt(depth < DEPTH_MAX ? 15 : 11)) {
        case 0, 1, 2 -> new Op.Step(random.nextInt(3), 0, random.nextBoolean());
        case 3 -> new Op.Step(random.nextInt(3), 1, random.nextBoolean());
        case 4 -> new Op.Transaction();
        case 5, 6 -> new Op.Sleep(random.nextInt(3));
        case 7, 8 -> new Op.Event(events++, 1 + random.nextInt(4));
        case 9 -> random.nextBoolean() ? new Op.Since(random.nextInt(3)) : new Op.Rollback();
        case 10 -> random.nextInt(4) == 0 ? new Op.Throw() : new Op.Child(random.nextInt(4));
        case 11, 12 -> {
          var branches = new ArrayList<List<Op>>();
          for (int i = random.nextInt(4); i > 0; i--) {
            branches.add(program(depth + 1, 3));
          }
          yield new Op.All(branches);
        }
        case 13 -> new Op.Try(List.of(new Op.Step(9, 2, false)));
        default -> new Op.Try(program(depth + 1, 3));
      };
    }
  }

  /** Fails for 0; otherwise sleeps and counts. */
  static final class Kid implements Workflow<Integer, Integer> {
    @Override
    public Integer run(Run run, Integer number) {
      int half = run.step("half", () -> 12 / number);
      run.sleep("nap", Duration.ofSeconds(30));
      return half + run.step("add", () -> 1);
    }
  }

  private static String run(Run run, List<Op> ops) {
    var said = new StringBuilder();
    for (var op : ops) {
      said.append(run(run, op)).append(' ');
    }
    return said.toString().strip();
  }

  private static String run(Run run, Op op) {
    return switch (op) {
      case Op.Step(int name, int failures, boolean undo) -> {
        var key = "step " + name;
        yield undo
            ? run.step(key, TWICE, () -> attempt(run, failures), done -> {})
            : run.step(key, TWICE, () -> attempt(run, failures));
      }
      case Op.Transaction() -> run.transaction("row", tx -> "unmocked");
      case Op.Sleep(int minutes) -> {
        run.sleep("nap", Duration.ofMinutes(minutes));
        yield "z";
      }
      case Op.Event(int name, int minutes) ->
          tried(() -> run.waitFor("event " + name, String.class, Duration.ofMinutes(minutes)));
      case Op.Child(int number) -> tried(() -> String.valueOf(run.child("kid", Kid.class, number)));
      case Op.All(var branches) ->
          run.<String>all(
                  branches.stream()
                      .map(ops -> (Run.Branch<String>) branch -> run(branch, ops))
                      .toList())
              .toString();
      case Op.Try(var ops) -> "(" + tried(() -> run(run, ops)) + ")";
      case Op.Since(int name) -> String.valueOf(run.since("change " + name));
      case Op.Rollback() -> {
        run.rollback();
        yield "rolled back";
      }
      case Op.Throw() -> throw new IllegalStateException("thrown");
    };
  }

  private static String attempt(Run run, int failures) {
    if (run.attempt() <= failures) {
      throw new IllegalStateException("attempt " + run.attempt());
    }
    return run.idempotencyKey();
  }

  private static String tried(Supplier<String> work) {
    try {
      return work.get();
    } catch (WorkflowError e) {
      return e.code().wire();
    }
  }

  /** Answers from another thread, while the code goes on, as Postgres does. */
  private static final class LaterLedger implements Ledger {
    private final Ledger real;
    private final GroupCommit<Change, Outcome> commits =
        new GroupCommit<>(
            Runnable::run,
            this::write,
            failure -> false,
            change -> List.of(change.run(), change.fence()),
            DistributionSummary.builder("sizes").register(new SimpleMeterRegistry()),
            100,
            10_000,
            change -> new IllegalStateException("full"));

    LaterLedger(Ledger real) {
      this.real = real;
    }

    private Future<List<Outcome>> write(List<Change> changes) {
      var answer = Promise.<List<Outcome>>promise();
      Thread.ofVirtual()
          .start(() -> {
            try {
              answer.complete(
                  changes.stream()
                      .map(change -> real.commit(change).toCompletableFuture().join())
                      .toList());
            } catch (RuntimeException e) {
              answer.fail(e);
            }
          });
      return answer.future();
    }

    @Override
    public CompletionStage<Outcome> commit(Change change) {
      // As PostgresLedger does: the end of a child is a transaction of its own.
      return change.next() instanceof Next.End end && end.parent() != null
          ? real.commit(change)
          : commits.write(change);
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

  private static void play(WorkflowHarness harness, long seed) {
    var author = new Author(seed);
    var program = author.program(0, 6);
    var random = new Random(seed);
    if (seed % 2 == 0) {
      harness.worker().writeThrough(new LaterLedger(harness.worker().ledger()));
    }
    harness.mock("row", "r");
    for (int i = 2; i < 20; i++) {
      harness.mock("row#" + i, "r" + i);
    }
    var run = harness.with(new Code(root -> run(root, program)), new Kid()).start(null);
    for (int event = 0; event < author.events; event++) {
      if (random.nextInt(4) > 0) {
        run.send("event " + event, "e" + event);
      }
      harness.advance(Duration.ofSeconds(random.nextInt(120)));
    }
    harness.advance(Duration.ofDays(1));
    assertThat(run.status()).as("%s of %s", run.waitingFor(), program).isIn("complete", "errored");
  }

  @Test
  void crashesChangeNothingThatAProgramComesTo() {
    long first = Long.getLong("programs.seed", new Random().nextInt(1_000_000));
    int programs = Integer.getInteger("programs", 12);
    for (long seed = first; seed < first + programs; seed++) {
      long of = seed;
      try {
        new CrashTimes(4, of).run(harness -> play(harness, of));
      } catch (AssertionError | RuntimeException e) {
        throw new AssertionError("program of seed " + of + ": " + e.getMessage(), e);
      }
    }
  }

  /** Every kind of instruction is tried by some program. */
  @Test
  void programsHaveEveryInstruction() {
    var kinds =
        Stream.iterate(0L, seed -> seed + 1)
            .limit(200)
            .flatMap(seed -> new Author(seed).program(0, 6).stream())
            .map(Op::getClass)
            .distinct();
    assertThat(kinds).hasSize(Op.class.getPermittedSubclasses().length);
  }
}
