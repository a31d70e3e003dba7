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
    var stat = read(pid, "stat");
    // The second field is the command in parentheses and may hold blanks; utime is the 14th.
    var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return TICK.multipliedBy(Long.parseLong(fields[11]) + Long.parseLong(fields[12]));
  }

  /** Memory that is resident now, in bytes. */
  static long residentBytes(long pid) {
    return read(pid, "status")
            .lines()
            .filter(line -> line.startsWith("VmRSS:"))
            .map(line -> line.replaceAll("\\D", ""))
            .mapToLong(Long::parseLong)
            .findFirst()
            .orElseThrow(() -> new IllegalStateException("process " + pid + " has no VmRSS"))
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
