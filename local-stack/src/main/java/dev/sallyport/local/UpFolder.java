package dev.sallyport.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;

/** The folder {@code .sallyport} of a repository: everything a local run keeps. Immutable. */
record UpFolder(Path repository) {

  /** What a start needs for data, logs and unpacked servers. */
  private static final long FREE_BYTES_MIN = 500L * 1000 * 1000;

  /** With less than this, no store gets far. */
  private static final long FULL_BYTES = 4L * 1000 * 1000;

  /** What {@code up --fresh} leaves alone. */
  private static final Set<String> KEPT = Set.of("tools", DirectoryLock.FILE);

  private static final String NO_SPACE = "No space left on device";

  UpFolder {
    repository = repository.toAbsolutePath().normalize();
  }

  Path path() {
    return repository.resolve(".sallyport");
  }

  Path credentials() {
    return path().resolve("credentials");
  }

  Path cookies() {
    return path().resolve("cookies");
  }

  Path log(String worker) {
    return path().resolve("log").resolve(worker + ".log");
  }

  Path pidFile(String worker) {
    return path().resolve("run").resolve(worker + ".pid");
  }

  Path environmentFile(String worker) {
    return path().resolve(worker + ".env");
  }

  /** Makes it where it is missing; nobody else may look inside. */
  void create() throws IOException {
    Directories.createPrivate(path());
    // It may have been made before us, for the tools.
    Files.setPosixFilePermissions(path(), PosixFilePermissions.fromString("rwx------"));
  }

  /** Forgets all earlier runs. The caller holds the lock, and nothing runs on the data. */
  void forget() throws IOException {
    List<Path> content;
    try (var list = Files.list(path())) {
      content = list.filter(child -> !KEPT.contains(child.getFileName().toString())).toList();
    }
    for (Path child : content) {
      Directories.delete(child);
    }
  }

  /** Makes the cookie jar of the printed commands private, before a session is written into it. */
  void createCookieJar() throws IOException {
    if (!Files.exists(cookies())) {
      Directories.writePrivate(cookies(), "");
    }
  }

  /**
   * Checks that there is room to start.
   *
   * @throws StackError with the room there is
   */
  void requireSpace() throws IOException {
    long free = Files.getFileStore(path()).getUsableSpace();
    if (free < FREE_BYTES_MIN) {
      throw StackError.diskFull(
          path(), free / 1_000_000 + " MB are free, a start needs " + FREE_BYTES_MIN / 1_000_000);
    }
  }

  /**
   * The failure itself, or one sentence about the disk where that was the reason: somebody said so,
   * or there is no room now, which a long stack trace may have pushed out of the end of a log.
   */
  RuntimeException explained(RuntimeException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (String.valueOf(cause.getMessage()).contains(NO_SPACE)) {
        return StackError.diskFull(path(), "a write failed with '" + NO_SPACE + "'");
      }
    }
    try {
      if (Files.getFileStore(path()).getUsableSpace() < FULL_BYTES) {
        return StackError.diskFull(path(), "nothing more can be written");
      }
    } catch (IOException unknown) {
      // Then the failure speaks for itself.
    }
    return failure;
  }
}
