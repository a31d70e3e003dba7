package dev.sallyport.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Header fields in the order in which they came, names as they were written. Immutable. */
record Headers(List<Field> fields) {
  record Field(String name, String value) {}

  Headers {
    fields = List.copyOf(fields);
  }

  /**
   * Reads the lines after the first one of a head; a line without a colon is a field of its own.
   */
  static Headers parse(List<String> lines) {
    var fields = new ArrayList<Field>();
    for (var line : lines) {
      int colon = line.indexOf(':');
      fields.add(
          colon < 0
              ? new Field(line, "")
              : new Field(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
    return new Headers(fields);
  }

  /** Every value of this name, in any case of letters. */
  List<String> all(String name) {
    return fields.stream()
        .filter(field -> field.name().equalsIgnoreCase(name))
        .map(Field::value)
        .toList();
  }

  /** The first value of this name. */
  Optional<String> first(String name) {
    return all(name).stream().findFirst();
  }

  /** Every name as it was written. */
  List<String> names() {
    return fields.stream().map(Field::name).toList();
  }
}
