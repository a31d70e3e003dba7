package dev.sallyport.system;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A Dockerfile taken apart: as much of the format as ours use. Immutable.
 *
 * @param instructions in order, variables replaced by their defaults
 */
record Dockerfile(List<Instruction> instructions) {
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{(\\w+)}");

  /** One instruction, such as {@code COPY}, and the rest of its line. */
  record Instruction(String name, String rest) {
    /** The words that are no options. */
    List<String> words() {
      return List.of(rest.split("\\s+", -1)).stream()
          .filter(word -> !word.startsWith("--"))
          .toList();
    }

    boolean isFromStage() {
      return rest.contains("--from=");
    }

    /** The words of the exec form; an exception where it is the shell's. */
    List<String> exec() {
      var words = new ArrayList<String>();
      Json.parse(rest).forEach(word -> words.add(word.asText()));
      return words;
    }
  }

  static Dockerfile read(Path file) throws IOException {
    var defaults = new HashMap<String, String>();
    var instructions = new ArrayList<Instruction>();
    var text = Files.readString(file).replaceAll("(?m)^\\s*#.*\\R", "").replaceAll("\\\\\\R", " ");
    for (var line : text.lines().filter(line -> !line.isBlank()).toList()) {
      var parts = line.strip().split("\\s+", 2);
      var instruction =
          new Instruction(parts[0].toUpperCase(Locale.ROOT), filled(parts[1], defaults));
      if (instruction.name().equals("ARG")) {
        var argument = instruction.rest().split("=", 2);
        defaults.put(argument[0], argument[1]);
      }
      instructions.add(instruction);
    }
    return new Dockerfile(List.copyOf(instructions));
  }

  private static String filled(String text, Map<String, String> defaults) {
    return VARIABLE
        .matcher(text)
        .replaceAll(found -> {
          var value = defaults.get(found.group(1));
          if (value == null) {
            throw new IllegalArgumentException(found.group() + " has no default in: " + text);
          }
          return value;
        });
  }

  /** All of this name, in every stage. */
  List<Instruction> all(String name) {
    return instructions.stream().filter(each -> each.name().equals(name)).toList();
  }

  /** What the image itself is made of: all after the last {@code FROM}. */
  Dockerfile image() {
    int last = instructions.lastIndexOf(all("FROM").getLast());
    return new Dockerfile(instructions.subList(last + 1, instructions.size()));
  }

  /** The one of this name; an exception where there are more or none. */
  Instruction only(String name) {
    var found = all(name);
    if (found.size() != 1) {
      throw new IllegalStateException("one " + name + " was expected: " + found);
    }
    return found.getFirst();
  }

  /** The images that it starts from, its own stages left out. */
  List<String> bases() {
    var stages = new ArrayList<String>();
    var bases = new ArrayList<String>();
    for (var from : all("FROM")) {
      var words = from.words();
      if (!stages.contains(words.getFirst())) {
        bases.add(words.getFirst());
      }
      if (words.size() == 3) {
        stages.add(words.getLast());
      }
    }
    return bases;
  }
}
