package dev.sallyport.data.workflow;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One attempt of a step under way. Thread-safe. */
final class Attempt {
  /** How long a thread may take to heed its interrupt before the run goes on without it. */
  static final Duration GRACE = Duration.ofSeconds(5);

  /** What a watch found. */
  enum Watched {
    FINE,
    IGNORES_INTERRUPT
  }

  /** What the attempt belongs to. */
  record Of(Position at, Entry.Kind kind, String key, Retry retry, int number, Instant startedAt) {
    /** The step's entry after this attempt failed. */
    Entry failed(ErrorNote note, @Nullable Instant dueAt, Instant now) {
      return new Entry(
          at,
          kind,
          key,
          dueAt == null ? Entry.Status.FAILED : Entry.Status.RETRYING,
          number,
          null,
          null,
          note,
          dueAt,
          startedAt,
          dueAt == null ? now : null);
    }

    Entry done(Payloads.Kept kept, Instant now) {
      return new Entry(
          at,
          kind,
          key,
          Entry.Status.DONE,
          number,
          kept.json(),
          kept.shape(),
          null,
          null,
          startedAt,
          now);
    }

    Waiting next(Instant dueAt) {
      return new Waiting.Attempt(key, number + 1, dueAt);
    }

    boolean isLast() {
      return number >= retry.attempts();
    }

    ErrorNote timeout() {
      return note("no result within " + retry.attemptTimeout());
    }

    ErrorNote note(String what) {
      var tries = number == 1 ? "" : " after " + number + " attempts";
      return new ErrorNote(
          WorkflowError.Code.STEP_FAILED,
          "step " + key + " failed" + tries + ": " + what,
          key,
          true);
    }
  }

  private final Of of;
  private final Thread thread = Thread.currentThread();
  private final long deadline;
  private boolean over;
  private boolean timedOut;
  private boolean leftBehind;

  /** Begins on the calling thread. */
  Attempt(Of of, long nanoTime) {
    this.of = of;
    this.deadline = nanoTime + of.retry().attemptTimeout().toNanos();
  }

  Of of() {
    return of;
  }

  /** Whether it is the calling thread's. */
  boolean isHere() {
    return thread.equals(Thread.currentThread());
  }

  /** Interrupts the thread when its time is over; tells, once, when it went on regardless. */
  synchronized Watched watch(long nanoTime) {
    if (over || leftBehind || nanoTime - deadline < 0) {
      return Watched.FINE;
    }
    if (!timedOut) {
      timedOut = true;
      thread.interrupt();
      return Watched.FINE;
    }
    if (nanoTime - deadline < GRACE.toNanos()) {
      return Watched.FINE;
    }
    leftBehind = true;
    return Watched.IGNORES_INTERRUPT;
  }

  /**
   * Its body has given a result: from here on it is not left behind.
   *
   * @throws Leave when it was, so that the result does not count
   */
  synchronized void returned() {
    var _ = over();
    if (leftBehind) {
      throw new Leave();
    }
  }

  /** Its body is run once more, within the same time. */
  synchronized void repeats() {
    over = false;
  }

  /** Whether the run goes on elsewhere without it. */
  synchronized boolean isLeftBehind() {
    return leftBehind;
  }

  /**
   * Ends it; an interrupt that was meant for it does not reach what follows.
   *
   * @return whether its time was over
   */
  synchronized boolean over() {
    over = true;
    if (timedOut) {
      var _ = Thread.interrupted();
    }
    return timedOut;
  }
}
