package dev.sallyport.data.cron;

import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.platform.Tx;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Schedules that come and go while the workers run. Thread-safe; blocks. */
@Singleton
public class Schedules {
  /** A moment in the past that is meant to be now: two machines' clocks differ. */
  static final Duration PAST_MAX = Duration.ofMinutes(1);

  static final String NAME_FORM =
      "is 1 to 63 lower-case letters, digits and . _ - and begins with a letter or digit";

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
  private static final Logger LOG = Logger.getLogger(Schedules.class);

  private final ScheduleSql sql;
  private final Checks checks;
  private final Transactions transactions;

  @Inject
  Schedules(ScheduleSql sql, Checks checks, Transactions transactions) {
    this.sql = sql;
    this.checks = checks;
    this.transactions = transactions;
  }

  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  /**
   * Writes a schedule in a transaction of the caller's: it holds when that commits. Replaces one of
   * the same name; where its timing stays the same, so does what is due next, and a pause goes on.
   *
   * @return whether it is new
   * @throws IllegalArgumentException when the name, the timing or the target is none that can be
   *     used, in words that say why; nothing was written
   * @throws IllegalStateException when a {@link Cron} bean has this name
   */
  public boolean put(Tx tx, String name, Schedule schedule) {
    var errors = checks.of(tx, name, schedule);
    if (!errors.isEmpty()) {
      var first = errors.getFirst();
      throw new IllegalArgumentException(
          "schedule " + name + ": " + first.field() + " " + first.message());
    }
    return write(tx, name, false, schedule)
        .orElseThrow(() -> new IllegalStateException("a bean declares schedule " + name));
  }

  /**
   * Removes a schedule in a transaction of the caller's, with its history. What it has started goes
   * on, but for jobs that have not begun.
   *
   * @return whether there was one
   */
  public boolean remove(Tx tx, String name) {
    var found = sql.lock(tx, name);
    found.ifPresent(row -> sql.remove(tx, row.pk()));
    return found.isPresent();
  }

  /** Writes what has been checked; empty when a bean has this name. */
  Optional<Boolean> write(Tx tx, String name, boolean declared, Schedule asked) {
    var now = sql.now(tx);
    boolean anyAnchor = asked.timing() instanceof Timing.Every(var _, var from) && from == null;
    var schedule = anchored(asked, now);
    @Nullable Instant dueAt = firstDue(schedule.timing(), now);
    @Nullable Instant fireAt = dueAt == null ? null : dueAt.plus(Jitter.of(schedule, name, dueAt));
    var written = sql.put(tx, name, declared, schedule, anyAnchor, dueAt, fireAt);
    sql.wake(tx);
    return written;
  }

  private static @Nullable Instant firstDue(Timing timing, Instant now) {
    // The one moment that was chosen fires although it has just passed.
    return timing instanceof Timing.At(var moment) ? moment : timing.next(now).orElse(null);
  }

  private static Schedule anchored(Schedule schedule, Instant now) {
    return schedule.timing() instanceof Timing.Every(var interval, var from) && from == null
        ? new Schedule(
            new Timing.Every(interval, now),
            schedule.target(),
            schedule.overlap(),
            schedule.missed(),
            schedule.jitter())
        : schedule;
  }

  /** Writes what a bean says, each in a transaction of its own. */
  void declare(Jobs.Declared job) {
    var schedule = job.schedule();
    if (schedule != null) {
      boolean created =
          transactions.call(tx -> write(tx, job.name(), true, schedule).orElse(false));
      LOG.debugf("schedule %s is declared, %s", job.name(), created ? "new" : "known");
    }
  }
}
