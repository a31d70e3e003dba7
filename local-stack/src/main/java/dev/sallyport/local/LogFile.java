package dev.sallyport.local;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** The log of a child process: read at its end, moved aside before a new start. */
final class LogFile {

  private static final int TAIL_BYTES = 16 * 1024;

  private LogFile() {}

  /** The last lines, or nothing where there is no log. Reads 16 KiB at most. */
  static String tail(Path log, int lines) {
    try (var file = new RandomAccessFile(log.toFile(), "r")) {
      long from = Math.max(0, file.length() - TAIL_BYTES);
      file.seek(from);
      byte[] bytes = new byte[(int) (file.length() - from)];
      file.readFully(bytes);
      List<String> all = new String(bytes, StandardCharsets.UTF_8).lines().toList();
      return String.join("\n", all.subList(Math.max(0, all.size() - lines), all.size()));
    } catch (IOException unreadable) {
      // A tail only explains another failure, and must not hide it.
      return "";
    }
  }

  /** Renames {@code x.log} to {@code x.log.1}, over the one before. */
  static void rotate(Path log) {
    try {
      if (Files.exists(log)) {
        Path previous = log.resolveSibling(log.getFileName() + ".1");
        Files.move(log, previous, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw StackError.failed("move " + log + " aside", e);
    }
  }
}
