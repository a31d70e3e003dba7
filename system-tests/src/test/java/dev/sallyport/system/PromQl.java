package dev.sallyport.system;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What one PromQL expression asks for: its metrics, each with the labels that it is picked by, and
 * the labels that are grouped or matched by. Enough of a reader to know names; it evaluates
 * nothing. Immutable.
 */
record PromQl(List<Selector> selectors, Set<String> grouping) {
  /** One metric and the labels in its braces. */
  record Selector(String metric, Set<String> labels) {}

  private static final Set<String> FUNCTIONS =
      Set.of(
          "rate",
          "increase",
          "delta",
          "sum",
          "count",
          "min",
          "max",
          "absent",
          "vector",
          "label_values");
  private static final Set<String> GROUPINGS =
      Set.of("by", "without", "on", "ignoring", "group_left", "group_right");
  private static final Set<String> OPERATORS = Set.of("and", "or", "unless", "bool", "offset");
  private static final Pattern TOKEN =
      Pattern.compile(
          "\\s*(\"[^\"]*\"|[A-Za-z_:][A-Za-z0-9_:]*|\\[[0-9a-z]+]|\\d+(?:\\.\\d+)?"
              + "|=~|!~|!=|==|>=|<=|[-+*/%^(){},=<>])\\s*");
  private static final Pattern NAME = Pattern.compile("[A-Za-z_:][A-Za-z0-9_:]*");

  PromQl {
    selectors = List.copyOf(selectors);
    grouping = Set.copyOf(grouping);
  }

  /**
   * Reads an expression.
   *
   * @throws IllegalArgumentException with the expression, when it is not understood
   */
  static PromQl read(String expression) {
    return new Reader(expression).read();
  }

  private static final class Reader {
    private final String expression;
    private final List<String> tokens = new ArrayList<>();
    private final List<Selector> selectors = new ArrayList<>();
    private final Set<String> grouping = new TreeSet<>();
    private int at;

    Reader(String expression) {
      this.expression = expression;
    }

    PromQl read() {
      var text = expression.replace("$__rate_interval", "5m").strip();
      var token = TOKEN.matcher(text);
      int end = 0;
      while (end < text.length()) {
        require(token.find(end) && token.start() == end, "a token");
        tokens.add(token.group(1));
        end = token.end();
      }
      int depth = 0;
      while (at < tokens.size()) {
        var next = tokens.get(at++);
        switch (next) {
          case "(" -> depth++;
          case ")" -> depth--;
          case "{", "}" -> require(false, "braces behind a metric");
          default -> {
            if (NAME.matcher(next).matches()) {
              name(next);
            }
          }
        }
        require(depth >= 0, "balanced brackets");
      }
      require(depth == 0, "balanced brackets");
      return new PromQl(selectors, grouping);
    }

    private void name(String name) {
      var next = at < tokens.size() ? tokens.get(at) : "";
      boolean called = next.equals("(") || GROUPINGS.contains(next);
      if (GROUPINGS.contains(name)) {
        grouping.addAll(list("(", ")"));
      } else if (called) {
        require(FUNCTIONS.contains(name), "a function we know, not " + name);
        if (name.equals("label_values")) {
          at++;
          selectors.add(new Selector(tokens.get(at++), Set.of()));
          require(tokens.get(at++).equals(","), "a label");
          grouping.add(tokens.get(at++));
          require(tokens.get(at++).equals(")"), "an end");
        }
      } else if (!OPERATORS.contains(name)) {
        selectors.add(new Selector(name, next.equals("{") ? matchers() : Set.of()));
      }
    }

    /** Names between brackets, with commas. */
    private Set<String> list(String open, String close) {
      require(tokens.get(at++).equals(open), open);
      var names = new TreeSet<String>();
      while (!tokens.get(at).equals(close)) {
        var name = tokens.get(at++);
        require(name.equals(",") || NAME.matcher(name).matches(), "a label");
        if (!name.equals(",")) {
          names.add(name);
        }
      }
      at++;
      return names;
    }

    private Set<String> matchers() {
      at++;
      var labels = new TreeSet<String>();
      while (!tokens.get(at).equals("}")) {
        if (tokens.get(at).equals(",")) {
          at++;
        }
        labels.add(tokens.get(at++));
        require(Set.of("=", "!=", "=~", "!~").contains(tokens.get(at++)), "a comparison");
        require(tokens.get(at++).startsWith("\""), "a value");
      }
      at++;
      return labels;
    }

    private void require(boolean met, String expected) {
      if (!met) {
        throw new IllegalArgumentException(
            "expected " + expected + " around token " + at + " of: " + expression);
      }
    }
  }
}
