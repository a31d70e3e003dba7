package dev.sallyport.data.cron;

import dev.sallyport.data.lease.WorkerLease;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.HashSet;
import org.jboss.logging.Logger;

/**
 * Looks after what nobody else does: fires that wait for another to end, jobs that take too long,
 * jobs of dead workers, and the end of the history. Any number of workers may do so at once.
 * Confined to one thread, see {@link Life}.
 */
@Singleton
class Upkeep {
  static final Duration EVERY = Duration.ofMillis(500);

  private static final int DEAD_MAX = 500;
  private static final int SWEEP_MAX = 500;

  /** So that upkeep has time for the rest: 10,000 in ten seconds are more than fire. */
  private static final int SWEEPS_MAX = 20;

  private static final int COUNT_EVERY = 20;

  private static final Logger LOG = Logger.getLogger(Upkeep.class);

  private final Firing firing;
  private final JobRuns runs;
  private final JobSql jobs;
  private final FireSql fires;
  private final ScheduleSql schedules;
  private final WorkerLease lease;
  private final CronMetrics metrics;
  private long waiting;
  private int rounds;

  @Inject
  Upkeep(
      Firing firing,
      JobRuns runs,
      JobSql jobs,
      FireSql fires,
      ScheduleSql schedules,
      WorkerLease lease,
      CronMetrics metrics) {
    this.firing = firing;
    this.runs = runs;
    this.jobs = jobs;
    this.fires = fires;
    this.schedules = schedules;
    this.lease = lease;
    this.metrics = metrics;
  }

  /** Gives whether there is something to begin. */
  boolean round(long me) {
    runs.watch();
    waiting = firing.beginWaiting(waiting);
    boolean ready = takeFromTheDead(me);
    ready |= giveBack(me);
    if (rounds++ % COUNT_EVERY == 0) {
      metrics.overdue(schedules.overdue(Plan.GRACE));
      sweep();
    }
    return ready;
  }

  private void sweep() {
    for (int i = 0; i < SWEEPS_MAX && fires.sweep(SWEEP_MAX) == SWEEP_MAX; i++) {
      LOG.debug("more of the history is old");
    }
  }

  private boolean takeFromTheDead(long me) {
    var owners = new HashSet<>(jobs.owners());
    owners.remove(me);
    var dead = lease.dead(owners);
    if (dead.isEmpty()) {
      return false;
    }
    int taken = jobs.releaseDead(dead, DEAD_MAX);
    if (taken > 0) {
      LOG.infof("%d jobs are taken from workers that died", taken);
    }
    return taken > 0;
  }

  /** Looked at twice, so that one that is just being claimed or ended is not meant. */
  private boolean giveBack(long me) {
    var here = runs.here();
    var nowhere = new HashSet<>(jobs.held(me));
    nowhere.removeAll(here);
    nowhere.removeAll(runs.here());
    if (nowhere.isEmpty()) {
      return false;
    }
    LOG.infof("%d jobs that were lost sight of are queued again", jobs.release(me, nowhere));
    return true;
  }
}
