package dev.sallyport.data.workflow;

import dev.sallyport.data.workflow.Entry.Kind;
import dev.sallyport.data.workflow.Entry.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@link Run} for one thread of a run: the run itself, or a branch of {@link #all}. */
final class BranchRun implements Run {
  private static final int BRANCHES_MAX = 100;

  private final Execution execution;
  private final String branch;
  private final Map<String, Integer> occurrences = new HashMap<>();
  private final List<Undoing> undoings = new ArrayList<>();
  private final WaitCalls waits;
  private final Thread thread = Thread.currentThread();
  private int ordinal;
  private int forks;
  private @Nullable Attempt attempt;

  /** What takes one step back. */
  private record Undoing(String key, Callable<@Nullable Object> work) {}

  /** Belongs to the calling thread. */
  BranchRun(Execution execution, String branch) {
    this.execution = execution;
    this.branch = branch;
    this.waits = new WaitCalls(execution);
  }

  Execution execution() {
    return execution;
  }

  @Override
  public String id() {
    return execution.claim().id();
  }

  @Override
  public int generation() {
    return execution.claim().generation();
  }

  @Override
  public String principal() {
    return execution.claim().principal();
  }

  // ---- steps
  // -------------------------------------------------------------------------------------

  @Override
  public <T extends @Nullable Object> T step(String name, Retry retry, Callable<T> body) {
    var key = key(name);
    return new StepCall<T>(this, next(), Kind.STEP, key, retry).call(body);
  }

  @Override
  public <T extends @Nullable Object> T step(
      String name, Retry retry, Callable<T> body, Undo<T> undo) {
    var key = key(name);
    var result = new StepCall<T>(this, next(), Kind.STEP, key, retry).call(body);
    undoings.add(
        new Undoing(
            key,
            () -> {
              undo.undo(result);
              return null;
            }));
    return result;
  }

  @Override
  public <T extends @Nullable Object> T transaction(String name, InTransaction<T> body) {
    var key = key(name);
    return new StepCall<T>(this, next(), Kind.TRANSACTION, key, Retry.DEFAULT).call(body);
  }

  /** The watch over the attempt that begins on this thread. */
  void begin(Attempt begun) {
    attempt = begun;
    execution.begin(begun);
  }

  void end(Attempt ended) {
    attempt = null;
    execution.end(ended);
  }

  @Override
  public String idempotencyKey() {
    var of = current().of();
    var claim = execution.claim();
    return String.join(
        ":",
        claim.type(),
        claim.id(),
        Integer.toString(claim.generation()),
        of.at().branch(),
        of.key());
  }

  @Override
  public int attempt() {
    return current().of().number();
  }

  private Attempt current() {
    // A step of a branch is undone on the thread of the run itself.
    var here = execution.attemptHere();
    if (here == null) {
      throw new IllegalStateException("only inside a step, and on its own thread");
    }
    return here;
  }

  @Override
  public void rollback() {
    var failure = undoAll(null);
    if (failure != null) {
      throw WorkflowError.of(failure);
    }
  }

  /**
   * Undoes in reverse.
   *
   * @param reason why, or null when the code asked
   * @return the reason, and what failed while undoing
   */
  @Nullable ErrorNote undoAll(@Nullable ErrorNote reason) {
    var note = reason;
    for (var undoing : undoings.reversed()) {
      try {
        new StepCall<@Nullable Object>(
                this, next(), Kind.UNDO, "undo " + undoing.key(), Retry.DEFAULT)
            .call(undoing.work());
      } catch (WorkflowError e) {
        note = note == null ? e.note() : note.and(e.note());
      }
    }
    undoings.clear();
    return note;
  }

  // ---- waiting
  // -----------------------------------------------------------------------------------

  @Override
  public void sleep(String name, Duration time) {
    sleep(name, () -> execution.now().plus(time));
  }

  @Override
  public void sleepUntil(String name, Instant moment) {
    sleep(name, () -> moment);
  }

  private void sleep(String name, Supplier<Instant> moment) {
    var key = key(name);
    waits.sleep(next(), key, moment);
  }

  @Override
  public <T> T waitFor(String event, Class<T> type, Duration timeout) {
    var key = key(event);
    return waits.event(next(), key, event, type, timeout);
  }

  @Override
  @SuppressWarnings({"unchecked", "NullAway"}) // read as what the child's workflow declares
  public <P extends @Nullable Object, R extends @Nullable Object> R child(
      String name, Class<? extends Workflow<P, R>> workflow, P params) {
    var definition = execution.tools().registry().of(workflow);
    var key = key(name);
    return (R) waits.child(next(), key, definition, params);
  }

  // ---- branches and versions
  // ---------------------------------------------------------------------

  @Override
  public <T extends @Nullable Object> List<T> all(List<? extends Branch<T>> branches) {
    if (branches.size() > BRANCHES_MAX) {
      throw new IllegalArgumentException("at most " + BRANCHES_MAX + " branches");
    }
    requireOwnThread();
    if (branches.isEmpty()) {
      return List.of();
    }
    var prefix = (branch.isEmpty() ? "" : branch + "/") + forks++ + ".";
    return new Branches<T>(execution, prefix, undone -> undoings.addAll(undone.undoings))
        .run(branches);
  }

  @Override
  public boolean since(String change) {
    requireOwnThread();
    var at = new Position(branch, ordinal);
    if (execution.journal().has(at, Kind.CHANGE, change)) {
      ordinal++;
      return true;
    }
    if (execution.journal().isKnown(at)) {
      return false;
    }
    ordinal++;
    var now = execution.now();
    execution
        .writes()
        .recordAlong(
            new Entry(at, Kind.CHANGE, change, Status.DONE, 0, "true", null, null, null, now, now));
    return true;
  }

  private Position next() {
    return new Position(branch, ordinal++);
  }

  private String key(String name) {
    requireOwnThread();
    if (name.isEmpty() || name.length() > 200 || name.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("names have 1 to 200 characters, none of them U+0000");
    }
    int occurrence = occurrences.merge(name, 1, Integer::sum);
    return occurrence == 1 ? name : name + "#" + occurrence;
  }

  private void requireOwnThread() {
    if (!thread.equals(Thread.currentThread())) {
      throw new IllegalStateException("each branch uses the Run that it was given");
    }
    if (attempt != null) {
      throw new IllegalStateException("a step must not ask for another one: do so after it");
    }
  }
}
