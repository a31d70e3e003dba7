package dev.sallyport.data.workflow;

import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One call of a step, a transaction or an undo: gives what was recorded, or makes attempts until
 * one succeeds or the last has failed. Confined to its branch's thread.
 *
 * @param <T> the step's result
 */
final class StepCall<T extends @Nullable Object> {
  private static final Logger LOG = Logger.getLogger(StepCall.class);

  /** Does the work and records it; gives what a replay would see. */
  @FunctionalInterface
  interface Work<T extends @Nullable Object> {
    T run(Attempt attempt) throws Exception;
  }

  private final Execution execution;
  private final BranchRun branch;
  private final Position at;
  private final Entry.Kind kind;
  private final String key;
  private final Retry retry;

  StepCall(BranchRun branch, Position at, Entry.Kind kind, String key, Retry retry) {
    this.execution = branch.execution();
    this.branch = branch;
    this.at = at;
    this.kind = kind;
    this.key = key;
    this.retry = retry;
  }

  /** A step whose result is recorded after it. */
  T call(Callable<T> body) {
    return run(attempt -> {
      var value = body.call();
      attempt.returned();
      var payloads = execution.tools().payloads();
      var kept = payloads.keep(key, value);
      var seen = payloads.asReplayed(key, value, kept);
      execution.writes().record(attempt.of().done(kept, execution.now()));
      return cast(seen);
    });
  }

  /** A step whose result is recorded in the commit of its rows. */
  T call(Run.InTransaction<T> body) {
    return run(attempt -> {
      var payloads = execution.tools().payloads();
      var seen = new AtomicReference<@Nullable Object>();
      execution.recordWith(tx -> {
        attempt.repeats(); // a transaction in vain is run again
        var value = body.run(tx);
        attempt.returned();
        var kept = payloads.keep(key, value);
        seen.set(payloads.asReplayed(key, value, kept));
        return attempt.of().done(kept, execution.now());
      });
      return cast(seen.get());
    });
  }

  private T run(Work<T> work) {
    int failures = 0;
    var startedAt = execution.now();
    var recorded = execution.recall(at, kind, key);
    if (recorded != null) {
      switch (recorded.status()) {
        case DONE -> {
          return cast(
              execution
                  .tools()
                  .payloads()
                  .read(key, String.valueOf(recorded.result()), recorded.shape()));
        }
        case FAILED -> throw WorkflowError.of(error(recorded));
        case RETRYING, WAITING -> {
          failures = recorded.attempts();
          startedAt = recorded.startedAt();
          if (recorded.dueAt() != null) {
            var _ =
                execution
                    .stillness()
                    .await(
                        new Waiting.Attempt(key, failures + 1, recorded.dueAt()), null, () -> {});
          }
        }
      }
    }
    while (true) {
      var attempt = new Attempt.Of(at, kind, key, retry, failures + 1, startedAt);
      execution.barrier();
      try {
        return once(attempt, work);
      } catch (Failed failed) {
        failures++;
        again(attempt, failed);
      }
    }
  }

  private T once(Attempt.Of of, Work<T> work) throws Failed {
    var attempt = new Attempt(of, execution.tools().nanoTime().getAsLong());
    branch.begin(attempt);
    boolean timedOut = false;
    try {
      try {
        return work.run(attempt);
      } finally {
        timedOut = attempt.over();
        branch.end(attempt);
      }
    } catch (Leave leave) {
      throw leave;
    } catch (Throwable failure) {
      execution.stillness().leaveIfOver(); // interrupted to be taken out, it may throw anything
      if (attempt.isLeftBehind()) {
        throw new Leave();
      }
      throw failed(of, failure, timedOut);
    }
  }

  private static Failed failed(Attempt.Of of, Throwable failure, boolean timedOut) {
    rethrowFatal(failure);
    if (failure instanceof WorkflowError unkeepable) {
      return new Failed(unkeepable.note(), true);
    }
    if (timedOut) {
      return new Failed(of.timeout(), false);
    }
    LOG.debugf(failure, "attempt %d of step %s failed", of.number(), of.key());
    return new Failed(of.note(ErrorNote.describe(failure)), failure instanceof NonRetryable);
  }

  /** What no run may outlive; a stack that overflowed has unwound. */
  static void rethrowFatal(Throwable failure) {
    if (failure instanceof VirtualMachineError fatal && !(failure instanceof StackOverflowError)) {
      throw fatal;
    }
  }

  /** Waits for the next attempt, or gives up. */
  private void again(Attempt.Of attempt, Failed failed) {
    var now = execution.now();
    if (failed.isFinal || attempt.isLast()) {
      var entry = attempt.failed(failed.note, null, now);
      execution.writes().record(entry);
      throw WorkflowError.of(failed.note);
    }
    var dueAt = now.plus(retry.pause(attempt.number(), execution.tools().random()));
    var entry = attempt.failed(failed.note, dueAt, now);
    if (!execution
        .stillness()
        .await(attempt.next(dueAt), entry, () -> execution.writes().record(entry))) {
      execution.writes().record(entry);
    }
  }

  static ErrorNote error(Entry failed) {
    var note = failed.error();
    if (note == null) {
      throw new IllegalStateException("a failed entry has no error: " + failed.key());
    }
    return note;
  }

  @SuppressWarnings({"unchecked", "NullAway"}) // the journal gives back what the same call put in
  private T cast(@Nullable Object value) {
    return (T) value;
  }

  /** An attempt that failed. */
  private static final class Failed extends Exception {
    private final transient ErrorNote note;
    private final boolean isFinal;

    Failed(ErrorNote note, boolean isFinal) {
      super(note.message(), null, false, false);
      this.note = note;
      this.isFinal = isFinal;
    }
  }
}
