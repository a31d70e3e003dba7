package dev.sallyport.data.cron;

import dev.sallyport.data.cron.JobSql.Claim;
import dev.sallyport.data.platform.Transactions;
import java.time.Instant;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a fire, and what its job sees of it. The thread that runs the job calls it, but
 * for {@link #interrupt} and {@link #deadline}.
 */
final class JobRun implements Fire {
  private final Claim claim;
  private final Transactions transactions;
  private final JobSql sql;
  private final LongPredicate isHeld;
  private final long deadline;
  private @Nullable Thread thread;
  private boolean over;
  private boolean done;

  /**
   * @param isHeld whether this worker may still act under an incarnation
   * @param deadline on the monotonic clock
   */
  JobRun(Claim claim, Transactions transactions, JobSql sql, LongPredicate isHeld, long deadline) {
    this.claim = claim;
    this.transactions = transactions;
    this.sql = sql;
    this.isHeld = isHeld;
    this.deadline = deadline;
  }

  /** Another has the claim by now, or may have. */
  static final class Lost extends RuntimeException {
    Lost() {
      super("this worker has lost the fire, another tries again", null, false, false);
    }
  }

  @Override
  public String schedule() {
    return claim.schedule();
  }

  @Override
  public Instant dueAt() {
    return claim.dueAt();
  }

  @Override
  public String id() {
    return Starter.id(claim.schedule(), claim.dueAt());
  }

  @Override
  public int attempt() {
    return claim.attempt();
  }

  @Override
  public boolean manual() {
    return claim.manual();
  }

  @Override
  public String params() {
    return claim.params();
  }

  @Override
  public void done(Effect effect) throws Exception {
    if (done) {
      throw new IllegalStateException("this fire is done already");
    }
    if (!isHeld.test(claim.owner())) {
      throw new Lost();
    }
    transactions.<Boolean, Exception>call(tx -> {
      effect.in(tx);
      if (!sql.complete(tx, claim)) {
        throw new Lost();
      }
      return true;
    });
    done = true;
  }

  /** Whether {@link #done} has recorded it as complete. */
  boolean isDone() {
    return done;
  }

  Claim claim() {
    return claim;
  }

  long deadline() {
    return deadline;
  }

  synchronized void begin() {
    thread = Thread.currentThread();
    if (over) {
      thread.interrupt();
    }
  }

  /** The thread is not this attempt's any more. */
  synchronized void end() {
    thread = null;
    var _ = Thread.interrupted();
  }

  /** Tells the job to stop, once. */
  synchronized boolean interrupt() {
    boolean first = !over;
    over = true;
    if (first && thread != null) {
      thread.interrupt();
    }
    return first;
  }
}
