package dev.sallyport.system;

import dev.sallyport.local.PostgresServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * Breaks workers and Postgres at random and puts them right again; one worker always goes on.
 * Confined to the thread that runs it.
 */
final class Faults {
  /** What can happen. */
  enum Kind {
    /** SIGKILL, and a start some time later. */
    WORKER_KILLED,
    /** SIGSTOP for longer than the lease of 6 s. */
    WORKER_FROZEN,
    /** SIGTERM, and a start some time later. */
    WORKER_STOPPED,
    POSTGRES_STOPPED,
    POSTGRES_KILLED
  }

  private static final Kind[] DICE = {
    Kind.WORKER_KILLED,
    Kind.WORKER_KILLED,
    Kind.WORKER_KILLED,
    Kind.WORKER_KILLED,
    Kind.WORKER_FROZEN,
    Kind.WORKER_FROZEN,
    Kind.WORKER_FROZEN,
    Kind.WORKER_STOPPED,
    Kind.POSTGRES_STOPPED,
    Kind.POSTGRES_KILLED
  };
  private static final Duration LOOK_EVERY = Duration.ofMillis(50);

  /**
   * A step is tried five times over 7 s or more: two outages in that time could use its attempts
   * up, which is no fault of the engine.
   */
  private static final Duration BETWEEN_OUTAGES = Duration.ofSeconds(12);

  private final Cluster cluster;
  private final PostgresServer postgres;
  private final RandomGenerator random;
  private final Map<Kind, Integer> counts = new EnumMap<>(Kind.class);
  private final List<Broken> broken = new ArrayList<>();
  private long outageAt = System.nanoTime();

  /** A worker that is to be put right. */
  private record Broken(Cluster.Member member, long backAt, Runnable repair) {}

  Faults(Cluster cluster, PostgresServer postgres, RandomGenerator random) {
    this.cluster = cluster;
    this.postgres = postgres;
    this.random = random;
  }

  /** Goes on until then, and returns when all is well again. */
  void run(long untilNanoTime) {
    long next = System.nanoTime() + millis(1_000, 3_000);
    while (System.nanoTime() < untilNanoTime) {
      repair(false);
      if (System.nanoTime() >= next) {
        inject(DICE[random.nextInt(DICE.length)]);
        next = System.nanoTime() + millis(1_000, 3_000);
      }
      LockSupport.parkNanos(LOOK_EVERY.toNanos());
    }
    repair(true);
  }

  /** How often each happened. */
  Map<Kind, Integer> counts() {
    return counts;
  }

  private void repair(boolean all) {
    for (var one : List.copyOf(broken)) {
      if (all || System.nanoTime() >= one.backAt()) {
        broken.remove(one);
        one.repair().run();
        one.member().up(true);
      }
    }
  }

  private void inject(Kind kind) {
    boolean happened =
        switch (kind) {
          case WORKER_KILLED -> worker(Worker::kill, Worker::start, millis(0, 3_000));
          case WORKER_STOPPED -> worker(Worker::stop, Worker::start, millis(0, 2_000));
          case WORKER_FROZEN -> worker(Worker::pause, Worker::resume, millis(8_000, 11_000));
          case POSTGRES_STOPPED -> outage(postgres::stop);
          case POSTGRES_KILLED -> outage(postgres::kill);
        };
    if (happened) {
      counts.merge(kind, 1, Integer::sum);
    }
  }

  /** What is done to a worker. */
  private interface Deed {
    void to(Worker worker);
  }

  private boolean worker(Deed harm, Deed repair, long forNanos) {
    var up = cluster.members().stream().filter(Cluster.Member::isUp).toList();
    if (up.size() < 2) {
      return false;
    }
    var member = up.get(random.nextInt(up.size()));
    member.up(false);
    harm.to(member.worker);
    broken.add(new Broken(member, System.nanoTime() + forNanos, () -> repair.to(member.worker)));
    return true;
  }

  private boolean outage(Runnable harm) {
    if (System.nanoTime() - outageAt < BETWEEN_OUTAGES.toNanos()) {
      return false;
    }
    harm.run();
    LockSupport.parkNanos(millis(0, 2_500));
    postgres.start();
    outageAt = System.nanoTime();
    return true;
  }

  private long millis(int from, int to) {
    return Duration.ofMillis(random.nextInt(from, to)).toNanos();
  }
}
