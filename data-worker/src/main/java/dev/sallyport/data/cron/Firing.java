package dev.sallyport.data.cron;

import dev.sallyport.data.binding.Refusal;
import dev.sallyport.data.cron.FireSql.Going;
import dev.sallyport.data.cron.FireSql.NewFire;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import dev.sallyport.model.ProblemType;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Fires schedules that are due. Whoever has locked a schedule's row writes the row of its fire,
 * starts what it is for and sets when it is due next, all in one transaction: so there is one fire
 * for each time, wherever a worker stops. Any number of workers may do so at once. Thread-safe;
 * blocks.
 */
@Singleton
class Firing {
  /** How many schedules one transaction deals with, so that others get some and it is short. */
  static final int BATCH_MAX = 50;

  private static final long KEEP_FIRES = 1000;
  private static final Duration KEEP_MIN = Duration.ofHours(1);
  private static final Duration KEEP_MAX = Duration.ofDays(30);

  private static final Logger LOG = Logger.getLogger(Firing.class);

  private final Transactions transactions;
  private final ScheduleSql schedules;
  private final FireSql fires;
  private final Starter starter;
  private final Servers servers;
  private final CronMetrics metrics;

  @Inject
  Firing(
      Transactions transactions,
      ScheduleSql schedules,
      FireSql fires,
      Starter starter,
      Servers servers,
      CronMetrics metrics) {
    this.transactions = transactions;
    this.schedules = schedules;
    this.fires = fires;
    this.starter = starter;
    this.servers = servers;
    this.metrics = metrics;
  }

  /** One fire that was made. */
  record Fired(NewFire fire, Duration lag) {}

  /**
   * What a batch has done.
   *
   * @param seen how many schedules were due
   */
  record Done(int seen, List<Fired> fired, boolean queued) {}

  /** Fires all that is due; gives how long until the next is, as far as is known. */
  Duration round(Duration longest) {
    int seen;
    do {
      seen = batch();
    } while (seen == BATCH_MAX && !Thread.currentThread().isInterrupted());
    var next = schedules.next(servers.all()).orElse(longest);
    // What is due now, but was locked, is in somebody's hands.
    return next.isNegative() || next.compareTo(longest) > 0 ? longest : next;
  }

  private int batch() {
    try {
      return done(transactions.call(tx -> batch(tx, BATCH_MAX, null)));
    } catch (StatementRefused e) {
      return oneByOne(e);
    }
  }

  /** Lets those before and after the one that Postgres refuses fire all the same. */
  private int oneByOne(StatementRefused why) {
    LOG.errorf(why, "of %d schedules one cannot be started", BATCH_MAX);
    for (int i = 0; i < BATCH_MAX; i++) {
      var first = transactions.call(tx -> schedules.lockDue(tx, servers.all(), 1));
      if (first.isEmpty()) {
        return 0;
      }
      try {
        done(transactions.call(tx -> batch(tx, 1, null)));
      } catch (StatementRefused e) {
        long refused = first.getFirst().pk();
        done(transactions.call(tx -> batch(tx, 1, refused)));
      }
    }
    return BATCH_MAX;
  }

  private int done(Done done) {
    done.fired().forEach(one -> metrics.fired(one.fire(), one.lag()));
    return done.seen();
  }

  /**
   * Fires what is due in this transaction.
   *
   * @param refused a schedule that is not started but fails; null for none
   */
  Done batch(Tx tx, int max, @Nullable Long refused) {
    var due = schedules.lockDue(tx, servers.all(), max);
    if (due.isEmpty()) {
      return new Done(0, List.of(), false);
    }
    var going = fires.going(tx, due.stream().map(ScheduleRow::pk).toList());
    var all = new ArrayList<Begin>();
    var advances = new ArrayList<ScheduleSql.Advance>();
    for (var row : due) {
      var begun = new ArrayList<Begin>();
      var plan = plan(row);
      begin(tx, row, plan, going.getOrDefault(row.pk(), Going.NOTHING), begun);
      all.addAll(begun);
      advances.add(advance(row, plan.next(), begun));
    }
    boolean queued = write(tx, all, refused);
    schedules.advance(tx, advances);
    if (queued) {
      schedules.wake(tx);
    }
    var fired = all.stream().map(one -> new Fired(one.fire(), lag(one))).toList();
    return new Done(due.size(), fired, queued);
  }

  private static Duration lag(Begin one) {
    var row = one.row();
    return Duration.between(
        one.fire().dueAt().plus(Jitter.of(row.schedule(), row.name(), one.fire().dueAt())),
        row.now());
  }

  private static Plan plan(ScheduleRow row) {
    var schedule = row.schedule();
    var dueAt = Objects.requireNonNull(row.dueAt());
    var late = Jitter.of(schedule, row.name(), dueAt);
    return Plan.of(schedule.timing(), schedule.missed(), dueAt, late, row.now());
  }

  /** A fire, and of what. */
  private record Begin(ScheduleRow row, NewFire fire) {
    boolean starts() {
      return fire.status() == Starter.begun(row.schedule().target());
    }
  }

  private void begin(Tx tx, ScheduleRow row, Plan plan, Going before, List<Begin> all) {
    long keep = keepSeconds(row, plan.next());
    if (plan.fires().isEmpty() && plan.lastMissed() != null) {
      all.add(fire(row, plan.lastMissed(), false, FireStatus.MISSED, plan.missed(), keep));
    }
    boolean waiting = before.waiting();
    boolean going = before.going() || waiting || runs(tx, row);
    int missed = plan.missed();
    for (var dueAt : plan.fires()) {
      var status = status(row.schedule(), going, waiting);
      all.add(fire(row, dueAt, false, status, missed, keep));
      going = true;
      waiting |= status == FireStatus.WAITING;
      missed = 0;
    }
  }

  private boolean runs(Tx tx, ScheduleRow row) {
    return row.schedule().overlap() != Overlap.ALLOW
        && row.lastRun() != null
        && starter.isGoing(tx, row.schedule().target(), row.lastRun());
  }

  private static FireStatus status(Schedule schedule, boolean going, boolean waiting) {
    // A message is sent, and that is all of it.
    if (!going || schedule.target() instanceof Target.Queue) {
      return Starter.begun(schedule.target());
    }
    return switch (schedule.overlap()) {
      case ALLOW -> Starter.begun(schedule.target());
      case WAIT -> waiting ? FireStatus.SKIPPED : FireStatus.WAITING;
      case SKIP -> FireStatus.SKIPPED;
    };
  }

  private static Begin fire(
      ScheduleRow row, Instant dueAt, boolean manual, FireStatus status, int missed, long keep) {
    var target = row.schedule().target();
    boolean starts = status == FireStatus.STARTED || status == FireStatus.SENT;
    return new Begin(
        row,
        new NewFire(
            row.pk(),
            dueAt,
            manual,
            status,
            missed,
            target.server(),
            status.isFinished() ? null : ScheduleSql.payload(target),
            starts ? Starter.id(row.name(), dueAt) : null,
            keep));
  }

  /** About as long as {@link #KEEP_FIRES} of this schedule come. */
  private static long keepSeconds(ScheduleRow row, @Nullable Instant next) {
    if (next == null || row.dueAt() == null) {
      return KEEP_MAX.toSeconds();
    }
    long apart = Math.max(0, Duration.between(row.dueAt(), next).toSeconds());
    return Math.clamp(
        Math.min(apart, KEEP_MAX.toSeconds()) * KEEP_FIRES,
        KEEP_MIN.toSeconds(),
        KEEP_MAX.toSeconds());
  }

  private static ScheduleSql.Advance advance(
      ScheduleRow row, @Nullable Instant next, List<Begin> begun) {
    var run =
        begun.stream()
            .filter(one -> one.fire().status() == FireStatus.STARTED)
            .reduce((one, later) -> later)
            .map(one -> one.fire().run())
            .orElse(null);
    var fireAt = next == null ? null : next.plus(Jitter.of(row.schedule(), row.name(), next));
    return new ScheduleSql.Advance(row.pk(), next, fireAt, run);
  }

  /** Writes fires and starts what is new; gives whether a job is ready. */
  private boolean write(Tx tx, List<Begin> all, @Nullable Long refused) {
    var made = fires.insert(tx, all.stream().map(Begin::fire).toList());
    boolean queued = false;
    for (var one : all) {
      var pk = made.get(one.fire().key());
      if (pk == null || !one.starts()) {
        continue;
      }
      var row = one.row();
      try {
        if (refused != null && refused == row.pk()) {
          throw new IllegalArgumentException("Postgres refused what it starts");
        }
        starter.start(tx, row.name(), one.fire().dueAt(), row.schedule().target());
        queued |= one.fire().status() == FireStatus.QUEUED;
      } catch (IllegalArgumentException e) {
        LOG.warnf("schedule %s cannot be started: %s", row.name(), e.getMessage());
        fires.failed(tx, pk, String.valueOf(e.getMessage()));
        metrics.failed();
      }
    }
    return queued;
  }

  /**
   * Fires a schedule now, because a person says so.
   *
   * @return the number of the fire
   * @throws Refusal 404 where there is none, 409 where what it started before goes on
   */
  long now(String name) {
    return transactions.call(tx -> {
      var row =
          schedules
              .lock(tx, name)
              .orElseThrow(() -> Refusal.of(ProblemType.NOT_FOUND, "There is no such schedule."));
      var before = fires.going(tx, List.of(row.pk())).getOrDefault(row.pk(), Going.NOTHING);
      boolean going = before.going() || before.waiting() || runs(tx, row);
      var status = status(row.schedule(), going, before.waiting());
      if (status == FireStatus.SKIPPED) {
        throw Refusal.of(
            ProblemType.CONFLICT, "What it started before has not ended, and is not to overlap.");
      }
      var one = fire(row, row.now(), true, status, 0, KEEP_MAX.toSeconds());
      var made = fires.insert(tx, List.of(one.fire()));
      long pk = Objects.requireNonNull(made.get(one.fire().key()));
      if (one.starts()) {
        startNow(tx, row);
      }
      if (one.fire().status() == FireStatus.STARTED) {
        schedules.ran(tx, row.pk(), Objects.requireNonNull(one.fire().run()));
      }
      schedules.wake(tx);
      return pk;
    });
  }

  private void startNow(Tx tx, ScheduleRow row) {
    try {
      starter.start(tx, row.name(), row.now(), row.schedule().target());
    } catch (IllegalArgumentException e) {
      throw Refusal.of(ProblemType.CONFLICT, "It cannot be started: " + e.getMessage() + ".");
    }
  }

  /**
   * Begins fires that wait where the one before has ended, a batch of them.
   *
   * @param after the last that was looked at
   * @return the last that was looked at now; 0 at the end
   */
  long beginWaiting(long after) {
    return transactions.call(tx -> {
      var waiting = fires.lockWaiting(tx, after, servers.all(), BATCH_MAX);
      var going = fires.going(tx, waiting.stream().map(FireSql.Waiting::schedule).toList());
      boolean queued = false;
      for (var one : waiting) {
        var target = target(one);
        boolean goes =
            going.getOrDefault(one.schedule(), Going.NOTHING).going()
                || (one.lastRun() != null && starter.isGoing(tx, target, one.lastRun()));
        if (!goes) {
          queued |= beginOne(tx, one, target);
        }
      }
      if (queued) {
        schedules.wake(tx);
      }
      return waiting.size() < BATCH_MAX ? 0 : waiting.getLast().pk();
    });
  }

  /** What was to be started when it began to wait. */
  private static Target target(FireSql.Waiting one) {
    var name = one.server().substring(one.server().indexOf(' ') + 1);
    return one.server().startsWith("workflow ")
        ? new Target.Workflow(name, one.payload())
        : new Target.Job(name, one.payload());
  }

  private boolean beginOne(Tx tx, FireSql.Waiting one, Target target) {
    var status = Starter.begun(target);
    var run = status == FireStatus.STARTED ? Starter.id(one.name(), one.dueAt()) : null;
    try {
      starter.start(tx, one.name(), one.dueAt(), target);
    } catch (IllegalArgumentException e) {
      fires.failed(tx, one.pk(), String.valueOf(e.getMessage()));
      return false;
    }
    fires.begin(tx, one.pk(), status, run);
    if (run != null) {
      schedules.ran(tx, one.schedule(), run);
    }
    return status == FireStatus.QUEUED;
  }
}
