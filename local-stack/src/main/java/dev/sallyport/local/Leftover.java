package dev.sallyport.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Ends what a launcher that was killed has left running. A pid file alone proves nothing, since ids
 * are used again: the process must also carry a mark in its command line that only ours has.
 */
final class Leftover {

  private static final Duration STOP_WITHIN = Duration.ofSeconds(20);

  private Leftover() {}

  /**
   * Ends the process that the pid file names, if it is still the one that was started.
   *
   * @param mark a text in its command line: the path of its data or its program
   * @param signal asks it to stop, by name without {@code SIG}; SIGKILL follows after 20 s
   * @return whether there was one
   */
  static boolean end(Path pidFile, String mark, String signal) {
    Optional<ProcessHandle> found = read(pidFile).filter(process -> carries(process, mark));
    found.ifPresent(process -> end(process, signal));
    try {
      Files.deleteIfExists(pidFile);
    } catch (IOException e) {
      throw StackError.failed("remove " + pidFile, e);
    }
    return found.isPresent();
  }

  private static void end(ProcessHandle process, String signal) {
    var family = Stream.concat(Stream.of(process), process.descendants()).toList();
    // One that was paused would not see the signal.
    Platform.signal(process.pid(), "CONT");
    Platform.signal(process.pid(), signal);
    if (!ChildProcess.awaitEnd(process, STOP_WITHIN)) {
      process.destroyForcibly();
    }
    for (ProcessHandle member : family) {
      if (!ChildProcess.awaitEnd(member, STOP_WITHIN)) {
        throw StackError.wouldNotEnd("A process of an earlier run", member.pid());
      }
    }
  }

  private static Optional<ProcessHandle> read(Path pidFile) {
    try {
      return ProcessHandle.of(Long.parseLong(Files.readString(pidFile).strip()));
    } catch (IOException | NumberFormatException none) {
      return Optional.empty();
    }
  }

  private static boolean carries(ProcessHandle process, String mark) {
    return Platform.commandLine(process).contains(mark);
  }
}
