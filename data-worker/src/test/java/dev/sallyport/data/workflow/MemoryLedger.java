package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.data.platform.Tx;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Keeps runs in memory as {@link PostgresLedger} keeps them in Postgres, and dies when it is told
 * to. Each change is written at once, on the thread that gives it. Thread-safe.
 */
final class MemoryLedger implements Ledger {
  /** A death of the worker beside one of its writes. */
  record Crash(int write, boolean after) {
    @Override
    public String toString() {
      return (after ? "after" : "before") + " write " + write;
    }
  }

  private static final Comparator<Entry> IN_ORDER =
      Comparator.comparing((Entry entry) -> entry.at().branch())
          .thenComparingInt(entry -> entry.at().ordinal());

  private final InstantSource clock;
  private final Payloads payloads;
  private final Map<Long, Row> rows = new TreeMap<>();
  private Predicate<Crash> plan = crash -> false;
  private long incarnation = 1;
  private int writes;

  MemoryLedger(InstantSource clock, Payloads payloads) {
    this.clock = clock;
    this.payloads = payloads;
  }

  /** A row of table {@code workflow.run}, with those of its entries and arrivals. */
  private static final class Row {
    final NewRun made;
    final long pk;
    final Map<Position, Entry> entries = new LinkedHashMap<>();
    final TreeMap<Long, Arrival> arrivals = new TreeMap<>();
    RunStatus status = RunStatus.QUEUED;
    int generation = 1;
    long fence = 1;
    long arrived;
    @Nullable Long owner;
    @Nullable Instant dueAt;
    @Nullable String waitingFor;
    @Nullable String output;
    @Nullable ErrorNote error;

    Row(long pk, NewRun made, Instant now) {
      this.pk = pk;
      this.made = made;
      this.dueAt = now;
    }
  }

  /** How a run is. Immutable. */
  record Seen(
      RunStatus status,
      long fence,
      int generation,
      @Nullable Instant dueAt,
      @Nullable String waitingFor,
      @Nullable String output,
      @Nullable ErrorNote error,
      List<Entry> entries,
      List<Arrival> arrivals) {}

  // ---- for whoever plays the worker and its clients

  /** Asks, before and after each write of an execution, whether the worker dies there. */
  synchronized void crashWhen(Predicate<Crash> plan) {
    this.plan = plan;
  }

  /** How many changes executions have written. */
  synchronized int writes() {
    return writes;
  }

  synchronized long incarnation() {
    return incarnation;
  }

  synchronized long start(NewRun run) {
    return insert(run);
  }

  private long insert(NewRun run) {
    long pk = rows.size() + 1L;
    rows.put(pk, new Row(pk, run, clock.instant()));
    return pk;
  }

  synchronized Seen look(long run) {
    var row = row(run);
    return new Seen(
        row.status,
        row.fence,
        row.generation,
        row.dueAt,
        row.waitingFor,
        row.output,
        row.error,
        row.entries.values().stream().sorted(IN_ORDER).toList(),
        List.copyOf(row.arrivals.values()));
  }

  private Row row(long run) {
    var row = rows.get(run);
    if (row == null) {
      throw new IllegalArgumentException("there is no run " + run);
    }
    return row;
  }

  /** The runs that a type's name and an id belong to, in the order of their start. */
  synchronized List<Long> runs(Predicate<NewRun> of) {
    return rows.values().stream().filter(row -> of.test(row.made)).map(row -> row.pk).toList();
  }

  /** The runs that somebody executes. */
  synchronized List<Long> running() {
    return rows.values().stream()
        .filter(row -> row.status == RunStatus.RUNNING)
        .map(row -> row.pk)
        .toList();
  }

  /** Gives a run back, unless its execution has come to an end meanwhile. */
  synchronized void release(long run) {
    if (row(run).status == RunStatus.RUNNING) {
      take(run, RunStatus.QUEUED);
    }
  }

  /** Claims what is ready or due, the longest due first. */
  synchronized Optional<Claim> claim() {
    var now = clock.instant();
    return rows.values().stream()
        .filter(row -> row.status == RunStatus.QUEUED || row.status == RunStatus.WAITING)
        .filter(row -> row.dueAt != null && !row.dueAt.isAfter(now))
        .min(Comparator.comparing(row -> row.dueAt == null ? Instant.MAX : row.dueAt))
        .map(this::claim);
  }

  private Claim claim(Row row) {
    row.status = RunStatus.RUNNING;
    row.owner = incarnation;
    row.fence++;
    row.dueAt = null;
    row.waitingFor = null;
    return new Claim(
        row.pk,
        row.made.type(),
        row.made.id(),
        row.made.version(),
        row.generation,
        row.made.principal(),
        row.made.params(),
        row.made.parent(),
        incarnation,
        row.fence,
        0,
        clock.instant(),
        List.copyOf(row.entries.values()),
        new Inbox(row.arrived, List.copyOf(row.arrivals.values())));
  }

  /** When the next run goes on by itself. */
  synchronized Optional<Instant> nextDue() {
    return rows.values().stream()
        .filter(row -> row.status == RunStatus.WAITING)
        .flatMap(row -> Optional.ofNullable(row.dueAt).stream())
        .min(Comparator.naturalOrder());
  }

  /** Brings something to a run; nothing happens when that is over. */
  synchronized void deliver(long run, String name, String payload, boolean failed) {
    var row = row(run);
    if (row.status.isFinished()) {
      return;
    }
    row.arrived++;
    row.arrivals.put(row.arrived, new Arrival(row.arrived, name, payload, failed));
    if (row.status == RunStatus.WAITING) {
      row.status = RunStatus.QUEUED;
      row.dueAt = clock.instant();
      row.waitingFor = null;
    }
  }

  /** Takes a run from whoever has it. */
  synchronized void take(long run, RunStatus status) {
    var row = row(run);
    row.fence++;
    row.status = status;
    row.owner = null;
    row.dueAt = status == RunStatus.QUEUED ? clock.instant() : null;
    row.waitingFor = null;
    if (status == RunStatus.TERMINATED) {
      for (var child : rows.values()) {
        if (Long.valueOf(run).equals(child.made.parent()) && !child.status.isFinished()) {
          take(child.pk, status);
        }
      }
      if (row.made.parent() != null) {
        var note = new ErrorNote(WorkflowError.Code.CHILD_FAILED, "it was terminated", null, true);
        deliver(row.made.parent(), Arrival.CHILD_PREFIX + row.made.id(), payloads.json(note), true);
      }
    }
  }

  /** Puts a journal in the place of a run's own. */
  synchronized void load(long run, int generation, List<Entry> journal) {
    var row = row(run);
    row.generation = generation;
    row.entries.clear();
    journal.forEach(entry -> row.entries.put(entry.at(), entry));
  }

  /** What a run was made from. */
  synchronized NewRun made(long run) {
    return row(run).made;
  }

  /** Runs of a worker that is dead are ready for another. */
  synchronized void crash() {
    incarnation++;
    for (var row : rows.values()) {
      if (row.status == RunStatus.RUNNING) {
        take(row.pk, RunStatus.QUEUED);
      }
    }
  }

  // ---- for executions

  @Override
  public CompletionStage<Outcome> commit(Change change) {
    try {
      return CompletableFuture.completedFuture(write(change, () -> {}));
    } catch (StoreFailure e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  @SuppressWarnings("NullAway") // bodies that use their transaction are replaced by ScriptedRun
  public Outcome commitWith(Body body) throws Exception {
    Tx none = null;
    return write(body.run(none), () -> {});
  }

  @Override
  public Outcome commitWithChild(Change change, NewRun child) {
    return write(change, () -> insert(child));
  }

  private synchronized Outcome write(Change change, Runnable besides) {
    if (!isHeld(change)) {
      return Outcome.FENCE_LOST;
    }
    writes++;
    dieIf(new Crash(writes, false));
    besides.run();
    var outcome = apply(change);
    dieIf(new Crash(writes, true));
    return outcome;
  }

  private void dieIf(Crash crash) {
    if (plan.test(crash)) {
      crash();
      throw StoreFailure.of(new IOException("crash " + crash));
    }
  }

  private boolean isHeld(Change change) {
    var row = row(change.run());
    return row.fence == change.fence() && row.status == RunStatus.RUNNING;
  }

  private Outcome apply(Change change) {
    var row = row(change.run());
    for (var entry : change.entries()) {
      row.entries.merge(entry.at(), kept(entry), MemoryLedger::later);
    }
    change.consumed().forEach(row.arrivals::remove);
    return switch (change.next()) {
      case Next.GoOn() -> Outcome.WRITTEN;
      case Next.Wait wait -> {
        if (row.arrived > wait.seen()) {
          yield Outcome.WRITTEN_WITH_NEWS;
        }
        row.status = RunStatus.WAITING;
        row.owner = null;
        row.dueAt = wait.until();
        row.waitingFor = wait.why();
        yield Outcome.WRITTEN;
      }
      case Next.End end -> {
        row.status = end.status();
        row.owner = null;
        row.output = end.output();
        row.error = end.error();
        tell(end);
        yield Outcome.WRITTEN;
      }
    };
  }

  private void tell(Next.End end) {
    if (end.parent() != null) {
      var payload = end.error() == null ? end.output() : payloads.json(end.error());
      deliver(
          end.parent().run(),
          Arrival.CHILD_PREFIX + end.parent().child(),
          payload == null ? "null" : payload,
          end.error() != null);
    }
  }

  /** As it comes back from a database. */
  private Entry kept(Entry entry) {
    var error = entry.error();
    return new Entry(
        entry.at(),
        entry.kind(),
        entry.key(),
        entry.status(),
        entry.attempts(),
        entry.result(),
        entry.shape(),
        error == null ? null : payloads.own(payloads.json(error), ErrorNote.class),
        entry.dueAt(),
        entry.startedAt(),
        entry.endedAt());
  }

  /** What an upsert leaves of both. */
  private static Entry later(Entry there, Entry written) {
    return new Entry(
        there.at(),
        there.kind(),
        there.key(),
        written.status(),
        written.attempts(),
        written.result(),
        written.shape(),
        written.error(),
        written.dueAt(),
        there.startedAt(),
        written.endedAt());
  }

  @Override
  public synchronized Inbox inbox(long run) {
    var row = row(run);
    return new Inbox(row.arrived, new ArrayList<>(row.arrivals.values()));
  }
}
