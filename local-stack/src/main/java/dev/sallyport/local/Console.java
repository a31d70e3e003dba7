package dev.sallyport.local;

import java.util.Locale;

/** What a person at the terminal reads. Thread-safe. */
@AllowedHere("a command-line program talks through its standard output")
final class Console {

  private static final double NANOS_PER_SECOND = 1e9;

  private final long startedAt = System.nanoTime();

  /** One line. */
  void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  /** One line of progress, with the seconds since the start. */
  void step(String line) {
    say("  " + String.format(Locale.ROOT, "%5.1f s  ", seconds()) + line);
  }

  /** Why it ends; to the standard error. */
  void fail(String sentence) {
    System.out.flush();
    System.err.println(sentence);
  }

  /** Seconds since the program started. */
  double seconds() {
    return (System.nanoTime() - startedAt) / NANOS_PER_SECOND;
  }
}
