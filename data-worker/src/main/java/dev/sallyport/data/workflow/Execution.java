package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.data.platform.Tx;
import dev.sallyport.data.workflow.Ledger.Next;
import dev.sallyport.data.workflow.Ledger.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One run in memory: runs its code once, from the beginning, giving recorded results and recording
 * new ones, until it is over, waits, or is taken away. {@link #run} belongs on a virtual thread of
 * its own; the other methods may be called from any that may block.
 */
final class Execution implements Runnable {
  private static final Logger LOG = Logger.getLogger(Execution.class);

  /** How an execution came to its end. */
  enum Departure {
    /** The run is over. */
    ENDED,
    /** It waits, in no memory. */
    RESTS,
    /** Somebody else has it now. */
    LOST,
    /** A commit failed or its fate is unknown: what the database says counts. */
    IN_DOUBT
  }

  /** Whoever executes runs, as one execution sees it. */
  interface Host {
    /** Called once, when nothing more will be written by this execution. */
    void departed(Execution execution, Departure how);

    /** Called after each commit. */
    void changed(Execution execution);

    /** A run has left memory for this time. */
    void rests(Duration time);
  }

  private final Claim claim;
  private final Definition definition;
  private final Tools tools;
  private final Host host;
  private final InstantSource clock;
  private final Journal journal;
  private final Stillness stillness;
  private final AtomicInteger count;
  private final Recollection recollection;
  private final Writes writes;
  private final Set<Attempt> attempts = ConcurrentHashMap.newKeySet();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  /** Guarded by this. */
  private boolean departed;

  /** Why the journal does not fit the code; nothing is recorded after it. */
  private volatile @Nullable WorkflowError diverged;

  /** How the code ended, once it has. */
  private volatile Next.@Nullable End end;

  Execution(Claim claim, Definition definition, Tools tools, Host host) {
    this.claim = claim;
    this.definition = definition;
    this.tools = tools;
    this.host = host;
    this.clock = tools.clockFrom(claim.now());
    this.journal = new Journal(claim.entries());
    this.count = new AtomicInteger(journal.size());
    this.recollection = new Recollection(journal.size() == 0);
    this.writes = new Writes(claim, tools.ledger(), recollection, this::written);
    this.stillness = new Stillness(clock, claim.inbox(), this::rest);
  }

  Claim claim() {
    return claim;
  }

  /** The run as it is now that its end is durable. */
  FinishedRun finished() {
    var last = Objects.requireNonNull(end, "the run has not ended");
    var error = last.error() == null ? null : tools.payloads().json(last.error());
    return new FinishedRun(last.status(), last.output(), error, now(), recollection.all());
  }

  /** To which end the run came, now that it is durable. */
  RunStatus outcome() {
    return Objects.requireNonNull(end, "the run has not ended").status();
  }

  Tools tools() {
    return tools;
  }

  Journal journal() {
    return journal;
  }

  Stillness stillness() {
    return stillness;
  }

  Writes writes() {
    return writes;
  }

  Instant now() {
    return clock.instant();
  }

  @Override
  public void run() {
    enter();
    try {
      var root = new BranchRun(this, "");
      try {
        var result = run(root, tools.payloads().params(claim.params(), definition.params()));
        requireFit();
        var kept = tools.payloads().keep("the result", result);
        end(new Next.End(RunStatus.COMPLETE, kept.json(), null, claim.told()));
      } catch (Leave leave) {
        throw leave;
      } catch (Throwable failure) {
        fail(root, failure);
      }
    } catch (Leave left) {
      LOG.tracef("run %s of %s left memory", claim.id(), claim.type());
    } finally {
      exit();
    }
  }

  @SuppressWarnings("NullAway") // a workflow whose parameters are Void gets null
  private @Nullable Object run(BranchRun root, @Nullable Object params) throws Exception {
    return definition.workflow().run(root, params);
  }

  /** Code that caught a divergence, or asked for less than was recorded, does not fit either. */
  private void requireFit() {
    if (diverged != null) {
      throw diverged;
    }
    journal.requireAllAsked();
  }

  private void fail(BranchRun root, Throwable failure) {
    StepCall.rethrowFatal(failure);
    stillness.leaveIfOver(); // an interrupted thread may throw anything
    var note = note(failure);
    if (note.code() != WorkflowError.Code.DIVERGED) {
      note = root.undoAll(note);
    }
    end(new Next.End(RunStatus.ERRORED, null, note, claim.told()));
  }

  private ErrorNote note(Throwable failure) {
    if (failure instanceof WorkflowError known) {
      return known.note();
    }
    LOG.infof(failure, "run %s of %s failed", claim.id(), claim.type());
    return new ErrorNote(
        WorkflowError.Code.FAILED,
        ErrorNote.describe(failure),
        null,
        !(failure instanceof NonRetryable));
  }

  // ---- threads ----

  /** Each thread of the run says that it begins and ends, so that it can be taken out. */
  void enter() {
    threads.add(Thread.currentThread());
  }

  void exit() {
    threads.remove(Thread.currentThread());
  }

  /** Begins to watch over an attempt's time. */
  void begin(Attempt attempt) {
    attempts.add(attempt);
  }

  void end(Attempt attempt) {
    attempts.remove(attempt);
  }

  /** The attempt that the calling thread makes, or null. */
  @Nullable Attempt attemptHere() {
    return attempts.stream().filter(Attempt::isHere).findAny().orElse(null);
  }

  /** Interrupts attempts whose time is over; leaves behind those that do not heed it. */
  void watch(long nanoTime) {
    for (var attempt : attempts) {
      if (attempt.watch(nanoTime) == Attempt.Watched.IGNORES_INTERRUPT) {
        leaveBehind(attempt);
      }
    }
  }

  /**
   * Records that the attempt failed and goes on with the run elsewhere: its thread may never end.
   */
  private void leaveBehind(Attempt attempt) {
    LOG.warnf(
        "step %s of run %s of %s ignores its timeout and its interrupt: its thread is left behind",
        attempt.of().key(), claim.id(), claim.type());
    var of = attempt.of();
    var now = now();
    var dueAt = of.isLast() ? null : now.plus(of.retry().pause(of.number(), tools.random()));
    var failed = of.failed(of.timeout(), dueAt, now);
    var wait =
        Next.Wait.whateverCame(now, tools.payloads().json(Waiting.view(List.of(of.next(now)))));
    var last = writes.submitLast(failed, wait);
    if (last == null) {
      return;
    }
    var _ = last.whenComplete((outcome, failure) -> depart(how(outcome, failure, Departure.RESTS)));
    stillness.leave();
  }

  /** Looks for what has come, if some branch waits for it. Blocks. */
  void lookForNews() {
    if (stillness.isWaitingForArrivals()) {
      stillness.arrived(tools.ledger().inbox(claim.run()));
    }
  }

  /** Takes the run out of memory: it is somebody else's, or its database is in doubt. */
  void drop(Departure how) {
    stillness.leave();
    threads.forEach(Thread::interrupt);
    depart(how);
  }

  private void depart(Departure how) {
    synchronized (this) {
      if (departed) {
        return;
      }
      departed = true;
    }
    host.departed(this, how);
  }

  // ---- recording ----

  /** What was recorded at this place, or null. */
  @Nullable Entry recall(Position at, Entry.Kind kind, String key) {
    stillness.leaveIfOver();
    if (diverged != null) {
      throw diverged;
    }
    Entry entry;
    try {
      entry = journal.recall(at, kind, key);
    } catch (WorkflowError misfit) {
      diverged = misfit;
      throw misfit;
    }
    if (entry == null && count.incrementAndGet() > tools.entriesMax()) {
      throw WorkflowError.of(
          new ErrorNote(
              WorkflowError.Code.TOO_MANY_STEPS,
              "a run may record at most " + tools.entriesMax() + " entries",
              key,
              false));
    }
    return entry;
  }

  /**
   * Waits until all that was recorded is durable. Comes before everything that has an effect
   * outside.
   *
   * @throws Leave when it was refused or failed
   */
  void barrier() {
    stillness.leaveIfOver();
    if (!tools.isHeld().test(claim.owner())) {
      drop(Departure.LOST);
      throw new Leave();
    }
    require(await(writes.last()));
  }

  /** Does something in a transaction that gives its own record. */
  @FunctionalInterface
  interface Recording {
    Entry run(Tx tx) throws Exception;
  }

  /**
   * Writes rows of the application and their record in one commit; {@link #barrier} comes first.
   */
  void recordWith(Recording recording) throws Exception {
    var before = writes.change(List.of(), new Next.GoOn());
    boolean written = false;
    try {
      var entry = new AtomicReference<@Nullable Entry>();
      var outcome =
          tools
              .ledger()
              .commitWith(tx -> {
                var recorded = recording.run(tx);
                entry.set(recorded);
                return before.with(recorded);
              });
      written = true;
      require(outcome);
      recollection.add(Objects.requireNonNull(entry.get()));
    } catch (StoreFailure e) {
      throw doubt(e);
    } finally {
      if (!written) {
        writes.putBack(before);
      }
    }
    host.changed(this);
  }

  /** Starts a child in the commit that records it. */
  void recordChild(Entry entry, Ledger.NewRun child) {
    barrier();
    try {
      require(
          tools.ledger().commitWithChild(writes.change(List.of(entry), new Next.GoOn()), child));
    } catch (RuntimeException e) {
      throw doubt(e);
    }
    host.changed(this);
  }

  /** After each commit, on the thread that completes it. */
  private void written(@Nullable Outcome outcome, @Nullable Throwable failure) {
    if (outcome == Outcome.FENCE_LOST || failure != null) {
      dropSoon(how(outcome, failure, Departure.LOST));
    } else {
      host.changed(this);
    }
  }

  /** Not on the thread that completes a commit: it may be the event loop, and must not block. */
  private void dropSoon(Departure how) {
    Thread.ofVirtual().start(() -> drop(how));
  }

  private void end(Next.End end) {
    if (end.parent() != null) {
      barrier(); // what tells the parent is a transaction of its own, and must not come first
    }
    this.end = end;
    var _ =
        writes
            .submit(List.of(), end)
            .whenComplete((outcome, failure) -> depart(how(outcome, failure, Departure.ENDED)));
  }

  /** {@link Stillness.Rest}. */
  private Ledger.@Nullable Inbox rest(List<Waiting> all, long seen, List<Entry> entries) {
    var until =
        all.stream()
            .map(Waiting::until)
            .filter(Objects::nonNull)
            .min(Comparator.naturalOrder())
            .orElse(null);
    var why = tools.payloads().json(Waiting.view(all));
    var outcome = await(writes.submit(entries, new Next.Wait(until, why, seen)));
    return switch (outcome) {
      case WRITTEN -> {
        depart(Departure.RESTS);
        if (until != null) {
          host.rests(Duration.between(now(), until));
        }
        yield null;
      }
      case WRITTEN_WITH_NEWS -> tools.ledger().inbox(claim.run());
      case FENCE_LOST -> throw new Leave();
    };
  }

  private static Departure how(
      @Nullable Outcome outcome, @Nullable Throwable failure, Departure well) {
    if (failure != null) {
      return Departure.IN_DOUBT;
    }
    return outcome == Outcome.FENCE_LOST ? Departure.LOST : well;
  }

  private Outcome await(CompletableFuture<Outcome> commit) {
    try {
      return commit.join();
    } catch (CompletionException e) {
      throw doubt(e);
    }
  }

  /** Nobody knows what was written: the code stops here, and what the database says counts. */
  Leave doubt(Throwable failure) {
    LOG.debugf(failure, "run %s of %s is in doubt", claim.id(), claim.type());
    drop(Departure.IN_DOUBT);
    return new Leave();
  }

  private void require(Outcome outcome) {
    if (outcome == Outcome.FENCE_LOST) {
      drop(Departure.LOST);
      throw new Leave();
    }
  }
}
