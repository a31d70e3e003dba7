package dev.sallyport.data.cron;

import dev.sallyport.data.cron.JobSql.Claim;
import dev.sallyport.data.lease.WorkerLease;
import dev.sallyport.data.platform.StatementRefused;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.data.platform.Ticker;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.WorkerId;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Executes jobs that have fired: claims them as long as there is room, each on a virtual thread.
 * Thread-safe.
 */
@Singleton
class JobRuns {
  private static final int BATCH_MAX = 32;
  private static final int ERROR_LENGTH_MAX = 500;
  private static final Logger LOG = Logger.getLogger(JobRuns.class);

  private final Jobs jobs;
  private final List<String> servers;
  private final JobSql sql;
  private final Transactions transactions;
  private final LongPredicate isHeld;
  private final Ticker ticker;
  private final String worker;
  private final Semaphore places;
  private final CronMetrics metrics;
  private final Map<Long, JobRun> runs = new ConcurrentHashMap<>();
  private volatile Runnable onRoom = () -> {};

  @Inject
  JobRuns(
      Jobs jobs,
      Servers servers,
      JobSql sql,
      Transactions transactions,
      WorkerLease lease,
      Ticker ticker,
      WorkerId id,
      CronSettings settings,
      CronMetrics metrics,
      MeterRegistry registry) {
    this(
        jobs,
        servers.jobs(),
        sql,
        transactions,
        lease::isHeld,
        ticker,
        id.value(),
        settings.jobs(),
        metrics);
    Gauge.builder("sallyport.cron.executing.jobs", runs, Map::size)
        .description("Jobs that this worker executes")
        .register(registry);
  }

  JobRuns(
      Jobs jobs,
      List<String> servers,
      JobSql sql,
      Transactions transactions,
      LongPredicate isHeld,
      Ticker ticker,
      String worker,
      int atOnce,
      CronMetrics metrics) {
    this.jobs = jobs;
    this.servers = servers;
    this.sql = sql;
    this.transactions = transactions;
    this.isHeld = isHeld;
    this.ticker = ticker;
    this.worker = worker;
    this.places = new Semaphore(atOnce);
    this.metrics = metrics;
  }

  /** Is called when there is room again for one more; set once, before the first round. */
  void onRoom(Runnable listener) {
    onRoom = listener;
  }

  /** Begins what is ready while there is room; gives how long until something is, if known. */
  Duration round(long owner, Duration longest) {
    if (servers.isEmpty()) {
      return longest;
    }
    int room;
    int taken;
    do {
      room = Math.min(places.availablePermits(), BATCH_MAX);
      if (room == 0) {
        return longest;
      }
      var claims = sql.claim(owner, worker, servers, room);
      claims.forEach(this::begin);
      taken = claims.size();
    } while (taken == room);
    var next = sql.next(servers).orElse(longest);
    return next.isNegative() || next.compareTo(longest) > 0 ? longest : next;
  }

  private void begin(Claim claim) {
    var job = jobs.find(claim.job()).orElseThrow();
    long deadline = ticker.nanos() + job.options().timeout().toNanos();
    var run = new JobRun(claim, transactions, sql, isHeld, deadline);
    runs.put(claim.pk(), run);
    // Only this thread takes places, and it has counted them.
    places.acquireUninterruptibly();
    Thread.ofVirtual()
        .name("cron-job-" + claim.schedule())
        .start(() -> {
          try {
            execute(run, job);
          } finally {
            runs.remove(claim.pk(), run);
            places.release();
            onRoom.run();
          }
        });
  }

  private void execute(JobRun run, Jobs.Declared job) {
    var claim = run.claim();
    run.begin();
    try {
      if (claim.attempt() > job.options().attempts()) {
        run.end();
        failed(run, job, "it was executed by workers that died, the last of its attempts too");
        return;
      }
      job.job().run(run);
      run.end();
      if (run.isDone() || sql.complete(claim)) {
        metrics.count(FireStatus.COMPLETE);
      } else {
        lost(claim);
      }
    } catch (JobRun.Lost e) {
      run.end();
      lost(claim);
    } catch (Throwable e) { // whatever the job throws, also an error of its own
      run.end();
      if (run.isDone()) {
        LOG.warnf(e, "job %s failed after it was done", job.name());
        metrics.count(FireStatus.COMPLETE);
      } else {
        LOG.warnf(e, "attempt %d of job %s failed", claim.attempt(), job.name());
        failed(run, job, describe(e));
      }
    }
  }

  private static void lost(Claim claim) {
    LOG.infof("schedule %s: another worker has the fire of %s", claim.schedule(), claim.dueAt());
  }

  private void failed(JobRun run, Jobs.Declared job, String why) {
    var claim = run.claim();
    try {
      if (claim.attempt() >= job.options().attempts()) {
        if (sql.fail(claim, why)) {
          metrics.failed();
        }
      } else {
        sql.again(claim, why, job.options().pauseAfter(claim.attempt()));
      }
    } catch (StoreFailure | StatementRefused e) {
      // It is found among those that this worker has lost sight of.
      LOG.warnf("it could not be recorded that job %s failed: %s", job.name(), e.getMessage());
    }
  }

  /** For the history, which admins alone see. */
  static String describe(Throwable failure) {
    var message = failure.getMessage();
    var text = failure.getClass().getSimpleName() + (message == null ? "" : ": " + message);
    return text.replace('\0', ' ').substring(0, Math.min(text.length(), ERROR_LENGTH_MAX));
  }

  /** Ends attempts that take too long: recorded at once, though a job may not heed it. */
  void watch() {
    long now = ticker.nanos();
    for (var run : runs.values()) {
      if (now - run.deadline() >= 0 && run.interrupt()) {
        jobs.find(run.claim().job())
            .ifPresent(job -> failed(run, job, "it took longer than " + job.options().timeout()));
      }
    }
  }

  /** What is executed here. */
  Set<Long> here() {
    return runs.keySet().stream().collect(Collectors.toUnmodifiableSet());
  }

  /** Tells all jobs of an incarnation to stop, and gives which those are. */
  List<Long> drop(long owner) {
    return runs.values().stream()
        .filter(run -> run.claim().owner() == owner)
        .peek(JobRun::interrupt)
        .map(run -> run.claim().pk())
        .toList();
  }
}
