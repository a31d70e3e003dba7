package dev.sallyport.system;

import java.io.IOException;
import java.io.PrintStream;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * {@code ./sallyport verify}: attacks the promises of durable workflows with random programs and
 * random faults, and says what came of it.
 */
public final class Verify {
  private static final String USAGE =
      """
      ./sallyport verify [--minutes N] [--seed S]
        --minutes N  how long programs are started and faults injected (default 1)
        --seed S     of programs and faults (default: a random one, printed)
      """;

  private Verify() {}

  /** Exits with 1 where anything was seen that must not be, with 2 where it was called wrongly. */
  @AllowedHere("the command line's own front")
  public static void main(String[] arguments) throws IOException, SQLException {
    PrintStream out = System.out;
    int minutes = 1;
    long seed = ThreadLocalRandom.current().nextLong(1_000_000_000);
    try {
      for (int i = 0; i < arguments.length; i += 2) {
        switch (arguments[i]) {
          case "--minutes" -> minutes = Integer.parseInt(arguments[i + 1]);
          case "--seed" -> seed = Long.parseLong(arguments[i + 1]);
          default -> throw new IllegalArgumentException(arguments[i]);
        }
      }
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      out.print(USAGE);
      System.exit(2);
    }
    out.println("seed " + seed);
    var report = new Verification(Duration.ofMinutes(minutes), seed).run();
    report.figures().forEach((name, value) -> out.println(name + ": " + value));
    report.violations().forEach(violation -> out.println("VIOLATION " + violation));
    out.println(report.passed() ? "PASSED" : "FAILED");
    out.println("again: ./sallyport verify --minutes " + minutes + " --seed " + seed);
    System.exit(report.passed() ? 0 : 1);
  }
}
