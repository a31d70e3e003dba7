package dev.sallyport.data.workflow;

import dev.sallyport.data.workflow.MemoryLedger.Crash;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The times that a test must run for its worker to die everywhere: the first without a crash, which
 * must be over before the others are known. Confined to one thread.
 */
final class CrashTimes implements Iterator<CrashTimes.Time> {
  private final long seed;
  private final Random random;
  private final int pairs;
  private final Time free = new Time(null, Set.of(), "without a crash");
  private int made;

  /**
   * @param pairs how often two crashes at random places are tried
   */
  CrashTimes(int pairs) {
    this(pairs, Long.getLong("crash.seed", new Random().nextInt(1_000_000)));
  }

  CrashTimes(int pairs, long seed) {
    this.pairs = pairs;
    this.seed = seed;
    this.random = new Random(seed);
  }

  /** Runs a test as often as it needs; gives how often. */
  int run(Consumer<WorkflowHarness> test) {
    while (hasNext()) {
      var time = next();
      test.accept(time.harness());
      time.over();
    }
    return made;
  }

  @Override
  public boolean hasNext() {
    return made == 0 || (free.writes > 0 && made <= 2 * free.writes + pairs);
  }

  @Override
  public Time next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    int nth = made++;
    int writes = free.writes;
    if (nth == 0) {
      return free;
    }
    if (nth <= 2 * writes) {
      var crash = new Crash((nth + 1) / 2, nth % 2 == 0);
      return new Time(free, Set.of(crash), "a crash " + crash);
    }
    var first = new Crash(1 + random.nextInt(writes), random.nextBoolean());
    var second = new Crash(first.write() + 1 + random.nextInt(writes), random.nextBoolean());
    return new Time(
        free, Set.of(first, second), "crashes " + first + " and " + second + ", seed " + seed);
  }

  /** One time that the test runs. */
  static final class Time {
    private final @Nullable Time free;
    private final String name;
    private final WorkflowHarness harness = WorkflowHarness.of();
    private List<Outcome> outcomes = List.of();
    private int writes;

    private Time(@Nullable Time free, Set<Crash> crashes, String name) {
      this.free = free;
      this.name = name;
      harness.worker().ledger().crashWhen(crashes::contains);
    }

    String name() {
      return name;
    }

    WorkflowHarness harness() {
      return harness;
    }

    /**
     * The test has run.
     *
     * @throws AssertionError when its runs are not as they were without a crash
     */
    void over() {
      writes = harness.worker().ledger().writes();
      outcomes = Outcome.all(harness);
      var difference = free == null ? null : Outcome.difference(free.outcomes, outcomes);
      if (difference != null) {
        throw new AssertionError("with " + name + ", " + difference);
      }
    }
  }

  /** What a run comes to. */
  record Outcome(
      String id,
      String status,
      @Nullable String output,
      @Nullable ErrorNote error,
      List<WorkflowHarness.Step> steps) {
    static List<Outcome> all(WorkflowHarness harness) {
      var all = new ArrayList<Outcome>();
      for (var run : harness.started()) {
        var seen = run.look();
        all.add(new Outcome(run.id(), run.status(), seen.output(), seen.error(), run.steps()));
      }
      return all;
    }

    /** The first thing that is not the same, in a sentence; null when all is. */
    static @Nullable String difference(List<Outcome> without, List<Outcome> with) {
      if (without.size() != with.size()) {
        return "the test started " + with.size() + " runs, not " + without.size();
      }
      for (int i = 0; i < with.size(); i++) {
        var difference = without.get(i).difference(with.get(i));
        if (difference != null) {
          return difference;
        }
      }
      return null;
    }

    private @Nullable String difference(Outcome other) {
      var difference = differs("status", status, other.status);
      difference = difference != null ? difference : differs("output", output, other.output);
      difference = difference != null ? difference : differs("error", error, other.error);
      for (int i = 0; i < Math.max(steps.size(), other.steps.size()) && difference == null; i++) {
        difference = differs("journal's entry " + (i + 1), at(steps, i), at(other.steps, i));
      }
      return difference;
    }

    private @Nullable String differs(String what, @Nullable Object one, @Nullable Object another) {
      return String.valueOf(one).equals(String.valueOf(another))
          ? null
          : "the " + what + " of " + id + " is " + another + ", not " + one;
    }

    private static WorkflowHarness.@Nullable Step at(List<WorkflowHarness.Step> steps, int index) {
      if (index >= steps.size()) {
        return null;
      }
      var step = steps.get(index);
      boolean isChildsId = step.kind().equals("child") && step.status().equals("waiting");
      return new WorkflowHarness.Step(
          step.branch(),
          step.kind(),
          step.key(),
          step.status(),
          step.attempts(),
          isChildsId ? null : step.result(),
          step.error());
    }
  }
}
