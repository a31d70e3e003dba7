package dev.sallyport.system;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * {@code ./sallyport aot}, and a step in the build of each JVM image: trains the AOT cache of a
 * worker, proves that a JVM starts from it, and leaves it as {@code app.aot} beside the jar.
 *
 * <p>Needs the JDK and our own classes alone, no store, no shell.
 */
public final class AotTraining {
  private static final String USAGE = "the worker's name and the folder of its quarkus-run.jar";
  private static final double MIB = 1024 * 1024;

  private AotTraining() {}

  /**
   * Trains one worker.
   *
   * @param arguments its name, and the folder with {@code quarkus-run.jar}
   */
  @AllowedHere("the command line's own front")
  public static void main(String[] arguments) throws IOException {
    if (arguments.length != 2) {
      throw new IllegalArgumentException("expected two arguments: " + USAGE);
    }
    PrintStream out = System.out;
    long began = System.nanoTime();
    var cache = AotCache.in(WorkerKind.named(arguments[0]), Path.of(arguments[1])).train().prove();
    out.println(
        Math.round(Files.size(cache.file()) / MIB)
            + " MiB, trained and proved in "
            + Duration.ofNanos(System.nanoTime() - began).toSeconds()
            + " s. A JVM takes the cache with these flags alone:");
    out.println("java " + String.join(" ", cache.arguments()));
  }
}
