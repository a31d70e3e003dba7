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
    var at = next();
    var recorded = execution.recall(at, Kind.SLEEP, key);
    if (recorded != null && recorded.status() == Status.DONE) {
      return;
    }
    var startedAt = recorded == null ? execution.now() : recorded.startedAt();
    var until = recorded == null || recorded.dueAt() == null ? moment.get() : recorded.dueAt();
    var asleep = waiting(at, Kind.SLEEP, key, null, until, startedAt);
    var _ =
        execution
            .stillness()
            .await(
                new Waiting.Timer(key, until),
                recorded == null ? asleep : null,
                () -> execution.record(asleep));
    execution.recordAlong(ended(asleep, Status.DONE, null, null));
  }

  @Override
  public <T> T waitFor(String event, Class<T> type, Duration timeout) {
    var key = key(event);
    var at = next();
    var recorded = execution.recall(at, Kind.EVENT, key);
    if (recorded != null && recorded.status() == Status.FAILED) {
      throw WorkflowError.of(StepCall.error(recorded));
    }
    if (recorded != null && recorded.status() == Status.DONE) {
      return execution.tools().payloads().event(key, String.valueOf(recorded.result()), type);
    }
    var startedAt = recorded == null ? execution.now() : recorded.startedAt();
    var until =
        recorded == null || recorded.dueAt() == null ? startedAt.plus(timeout) : recorded.dueAt();
    var waiting = waiting(at, Kind.EVENT, key, null, until, startedAt);
    var arrival = arrival(new Waiting.Event(event, until), recorded == null ? waiting : null);
    if (arrival == null) {
      var note =
          new ErrorNote(
              WorkflowError.Code.EVENT_TIMEOUT,
              "event " + event + " did not come in time",
              key,
              true);
      execution.record(ended(waiting, Status.FAILED, null, note));
      throw WorkflowError.of(note);
    }
    return taken(waiting, arrival, type);
  }

  private <T> T taken(Entry waiting, Ledger.Arrival arrival, Class<T> type) {
    try {
      var payload = execution.tools().payloads().event(waiting.key(), arrival.payload(), type);
      execution.record(ended(waiting, Status.DONE, arrival.payload(), null), arrival.number());
      return payload;
    } catch (WorkflowError misfit) {
      execution.record(ended(waiting, Status.FAILED, null, misfit.note()), arrival.number());
      throw misfit;
    }
  }

  /** Waits for an arrival; null when its time was over first. */
  private Ledger.@Nullable Arrival arrival(Waiting wait, @Nullable Entry entry) {
    var name = String.valueOf(wait.arrival());
    var unrecorded = entry;
    while (true) {
      var arrival = execution.stillness().take(name);
      var until = wait.until();
      if (arrival != null || (until != null && !execution.now().isBefore(until))) {
        return arrival;
      }
      var first = unrecorded;
      var _ =
          execution
              .stillness()
              .await(
                  wait,
                  first,
                  () -> {
                    if (first != null) {
                      execution.record(first);
                    }
                  });
      unrecorded = null; // another branch may have taken what came
    }
  }

  @Override
  @SuppressWarnings({"unchecked", "NullAway"}) // read as what the child's workflow declares
  public <P extends @Nullable Object, R extends @Nullable Object> R child(
      String name, Class<? extends Workflow<P, R>> workflow, P params) {
    var tools = execution.tools();
    var definition = tools.registry().of(workflow);
    var key = key(name);
    var at = next();
    var recorded = execution.recall(at, Kind.CHILD, key);
    if (recorded != null && recorded.status() == Status.FAILED) {
      throw WorkflowError.of(StepCall.error(recorded));
    }
    if (recorded != null && recorded.status() == Status.DONE) {
      return (R)
          tools.payloads().childResult(key, String.valueOf(recorded.result()), definition.result());
    }
    var waiting = recorded == null ? begin(at, key, definition, params) : recorded;
    var id = String.valueOf(waiting.result());
    var arrival = arrival(new Waiting.Child(definition.type(), id), null);
    if (arrival == null) {
      throw new IllegalStateException("a child has no time of its own");
    }
    return (R) finished(waiting, arrival, definition);
  }

  private Entry begin(Position at, String key, Definition definition, @Nullable Object params) {
    var tools = execution.tools();
    var id = tools.ids().next().toString();
    var waiting = waiting(at, Kind.CHILD, key, id, null, execution.now());
    var child =
        new Ledger.NewRun(
            definition.type(),
            id,
            definition.version(),
            principal(),
            tools.payloads().keep(key, params).json(),
            definition.priority(params),
            execution.claim().run());
    execution.recordChild(waiting, child);
    return waiting;
  }

  private @Nullable Object finished(Entry waiting, Ledger.Arrival arrival, Definition definition) {
    var payloads = execution.tools().payloads();
    if (arrival.failed()) {
      var why = payloads.own(arrival.payload(), ErrorNote.class);
      var note =
          new ErrorNote(
              WorkflowError.Code.CHILD_FAILED,
              "child " + waiting.key() + " failed: " + why.message(),
              waiting.key(),
              true);
      execution.record(ended(waiting, Status.FAILED, null, note), arrival.number());
      throw WorkflowError.of(note);
    }
    execution.record(ended(waiting, Status.DONE, arrival.payload(), null), arrival.number());
    return payloads.childResult(waiting.key(), arrival.payload(), definition.result());
  }

  private static Entry waiting(
      Position at,
      Kind kind,
      String key,
      @Nullable String result,
      @Nullable Instant until,
      Instant startedAt) {
    return new Entry(at, kind, key, Status.WAITING, 0, result, null, null, until, startedAt, null);
  }

  private Entry ended(
      Entry waiting, Status status, @Nullable String result, @Nullable ErrorNote error) {
    return new Entry(
        waiting.at(),
        waiting.kind(),
        waiting.key(),
        status,
        0,
        result,
        null,
        error,
        waiting.dueAt(),
        waiting.startedAt(),
        execution.now());
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
    execution.recordAlong(
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
