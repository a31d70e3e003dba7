package dev.sallyport.data.workflow;

import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import dev.sallyport.data.workflow.ControlSql.Held;
import dev.sallyport.model.ProblemType;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Pauses, resumes, ends and repeats runs. Each call is one transaction under the run's lock, which
 * takes the run from whoever executes it. Thread-safe; blocks.
 */
@Singleton
class Controls {
  /** What can be done to a run without saying more. */
  enum Action {
    PAUSE,
    RESUME,
    TERMINATE,
    RESTART,
    RETRY;

    String wire() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Whether a run of this status can be asked for it. */
    boolean fits(RunStatus status) {
      return switch (this) {
        case PAUSE -> !status.isFinished() && status != RunStatus.PAUSED;
        case RESUME -> status == RunStatus.PAUSED;
        case TERMINATE -> !status.isFinished();
        case RESTART -> true;
        case RETRY -> status == RunStatus.ERRORED;
      };
    }

    private String needs() {
      return switch (this) {
        case PAUSE -> "is not over and not paused";
        case RESUME -> "is paused";
        case TERMINATE -> "is not over";
        case RESTART -> "exists";
        case RETRY -> "is errored";
      };
    }
  }

  private static final ErrorNote TERMINATED =
      new ErrorNote(WorkflowError.Code.FAILED, "it was terminated", null, true);

  private final Transactions transactions;
  private final ControlSql sql;
  private final JournalSql journal;
  private final Payloads payloads;
  private final Engine engine;
  private final Followers followers;

  @Inject
  Controls(
      Transactions transactions,
      ControlSql sql,
      JournalSql journal,
      Payloads payloads,
      Engine engine,
      Followers followers) {
    this.transactions = transactions;
    this.sql = sql;
    this.journal = journal;
    this.payloads = payloads;
    this.engine = engine;
    this.followers = followers;
  }

  /** What was done, for those in this worker who follow; notifications tell the engines. */
  private record Done(long pk, boolean queued, List<Long> ended) {}

  /**
   * Does it.
   *
   * @param type of a run that the caller may control
   * @throws Refusal 404 when it is gone, 409 when its status does not allow it
   */
  void act(Action action, String type, String id) {
    var done = transactions.call(tx -> act(tx, action, type, id));
    done.ended().forEach(followers::ended);
    followers.changed(done.pk());
    if (done.queued()) {
      engine.kick();
    }
  }

  private Done act(Tx tx, Action action, String type, String id) {
    var found = sql.find(tx, type, id).orElseThrow(Reach::noRun);
    if (action == Action.TERMINATE && found.parent() != null) {
      journal.lock(tx, found.parent()); // parents before children
    }
    var held = sql.lock(tx, found.pk()).orElseThrow(Reach::noRun);
    if (!action.fits(held.status())) {
      throw conflict(
          "The run is "
              + held.status().wire()
              + "; "
              + action.wire()
              + " needs one that "
              + action.needs()
              + ".");
    }
    return switch (action) {
      case PAUSE -> moved(tx, held, RunStatus.PAUSED);
      case RESUME -> moved(tx, held, RunStatus.QUEUED);
      case TERMINATE -> terminated(tx, held);
      case RESTART -> restarted(tx, held);
      case RETRY -> retried(tx, held);
    };
  }

  private Done moved(Tx tx, Held run, RunStatus to) {
    sql.move(tx, run.pk(), to);
    return done(tx, run, to == RunStatus.QUEUED, new ControlSql.Terminated(List.of(), List.of()));
  }

  private Done terminated(Tx tx, Held run) {
    sql.move(tx, run.pk(), RunStatus.TERMINATED);
    if (run.parent() != null) {
      journal.deliver(
          tx,
          run.parent(),
          Ledger.Arrival.CHILD_PREFIX + run.id(),
          payloads.json(TERMINATED),
          true);
    }
    var children = sql.terminateChildren(tx, run.pk());
    var all = new ArrayList<>(children.all());
    all.add(run.pk());
    return done(tx, run, false, new ControlSql.Terminated(all, children.executed()));
  }

  private Done restarted(Tx tx, Held run) {
    sql.beginAnew(tx, run.pk());
    return done(tx, run, true, sql.terminateChildren(tx, run.pk()));
  }

  private Done retried(Tx tx, Held run) {
    if (sql.hasUndo(tx, run)) {
      throw conflict("A rollback of this run has begun; restart it instead.");
    }
    sql.forget(tx, run, whatEndedIt(tx, run));
    sql.tryAgain(tx, run.pk());
    return done(tx, run, true, new ControlSql.Terminated(List.of(), List.of()));
  }

  /**
   * The failed entry that the run's error names, and those that failed in branches beside it. What
   * failed and was caught stays: the code has gone another way since.
   */
  private List<Position> whatEndedIt(Tx tx, Held run) {
    var error = run.error() == null ? null : payloads.own(run.error(), ErrorNote.class);
    if (error == null || error.step() == null) {
      return List.of();
    }
    var failed = sql.lastFailed(tx, run);
    var named = failed.stream().filter(one -> one.key().equals(error.step())).findFirst();
    return named.stream()
        .flatMap(one ->
            failed.stream()
                .map(ControlSql.Failed::at)
                .filter(at -> at.equals(one.at()) || areSiblings(at.branch(), one.at().branch())))
        .toList();
  }

  /** Whether these are two branches of one {@link Run#all}: {@code 2.0} and {@code 2.1}. */
  private static boolean areSiblings(String one, String other) {
    int dot = one.lastIndexOf('.');
    return dot >= 0
        && other.lastIndexOf('.') == dot
        && one.regionMatches(0, other, 0, dot)
        && !one.equals(other);
  }

  private Done done(Tx tx, Held run, boolean queued, ControlSql.Terminated others) {
    var lost = new ArrayList<>(others.executed());
    if (run.status() == RunStatus.RUNNING) {
      lost.add(run.pk());
    }
    var messages = ControlSql.lost(lost);
    sql.tell(tx, queued ? ControlSql.and(messages, ClaimSql.READY) : messages);
    return new Done(run.pk(), queued, others.all());
  }

  static Refusal conflict(String why) {
    return Refusal.of(ProblemType.CONFLICT, why);
  }
}
