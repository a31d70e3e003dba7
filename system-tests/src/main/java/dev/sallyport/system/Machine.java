package dev.sallyport.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Where a benchmark ran, and how much others disturbed it. Linux. */
final class Machine {
  private static final int STEAL = 7;

  private Machine() {}

  /** Jiffies of all cores so far: all of them, and those that a hypervisor gave to others. */
  record Ticks(long all, long stolen) {
    static Ticks now() {
      var fields = firstLine("/proc/stat").split(" +", -1);
      var jiffies = Arrays.stream(fields).skip(1).limit(8).mapToLong(Long::parseLong).toArray();
      return new Ticks(Arrays.stream(jiffies).sum(), jiffies[STEAL]);
    }

    /** The share of time that was stolen since then, in percent. */
    double stealPercent() {
      var now = now();
      return Math.round(1000.0 * (now.stolen - stolen) / Math.max(1, now.all - all)) / 10.0;
    }
  }

  /** The load average over one minute. Before a run it should be near zero. */
  static double load() {
    return Double.parseDouble(firstLine("/proc/loadavg").split(" ", 2)[0]);
  }

  /** What the figures depend on. */
  static Map<String, Object> versions() {
    var versions = new LinkedHashMap<String, Object>();
    versions.put("java", Runtime.version().toString());
    versions.put("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    versions.put("cores", Runtime.getRuntime().availableProcessors());
    versions.put("cpu", processor());
    return versions;
  }

  private static String processor() {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static String firstLine(String file) {
    try (var lines = Files.lines(Path.of(file))) {
      return lines.findFirst().orElse("");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
