package dev.sallyport.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** What Linux says about a running process, from {@code /proc}. */
final class ProcessFigures {
  /** The kernel shows times in 1/100 s on every architecture we run on. */
  private static final Duration TICK = Duration.ofMillis(10);

  private ProcessFigures() {}

  /** User and system time of all its threads so far, in steps of 10 ms. */
  static Duration cpu(long pid) {
    var fields = fields(pid);
    return ticks(fields[11], fields[12]); // utime, stime
  }

  /** From the third on: the second is the command in parentheses and may hold blanks. */
  private static String[] fields(long pid) {
    var stat = read(pid, "stat");
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
  }

  private static Duration ticks(String user, String system) {
    return TICK.multipliedBy(Long.parseLong(user) + Long.parseLong(system));
  }

  /**
   * The same of a process and its children together: those that live, and those that have ended and
   * were waited for. Grandchildren that live are not seen; servers such as Postgres have none.
   */
  static Duration cpuOfTree(long pid) {
    var fields = fields(pid);
    var sum = cpu(pid).plus(ticks(fields[13], fields[14])); // cutime, cstime
    for (var child : ProcessHandle.of(pid).orElseThrow().children().toList()) {
      sum = sum.plus(cpuUnlessEnded(child.pid()));
    }
    return sum;
  }

  private static Duration cpuUnlessEnded(long pid) {
    try {
      return cpu(pid);
    } catch (UncheckedIOException ended) {
      return Duration.ZERO; // its time is its parent's now
    }
  }

  /**
   * User and system time so far, to the nanosecond; threads that have ended count only as far as
   * the coarser {@link #cpu} knows of them.
   */
  static Duration cpuOfThreads(long pid) {
    long nanos = 0;
    try (var threads = Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
      for (var thread : threads) {
        nanos += nanosOf(thread);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("process " + pid + " is gone", e);
    }
    var coarse = cpu(pid);
    var fine = Duration.ofNanos(nanos);
    return fine.compareTo(coarse) < 0 ? coarse : fine;
  }

  private static long nanosOf(Path thread) {
    try {
      return Long.parseLong(Files.readString(thread.resolve("schedstat")).split(" ", 2)[0]);
    } catch (IOException ended) {
      return 0; // between the listing and the reading
    }
  }

  /** Memory that is resident now, in bytes. */
  static long residentBytes(long pid) {
    return bytes(pid, "status", "VmRSS:");
  }

  /** The same, but of a page that several processes share only this one's part, in bytes. */
  static long proportionalBytes(long pid) {
    return bytes(pid, "smaps_rollup", "Pss:");
  }

  private static long bytes(long pid, String file, String field) {
    return read(pid, file)
            .lines()
            .filter(line -> line.startsWith(field))
            .map(line -> line.replaceAll("\\D", ""))
            .mapToLong(Long::parseLong)
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("process " + pid + " has no " + field))
        * 1024;
  }

  /** How many files and sockets a process started from here may have open, at the most. */
  static long openFilesMax() {
    var limits = read(ProcessHandle.current().pid(), "limits");
    return limits
        .lines()
        .filter(line -> line.startsWith("Max open files"))
        .map(line -> line.strip().split(" +", -1))
        .map(words -> words[4]) // the hard limit, up to which a JVM raises its own
        .mapToLong(limit -> limit.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(limit))
        .findFirst()
        .orElseThrow();
  }

  private static String read(long pid, String file) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), file));
    } catch (IOException e) {
      throw new UncheckedIOException("process " + pid + " is gone", e);
    }
  }
}
