package dev.sallyport.local;

import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Why something on this machine could not be started or stopped, in one sentence. Immutable. */
public final class StackError extends RuntimeException {

  /** The kinds of failure, for tests and exit paths. */
  public enum Code {
    /** Another program listens where we want to. */
    PORT_TAKEN,
    /** The file system has no room. */
    DISK_FULL,
    /** Another stack runs in the same directory. */
    IN_USE,
    /** A child process ended before it was ready. */
    DIED,
    /** A child process did not become ready, or did not end, in time. */
    TOO_SLOW,
    /** A setting cannot be used. */
    BAD_SETTING,
    /** This machine lacks something, or refuses it. */
    UNSUPPORTED
  }

  private final Code code;
  private final String sentence;

  private StackError(Code code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
    this.sentence = message;
  }

  /** What kind of failure this is. */
  public Code code() {
    return code;
  }

  /** The message: one sentence, and the end of a log where there is one. */
  public String sentence() {
    return sentence;
  }

  static StackError portTaken(int port, String wantedBy, String variable) {
    return new StackError(
        Code.PORT_TAKEN,
        "Port "
            + port
            + " for "
            + wantedBy
            + " is taken by another program; stop it, or choose another port with "
            + variable
            + ".",
        null);
  }

  static StackError diskFull(Path where, String detail) {
    return new StackError(
        Code.DISK_FULL, "The disk that holds " + where + " is full: " + detail + ".", null);
  }

  static StackError inUse(Path directory, String owner) {
    return new StackError(
        Code.IN_USE,
        "Sallyport is already running in " + directory + owner + "; stop it with Ctrl-C first.",
        null);
  }

  static StackError died(String name, int exitCode, Path log, String tail) {
    return new StackError(
        Code.DIED,
        name + " ended with code " + exitCode + "; its log is " + log + lastLines(tail),
        null);
  }

  static StackError notReady(String name, Duration within, Path log, String tail) {
    return new StackError(
        Code.TOO_SLOW,
        name
            + " was not ready within "
            + within.toSeconds()
            + " s; its log is "
            + log
            + lastLines(tail),
        null);
  }

  static StackError wouldNotEnd(String name, long pid) {
    return new StackError(
        Code.TOO_SLOW, name + " (process " + pid + ") did not end after SIGKILL.", null);
  }

  static StackError badSetting(String sentence) {
    return new StackError(Code.BAD_SETTING, sentence, null);
  }

  static StackError unsupported(String sentence) {
    return new StackError(Code.UNSUPPORTED, sentence, null);
  }

  static StackError failed(String what, Throwable cause) {
    return new StackError(
        Code.UNSUPPORTED, "Could not " + what + ": " + describe(cause) + ".", cause);
  }

  private static String describe(Throwable cause) {
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  private static String lastLines(String tail) {
    return tail.isBlank() ? " and is empty." : ", which ends:\n" + tail.stripTrailing();
  }
}
