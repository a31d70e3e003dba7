package dev.sallyport.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Random workflow programs on three data-workers, one with a wrong clock, while workers and
 * Postgres are killed, frozen and stopped; then everything that is left behind is compared with
 * what the programs must have done. Equal seeds give equal programs and equal kinds of faults; when
 * which fault meets what is up to the machine.
 */
final class Verification {
  /** Programs under way at once. */
  private static final int SLOTS = 50;

  /** Every so many-th program has its events followed. */
  private static final int FOLLOWED = 8;

  /** After the last fault every program must be over. */
  private static final Duration OVER_WITHIN = Duration.ofSeconds(90);

  private static final Duration CLOCK_OFFSET = Duration.ofSeconds(40);

  private final Duration length;
  private final long seed;
  private final Violations violations = new Violations();
  private final ConcurrentLinkedQueue<ProgramDrive> drives = new ConcurrentLinkedQueue<>();
  private final Map<ProgramDrive, EventFollower> followers = new ConcurrentHashMap<>();
  private final AtomicLong next = new AtomicLong();

  Verification(Duration length, long seed) {
    this.length = length;
    this.seed = seed;
  }

  /**
   * How it went.
   *
   * @param figures for people, in order
   */
  record Report(long seed, List<String> violations, Map<String, Object> figures) {
    boolean passed() {
      return violations.isEmpty();
    }
  }

  /** Takes the length, and up to two minutes more. */
  Report run() throws IOException, SQLException {
    var figures = new LinkedHashMap<String, Object>();
    figures.put("seed", seed);
    figures.put("faults for", length.toString());
    try (var deployment = Deployment.start(Deployment.Settings.quick("verify"))) {
      var cluster = new Cluster(deployment, workers(deployment, figures), "verifier-" + seed);
      var faults = new Faults(cluster, deployment.stack().postgres(), new Random(~seed));
      long until = System.nanoTime() + length.toNanos();
      var slots = new ArrayList<Thread>();
      for (int i = 0; i < SLOTS; i++) {
        slots.add(Thread.ofVirtual().start(() -> drive(cluster, until)));
      }
      faults.run(until);
      long settled = System.nanoTime();
      slots.forEach(Verification::join);
      settle(settled + OVER_WITHIN.toNanos());
      figures.put("over after the last fault", Duration.ofNanos(System.nanoTime() - settled));
      figures.put("faults", faults.counts());
      var oracle = new ProgramOracle(deployment.stack().postgres(), violations);
      for (var drive : drives) {
        oracle.compare(drive);
      }
      oracle.nothingIsLeft();
      compareEvents(figures);
      figures.put("counters compared", oracle.counters());
    }
    count(figures);
    figures.put("violations", violations.all().size());
    figures.put("versions", Machine.versions());
    return new Report(seed, violations.all(), figures);
  }

  private List<Worker> workers(Deployment deployment, Map<String, Object> figures)
      throws IOException {
    var folder = Files.createDirectories(Path.of("target", "system-tests", "verify", "clock"));
    var offset = seed % 2 == 0 ? CLOCK_OFFSET : CLOCK_OFFSET.negated();
    var shifted = ClockShift.environment(folder.toAbsolutePath(), offset);
    figures.put(
        "clock of the third worker",
        shifted.isPresent() ? "off by " + offset : "not shifted: there is no C compiler here");
    var third = deployment.anotherWorker(WorkerKind.DATA_WORKER, shifted.orElse(Map.of()));
    return List.of(
        deployment.dataWorker(), deployment.anotherDataWorker("second"), third.awaitReady());
  }

  /** One program after the other. */
  private void drive(Cluster cluster, long until) {
    while (System.nanoTime() < until) {
      long number = next.getAndIncrement();
      // Spread, so that neighbouring seeds and numbers share no programs.
      var random = new Random(seed * 1_000_003 + number);
      var id = "p" + number + "-" + new UUID(seed, number);
      var drive = new ProgramDrive(cluster, violations, random, id);
      drives.add(drive);
      if (number % FOLLOWED == 0) {
        followers.put(drive, EventFollower.start(cluster, violations, new Random(number), id));
      }
      drive.run(until + OVER_WITHIN.toNanos());
    }
  }

  /** A request that a frozen worker took may have been served later than its client looked. */
  private void settle(long until) {
    var again =
        drives.stream().map(drive -> Thread.ofVirtual().start(() -> drive.settle(until))).toList();
    again.forEach(Verification::join);
    followers.values().forEach(follower -> follower.finish(Duration.ofSeconds(15)));
  }

  private void compareEvents(Map<String, Object> figures) {
    long events = 0;
    for (var followed : followers.entrySet()) {
      await(followed.getValue()::await);
      var end = followed.getKey().end();
      if (end != null && !followed.getKey().mayBeRestarted()) {
        followed.getValue().compare(end);
      }
      events += followed.getValue().events();
    }
    figures.put("runs whose events were followed", followers.size());
    figures.put("events", events);
  }

  private void count(Map<String, Object> figures) {
    var ends = new TreeMap<String, Integer>();
    var ops = new TreeMap<String, Integer>();
    for (var drive : drives) {
      var end = drive.end();
      ends.merge(end == null ? "stuck" : end.path("status").asText(), 1, Integer::sum);
      RandomProgram.walk(drive.ops(), op -> ops.merge(op.op(), 1, Integer::sum));
    }
    figures.put("programs", drives.size());
    figures.put("programs by end", ends);
    figures.put("instructions", ops);
  }

  private static void join(Thread thread) {
    await(thread::join);
  }

  /** Something to wait for. */
  private interface Wait {
    void untilOver() throws InterruptedException;
  }

  private static void await(Wait wait) {
    try {
      wait.untilOver();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
