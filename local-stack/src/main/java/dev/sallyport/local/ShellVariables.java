package dev.sallyport.local;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A file of {@code KEY='value'} lines that only its owner may read: a shell can source it, and we
 * can read it back. Values have one line; order is kept.
 */
final class ShellVariables {

  private ShellVariables() {}

  /**
   * The content; empty where there is no file. Lines that are not {@code KEY=value} are skipped.
   */
  static Map<String, String> read(Path file) throws IOException {
    var variables = new LinkedHashMap<String, String>();
    if (Files.exists(file)) {
      for (String line : Files.readAllLines(file)) {
        int equals = line.indexOf('=');
        if (equals > 0 && !line.startsWith("#")) {
          variables.put(line.substring(0, equals), unquoted(line.substring(equals + 1)));
        }
      }
    }
    return variables;
  }

  /** Replaces the file at once. */
  static void write(Path file, Map<String, String> variables) throws IOException {
    Directories.writePrivate(
        file,
        variables.entrySet().stream()
            .map(variable -> variable.getKey() + "=" + quoted(variable.getValue()) + "\n")
            .collect(Collectors.joining()));
  }

  /** As one word for a shell. */
  static String quoted(String value) {
    return "'" + value.replace("'", "'\\''") + "'";
  }

  private static String unquoted(String value) {
    return value.length() >= 2 && value.startsWith("'") && value.endsWith("'")
        ? value.substring(1, value.length() - 1).replace("'\\''", "'")
        : value;
  }
}
