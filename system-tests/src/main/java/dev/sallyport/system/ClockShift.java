package dev.sallyport.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A wall clock that is wrong for one process. Needs Linux and a C compiler. */
final class ClockShift {
  private static final String SOURCE = "clock-shift.c";

  private ClockShift() {}

  /**
   * The environment of a worker whose clock is off by so much, or empty where no compiler makes
   * what it takes.
   *
   * @param folder where that is kept
   */
  static Optional<Map<String, String>> environment(Path folder, Duration offset)
      throws IOException {
    var source = folder.resolve(SOURCE);
    var library = folder.resolve("clock-shift.so");
    try (var in = Objects.requireNonNull(ClockShift.class.getResourceAsStream(SOURCE))) {
      Files.copy(in, source, StandardCopyOption.REPLACE_EXISTING);
    }
    try {
      var compiler =
          new ProcessBuilder(
                  "cc",
                  "-shared",
                  "-fPIC",
                  "-O2",
                  "-o",
                  library.toString(),
                  source.toString(),
                  "-ldl")
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("clock-shift.log").toFile())
              .start();
      return compiler.waitFor() == 0
          ? Optional.of(
              Map.of(
                  "LD_PRELOAD",
                  library.toString(),
                  "CLOCK_OFFSET_SECONDS",
                  Long.toString(offset.toSeconds())))
          : Optional.empty();
    } catch (IOException none) {
      return Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }
}
