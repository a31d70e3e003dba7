package dev.sallyport.data.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps, their attempts and their results. */
class StepTest {
  private static final Retry THRICE = Retry.upTo(3).fixed(Duration.ofSeconds(10));

  enum Colour {
    RED,
    GREEN {
      @Override
      public String toString() {
        return "like grass";
      }
    }
  }

  record Pear(String name, @Nullable Integer weight) {}

  record Box<T>(T content) {}

  static final class Empty {}

  static List<Object> results() {
    return List.of(
        "text",
        "\\u0000 is text here",
        1,
        2L,
        1.5,
        true,
        new BigDecimal("10.00"),
        UUID.fromString("0190a0a0-0000-7000-8000-000000000000"),
        Instant.parse("2026-11-21T08:00:00.123456789Z"),
        Duration.ofSeconds(90),
        Colour.RED,
        Colour.GREEN,
        new Pear("a", 1),
        new Pear("b", null),
        List.of(),
        List.of(new Pear("a", 1), new Pear("b", 2)),
        List.of(List.of(), List.of(1L)),
        Set.of(Colour.RED),
        Map.of("a", List.of(new Pear("a", 1))),
        Optional.of(new Pear("a", 1)),
        Optional.empty(),
        JsonNodeFactory.instance.objectNode().put("a", 1));
  }

  @ParameterizedTest
  @MethodSource("results")
  void aResultIsTheSameAtOnceAndWhenItIsReplayed(Object result) {
    var seen = new ConcurrentLinkedQueue<Object>();
    var harness =
        Code.harness(run -> {
          seen.add(run.step("make", () -> result));
          run.sleep("nap", Duration.ofSeconds(1));
          return "done";
        });
    var run = harness.start(null);
    harness.advance(Duration.ofSeconds(1));
    assertThat(run.output(String.class)).isEqualTo("done");
    assertThat(seen).containsExactly(result, result);
    assertThat(harness.ran()).containsExactly("make@1");
  }

  @Test
  void noResultIsNullAtOnceAndWhenItIsReplayed() {
    var seen = new ArrayList<String>();
    var harness =
        Code.harness(run -> {
          var nothing = run.<@Nullable String>step("nothing", () -> null);
          seen.add(String.valueOf(nothing));
          run.sleep("nap", Duration.ofSeconds(1));
          return nothing;
        });
    var run = harness.start(null);
    harness.advance(Duration.ofSeconds(1));
    assertThat(run.status()).isEqualTo("complete");
    assertThat(seen).containsExactly("null", "null");
  }

  @Test
  void aResultThatCanChangeIsNotTheOneThatTheStepKept() {
    var kept = new ArrayList<>(List.of("a"));
    var harness =
        Code.harness(run -> {
          var result = run.step("list", () -> kept);
          kept.add("b");
          return result;
        });
    assertThat(harness.start(null).output(String[].class)).containsExactly("a");
  }

  record Unkeepable(String name, Callable<Object> body, String says) {
    @Override
    public String toString() {
      return name;
    }
  }

  static List<Unkeepable> unkeepable() {
    return List.of(
        new Unkeepable("no properties", Empty::new, "Empty"),
        new Unkeepable("type parameters", () -> new Box<>("a"), "Box"),
        new Unkeepable("mixed list", () -> List.of("a", 1), "List"),
        new Unkeepable("keys", () -> Map.of(1, "a"), "keys of a map must be strings"),
        new Unkeepable("U+0000", () -> "a\0b", "U+0000"),
        new Unkeepable("a lambda", () -> (Runnable) () -> {}, "no name"),
        new Unkeepable("too large", () -> "x".repeat(Payloads.BYTES_MAX), "larger than 1048576"));
  }

  @ParameterizedTest
  @MethodSource("unkeepable")
  void aResultThatCannotBeKeptFailsAtOnceNamingTheStepAndTheClass(Unkeepable one) {
    var harness = Code.harness(run -> run.step("make", THRICE, one.body()));
    var run = harness.start(null);
    assertThat(run.status()).isEqualTo("errored");
    assertThat(run.error().code())
        .isEqualTo(
            one.name().equals("too large")
                ? WorkflowError.Code.TOO_LARGE
                : WorkflowError.Code.UNSERIALIZABLE);
    assertThat(run.error().step()).isEqualTo("make");
    assertThat(run.error()).hasMessageContaining("step make").hasMessageContaining(one.says());
    assertThat(harness.ran()).containsExactly("make@1");
  }

  @Test
  void pausesGrowUpToTheirCap() {
    var retry = Retry.upTo(5).exponential(Duration.ofSeconds(10)).cap(Duration.ofSeconds(30));
    var times = new ArrayList<Instant>();
    var holder = new ArrayList<WorkflowHarness>();
    var harness =
        Code.harness(run ->
            run.step(
                "flaky",
                retry,
                () -> {
                  times.add(holder.getFirst().now());
                  throw new IllegalStateException("no");
                }));
    holder.add(harness);
    var run = harness.start(null);
    harness.advance(Duration.ofMinutes(10));
    assertThat(run.error().code()).isEqualTo(WorkflowError.Code.STEP_FAILED);
    var beginning = WorkflowHarness.BEGINNING;
    assertThat(times)
        .containsExactly(
            beginning,
            beginning.plusSeconds(10),
            beginning.plusSeconds(30),
            beginning.plusSeconds(60),
            beginning.plusSeconds(90));
  }

  @Test
  void jitterShortensAPauseByAtMostHalf() {
    var random = new Random(7);
    var retry = Retry.upTo(9).exponential(Duration.ofSeconds(8)).cap(Duration.ofSeconds(20));
    for (int i = 0; i < 1000; i++) {
      assertThat(retry.pause(1, random)).isBetween(Duration.ofSeconds(4), Duration.ofSeconds(8));
      assertThat(retry.pause(9, random)).isBetween(Duration.ofSeconds(10), Duration.ofSeconds(20));
    }
    assertThat(Retry.upTo(Integer.MAX_VALUE).pause(1_000_000, random))
        .isLessThanOrEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void whatIsNotRetryableFailsAtOnce() {
    var harness =
        Code.harness(run ->
            run.step(
                "pay",
                THRICE,
                () -> {
                  throw new NonRetryable("card expired");
                }));
    var run = harness.start(null);
    assertThat(run.error()).hasMessageContaining("card expired");
    assertThat(harness.ran()).containsExactly("pay@1");
  }

  @Test
  void aFailureThatIsCaughtIsTheSameWhenItIsReplayed() {
    var seen = new ArrayList<String>();
    var harness =
        Code.harness(run -> {
          try {
            run.step(
                "fail",
                Retry.NEVER,
                () -> {
                  throw new IllegalStateException("no");
                });
          } catch (WorkflowError e) {
            seen.add(e.code() + " " + e.step() + " " + e.getMessage());
          }
          run.sleep("nap", Duration.ofSeconds(1));
          return seen.getLast();
        });
    var run = harness.start(null);
    harness.advance(Duration.ofSeconds(1));
    assertThat(run.output(String.class)).contains("IllegalStateException: no");
    assertThat(seen).hasSize(2).containsOnly(seen.getFirst());
  }

  @Test
  void theSameNameAgainIsNumbered() {
    var harness = Code.harness(run -> run.step("add", () -> 1) + run.step("add", () -> 2));
    var run = harness.start(null);
    assertThat(run.progress()).containsExactly("add done", "add#2 done");
  }

  @Test
  void theIdempotencyKeyIsTheSameInEveryAttemptAndTellsStepsAndBranchesApart() {
    var keys = new ConcurrentLinkedQueue<String>();
    var harness =
        Code.harness(run -> {
          run.step(
              "a",
              THRICE,
              () -> {
                keys.add(run.attempt() + " " + run.idempotencyKey());
                if (run.attempt() == 1) {
                  throw new IllegalStateException("again");
                }
                return 1;
              });
          return run.all(
              List.of(branch -> branch.step("a", () -> keys.add("b " + branch.idempotencyKey()))));
        });
    harness.start(null);
    harness.advance(Duration.ofSeconds(10));
    assertThat(keys)
        .containsExactly("1 code:run-1:1::a", "2 code:run-1:1::a", "b code:run-1:1:0.0:a");
  }

  @Test
  void anUndoInABranchHasAnIdempotencyKeyToo() {
    var keys = new ConcurrentLinkedQueue<String>();
    var harness =
        Code.harness(run -> {
          run.all(
              List.of(branch ->
                  branch.step(
                      "a",
                      THRICE,
                      () -> 1,
                      done -> keys.add(branch.idempotencyKey() + branch.attempt()))));
          run.rollback();
          return "undone";
        });
    assertThat(harness.start(null).output(String.class)).isEqualTo("undone");
    assertThat(keys).containsExactly("code:run-1:1::undo a1");
  }

  @Test
  void onlyAStepHasAnAttemptAndAnIdempotencyKey() {
    var harness = Code.harness(Run::idempotencyKey);
    assertThat(harness.start(null).error()).hasMessageContaining("only inside a step");
  }

  @Test
  void aStepWithinAStepIsRefused() {
    var harness =
        Code.harness(run -> run.step("outer", Retry.NEVER, () -> run.step("inner", () -> 1)));
    assertThat(harness.start(null).error())
        .hasMessageContaining("step outer")
        .hasMessageContaining("must not ask for another one");
  }

  @Test
  void aRunIsRefusedToOtherThreads() {
    var harness =
        Code.harness(run -> {
          var refused = new ArrayList<String>();
          var thread =
              Thread.ofVirtual()
                  .start(() -> {
                    try {
                      run.step("elsewhere", () -> 1);
                    } catch (IllegalStateException e) {
                      refused.add(String.valueOf(e.getMessage()));
                    }
                  });
          thread.join();
          return refused;
        });
    assertThat(harness.start(null).output(String[].class))
        .containsExactly("each branch uses the Run that it was given");
  }

  @Test
  void aBranchIsRefusedTheRunItself() {
    var harness = Code.harness(run -> run.all(List.of(branch -> run.step("wrong", () -> 1))));
    assertThat(harness.start(null).error()).hasMessageContaining("the Run that it was given");
  }

  @Test
  void namesAreRefusedThatCannotBeKept() {
    for (var name : Arrays.asList("", "x".repeat(201), "a\0b")) {
      var harness = Code.harness(run -> run.step(name, () -> 1));
      assertThat(harness.start(null).error()).hasMessageContaining("1 to 200 characters");
    }
  }

  private static int endless(int depth) {
    return depth < 0 ? 0 : endless(depth + 1) + 1;
  }

  @Test
  void aStackThatOverflowsInAStepIsAFailedAttempt() {
    var harness = Code.harness(run -> run.step("deep", Retry.upTo(2), () -> endless(0)));
    var run = harness.start(null);
    harness.advance(Duration.ofMinutes(1));
    assertThat(run.error().code()).isEqualTo(WorkflowError.Code.STEP_FAILED);
    assertThat(run.error()).hasMessageContaining("StackOverflowError");
    assertThat(harness.ran()).containsExactly("deep@1", "deep@2");
  }

  @Test
  void aStackThatOverflowsInTheCodeEndsTheRun() {
    var run = Code.harness(run2 -> endless(0)).start(null);
    assertThat(run.error().code()).isEqualTo(WorkflowError.Code.FAILED);
    assertThat(run.error()).hasMessageContaining("StackOverflowError");
  }

  @Test
  void moreEntriesThanAJournalMayHaveEndTheRun() {
    var harness =
        Code.harness(run -> {
          int sum = 0;
          for (int i = 0; i < 100; i++) {
            sum += run.step("add", () -> 1);
            run.sleep("nap", Duration.ofSeconds(1));
          }
          return sum;
        });
    harness.worker().entriesMax(10);
    var run = harness.start(null);
    harness.advance(Duration.ofMinutes(5));
    assertThat(run.error().code()).isEqualTo(WorkflowError.Code.TOO_MANY_STEPS);
    assertThat(run.steps()).hasSize(10);
  }

  @Test
  void anAttemptThatTakesTooLongIsInterruptedAndTriedAgain() {
    var harness = Code.harness(run -> run.step("slow", THRICE, () -> run.attempt()));
    harness.timeOut("slow");
    var run = harness.start(null);
    assertThat(run.steps().getFirst().error()).contains("no result within PT10M");
    harness.advance(Duration.ofSeconds(10));
    assertThat(run.output(Integer.class)).isEqualTo(2);
  }

  @Test
  void theInterruptOfOneAttemptDoesNotReachTheNext() {
    var harness =
        Code.harness(run ->
            run.step(
                "slow",
                THRICE.fixed(Duration.ZERO),
                () -> run.attempt() + " " + Thread.currentThread().isInterrupted()));
    harness.timeOut("slow");
    assertThat(harness.start(null).output(String.class)).isEqualTo("2 false");
  }

  @Test
  void optionsOfARetryAreChecked() {
    assertThatThrownBy(() -> Retry.upTo(0)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Retry.NEVER.fixed(Duration.ofSeconds(-1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> Retry.NEVER.attemptTimeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
