package dev.sallyport.local;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** What this operating system can do for a child process. Immutable; each answer is found once. */
final class Platform {

  private static final boolean HAS_SETSID = succeeds("setsid", "true");
  private static final boolean HAS_DEATH_SIGNAL =
      succeeds("setpriv", "--pdeathsig", "TERM", "true");
  private static final long PROBE_SECONDS = 5;
  private static final int ROOT = 0;
  private static final int NOBODY = 65_534;

  /** Unmapped user namespace: the process sees itself as nobody, files stay those of root. */
  private static final List<String> OTHER_NAMESPACE = List.of("unshare", "-U", "--");

  /**
   * Truly another user, who may still walk through directories of root. Reading and writing
   * everything is more than Postgres needs, but it is root who started it.
   */
  private static final List<String> AS_NOBODY =
      List.of(
          "setpriv",
          "--reuid=" + NOBODY,
          "--regid=" + NOBODY,
          "--clear-groups",
          "--inh-caps=+dac_override",
          "--ambient-caps=+dac_override",
          // Else access(2), which initdb asks about its own files, would not count that right.
          "--securebits=+no_setuid_fixup",
          "--");

  private Platform() {}

  /** How a server that refuses to run as root gets to run. */
  enum RootEscape {
    /** We are not root. */
    NOT_NEEDED,
    NAMESPACE,
    NOBODY_USER;

    /** What to put before the command. */
    List<String> prefix() {
      return switch (this) {
        case NOT_NEEDED -> List.of();
        case NAMESPACE -> OTHER_NAMESPACE;
        case NOBODY_USER -> AS_NOBODY;
      };
    }

    /** The first one that this machine allows. */
    static RootEscape find() {
      if (!isRoot()) {
        return NOT_NEEDED;
      }
      for (RootEscape escape : List.of(NAMESPACE, NOBODY_USER)) {
        var probe = new ArrayList<>(escape.prefix());
        probe.add("true");
        if (succeeds(probe.toArray(String[]::new))) {
          return escape;
        }
      }
      throw StackError.unsupported(
          "Postgres refuses to run as root, and this machine allows neither `unshare -U` nor"
              + " `setpriv --reuid`: run as an ordinary user.");
    }

    /**
     * Makes the directory and all in it belong to whoever the server runs as; also after it was
     * used on a machine that allowed another way.
     */
    void handOver(Path directory) {
      if (this == NOT_NEEDED) {
        return;
      }
      int owner = this == NOBODY_USER ? NOBODY : ROOT;
      try (var paths = Files.walk(directory)) {
        for (Path path : (Iterable<Path>) paths::iterator) {
          Files.setAttribute(path, "unix:uid", owner);
          Files.setAttribute(path, "unix:gid", owner);
        }
      } catch (IOException e) {
        throw StackError.failed("change the owner of " + directory, e);
      }
    }
  }

  /** A prefix that puts a command in its own session and ties its life to ours. */
  static List<String> detachedUntil(String deathSignal) {
    var prefix = new ArrayList<String>();
    if (HAS_SETSID) {
      prefix.add("setsid");
    }
    if (HAS_DEATH_SIGNAL) {
      prefix.addAll(List.of("setpriv", "--pdeathsig", deathSignal, "--"));
    }
    return prefix;
  }

  /** Sends a signal, by name without {@code SIG}; a process that is gone is no error. */
  static void signal(long pid, String signal) {
    if (signal.equals("TERM")) {
      // The one signal that Java sends itself: an image without a shell can do this much.
      ProcessHandle.of(pid).ifPresent(ProcessHandle::destroy);
      return;
    }
    // The shell's own kill: not every machine has the program.
    succeeds("sh", "-c", "kill -s \"$1\" \"$2\"", "sh", signal, Long.toString(pid));
  }

  /** All words of the command line, in one text; empty when the process is gone or not ours. */
  static String commandLine(ProcessHandle process) {
    try {
      // ProcessHandle reads the same file, but finds no words in one that was rewritten, as
      // Redis does with its own.
      byte[] words = Files.readAllBytes(Path.of("/proc", Long.toString(process.pid()), "cmdline"));
      // A title need not be UTF-8; a decoder that throws would be wrong here.
      return new String(words, StandardCharsets.UTF_8);
    } catch (IOException notLinuxOrGone) {
      return process.info().commandLine().orElse("");
    }
  }

  static boolean isRoot() {
    try {
      return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(ROOT);
    } catch (IOException | UnsupportedOperationException notLinux) {
      return System.getProperty("user.name", "").equals("root");
    }
  }

  /** {@code linux} or {@code darwin}. */
  static String operatingSystem() {
    return System.getProperty("os.name", "").toLowerCase(Locale.ROOT).startsWith("mac")
        ? "darwin"
        : "linux";
  }

  /** {@code x86_64} or {@code arm_64}, as the archives with Postgres spell them. */
  static String processor() {
    return System.getProperty("os.arch", "").equals("aarch64") ? "arm_64" : "x86_64";
  }

  /** The {@code java} that runs us. */
  static String java() {
    return Path.of(System.getProperty("java.home", ""), "bin", "java").toString();
  }

  /** Whether the command exists, ends in time and answers 0. */
  private static boolean succeeds(String... command) {
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(Redirect.DISCARD)
              .start();
      if (process.waitFor(PROBE_SECONDS, TimeUnit.SECONDS)) {
        return process.exitValue() == 0;
      }
      process.destroyForcibly();
      return false;
    } catch (IOException missing) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
