package dev.sallyport.data.workflow;

import dev.sallyport.data.binding.StrictJson;
import dev.sallyport.data.workflow.Execution.Departure;
import dev.sallyport.model.UuidV7;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Executes runs of a {@link MemoryLedger}: what {@link Engine}, {@link Dispatcher} and {@link Life}
 * are to a real worker, one call after the other. Confined to the test's thread, but for what
 * executions call.
 */
final class MemoryWorker implements Execution.Host {
  /** Longer than anything takes that does not hang. */
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

  private final Payloads payloads = new Payloads(StrictJson.mapper());
  private final MemoryLedger ledger = new MemoryLedger(this::now, payloads);
  private final Script script = new Script(this::look);
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Guarded by the lock, as is the time. */
  private final Map<Execution, Thread> executions = new LinkedHashMap<>();

  private final List<Departure> departures = new ArrayList<>();
  private Instant now = WorkflowHarness.BEGINNING;
  private Registry registry = new Registry(payloads, List.of());
  private @Nullable Ledger over;
  private int entriesMax = Tools.ENTRIES_MAX;

  MemoryLedger ledger() {
    return ledger;
  }

  Script script() {
    return script;
  }

  Registry registry() {
    return registry;
  }

  Payloads payloads() {
    return payloads;
  }

  Instant now() {
    lock.lock();
    try {
      return now;
    } finally {
      lock.unlock();
    }
  }

  private long nanoTime() {
    return Duration.between(WorkflowHarness.BEGINNING, now()).toNanos();
  }

  void offer(List<Workflow<?, ?>> workflows) {
    registry = new Registry(payloads, workflows);
  }

  /** Puts something between executions and their journal. */
  void writeThrough(Ledger ledger) {
    over = ledger;
  }

  void entriesMax(int max) {
    entriesMax = max;
  }

  /** How executions came to their ends, in order. */
  List<Departure> departures() {
    lock.lock();
    try {
      return List.copyOf(departures);
    } finally {
      lock.unlock();
    }
  }

  // ---- what a test does

  long start(Definition definition, String id, String params) {
    return ledger.start(
        new Ledger.NewRun(
            definition.type(),
            id,
            definition.version(),
            "ada",
            params,
            Workflow.USUAL_PRIORITY,
            null));
  }

  /** Executes a run from a journal up to where that ends; no body is run. */
  long load(StoredJournal journal) {
    script.holdAll();
    now = journal.lastMoment();
    long run =
        ledger.start(
            new Ledger.NewRun(
                journal.type(),
                journal.id(),
                journal.version(),
                journal.principal(),
                journal.params(),
                Workflow.USUAL_PRIORITY,
                null));
    ledger.load(
        run,
        journal.generation(),
        journal.entries().stream().map(row -> row.entry(payloads)).toList());
    settle();
    return run;
  }

  void deliver(long run, String event, String payload) {
    ledger.deliver(run, event, payload, false);
    inMemory().stream().filter(each -> each.claim().run() == run).forEach(Execution::lookForNews);
    settle();
  }

  void take(long run, RunStatus status) {
    ledger.take(run, status);
    dropTaken();
    settle();
  }

  void crash() {
    ledger.crash();
    settle();
  }

  void timeOut(String key) {
    var held = script.held(null).stream().filter(each -> each.place.key().equals(key)).toList();
    if (held.isEmpty()) {
      script.timeOut(key);
    } else {
      held.forEach(this::timeOut);
      settle();
    }
  }

  void advance(Duration time) {
    var target = now().plus(time);
    settle();
    for (var next = next(target); next.isPresent(); next = next(target)) {
      moveTo(next.get());
    }
    moveTo(target);
  }

  private void moveTo(Instant moment) {
    lock.lock();
    try {
      now = moment;
    } finally {
      lock.unlock();
    }
    watch();
    settle();
  }

  /** The next moment, up to one, at which something becomes due. */
  private Optional<Instant> next(Instant last) {
    var from = now();
    var timers =
        inMemory().stream()
            .flatMap(each -> each.stillness().still(held(each)).stream())
            .flatMap(List::stream)
            .flatMap(wait -> Optional.ofNullable(wait.until()).stream());
    var deadlines =
        script.held(null).stream()
            .flatMap(each -> Stream.of(each.deadline, each.deadline + Attempt.GRACE.toNanos()))
            .map(WorkflowHarness.BEGINNING::plusNanos);
    return Stream.concat(ledger.nextDue().stream(), Stream.concat(timers, deadlines))
        .filter(moment -> moment.isAfter(from) && !moment.isAfter(last))
        .min(Comparator.naturalOrder());
  }

  /** Twice, as a watch does that comes round again. */
  private void watch() {
    long time = nanoTime();
    for (int round = 0; round < 2; round++) {
      for (var attempt : script.held(null)) {
        if (time >= attempt.deadline && !attempt.isStubborn) {
          script.letGo(attempt);
        }
      }
      inMemory().forEach(each -> each.watch(time));
    }
  }

  private void timeOut(Script.Held attempt) {
    script.letGo(attempt);
    attempt.execution.watch(attempt.deadline);
  }

  // ---- until all is quiet

  /**
   * Does all that can be done now.
   *
   * @throws AssertionError when something hangs
   */
  void settle() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      dropTaken();
      giveBack();
      inMemory().forEach(Execution::lookForNews); // as a worker does every now and then
      boolean isQuiet = isQuiet(); // before there is nothing to claim
      var claim = ledger.claim();
      if (claim.isPresent()) {
        begin(claim.get());
        continue;
      }
      var late = script.held(null).stream().filter(each -> each.timesOut).findFirst();
      if (late.isPresent()) {
        timeOut(late.get());
        continue;
      }
      if (isQuiet) {
        return;
      }
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError(hanging());
      }
      pause();
    }
  }

  private void begin(Claim claim) {
    var definition = registry.find(claim.type(), claim.version()).orElseThrow();
    var tools =
        new Tools(
            over == null ? ledger : over,
            payloads,
            registry,
            new UuidV7(this::now, new Random()),
            moment -> this::now,
            this::nanoTime,
            () -> 0L, // the longest pause of those that jitter may give
            owner -> owner == ledger.incarnation(),
            entriesMax);
    var execution = new Execution(claim, ScriptedRun.scripted(definition, script), tools, this);
    var thread = Thread.ofVirtual().name("run-", claim.run()).unstarted(execution);
    lock.lock();
    try {
      executions.put(execution, thread);
    } finally {
      lock.unlock();
    }
    thread.start();
  }

  List<Execution> inMemory() {
    lock.lock();
    try {
      return List.copyOf(executions.keySet());
    } finally {
      lock.unlock();
    }
  }

  /** What control calls and deaths took away, as notifications and leases tell a real worker. */
  private void dropTaken() {
    for (var execution : inMemory()) {
      var claim = execution.claim();
      if (claim.owner() != ledger.incarnation()
          || ledger.look(claim.run()).fence() != claim.fence()) {
        execution.drop(Departure.LOST);
        script.held(execution).forEach(script::letGo);
      }
    }
  }

  /** What a commit of unknown fate has left, as housekeeping does. */
  private void giveBack() {
    for (long run : ledger.running()) {
      if (inMemory().stream().noneMatch(each -> each.claim().run() == run)) {
        ledger.release(run);
      }
    }
  }

  private boolean isQuiet() {
    return inMemory().stream()
        .allMatch(each -> held(each) > 0 && each.stillness().still(held(each)).isPresent());
  }

  private int held(Execution execution) {
    return script.held(execution).size();
  }

  @SuppressWarnings("WaitNotInLoop") // settle looks again, in a loop
  private void pause() {
    lock.lock();
    try {
      var _ = changed.awaitNanos(LOOK_NANOS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  private void look() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private String hanging() {
    var text = new StringBuilder("these runs neither end nor wait:");
    lock.lock();
    try {
      executions.forEach((execution, thread) -> {
        text.append('\n').append(execution.claim().id());
        for (var frame : thread.getStackTrace()) {
          text.append("\n  at ").append(frame);
        }
      });
    } finally {
      lock.unlock();
    }
    return text.toString();
  }

  // ---- what executions tell

  @Override
  public void departed(Execution execution, Departure how) {
    lock.lock();
    try {
      executions.remove(execution);
      departures.add(how);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void changed(Execution execution) {}

  @Override
  public void rests(Duration time) {}
}
