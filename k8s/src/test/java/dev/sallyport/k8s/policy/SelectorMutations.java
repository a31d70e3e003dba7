package dev.sallyport.k8s.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;

/** The edits of one label selector. */
final class SelectorMutations {

  private static final List<String> OPERATORS = List.of("In", "NotIn", "Exists", "DoesNotExist");

  private SelectorMutations() {}

  /**
   * Empties it, misspells it, takes our workloads for one another, and turns its operators around.
   *
   * @param names of our own workloads
   */
  static void make(Breakage breakage, String pointer, Set<String> names) {
    breakage.object("made empty", pointer, ObjectNode::removeAll);
    breakage
        .at(pointer + "/matchLabels")
        .properties()
        .forEach(pair -> pair(breakage, pointer, pair.getKey(), pair.getValue().asText(), names));
    breakage
        .elements(pointer + "/matchExpressions")
        .forEach(expression -> expression(breakage, expression, names));
  }

  private static void pair(
      Breakage breakage, String pointer, String key, String value, Set<String> names) {
    var labels = pointer + "/matchLabels";
    breakage.object(
        "misspelt key " + key,
        labels,
        it -> {
          it.remove(key);
          it.put(key + "s", value);
        });
    breakage.object("misspelt value of " + key, labels, it -> it.put(key, value + "s"));
    for (var name : names) {
      breakage.object(key + " is " + name, labels, it -> it.put(key, name));
    }
    for (var operator : List.of("Exists", "DoesNotExist")) {
      breakage.object(
          key + " " + operator,
          pointer,
          selector -> {
            ((ObjectNode) selector.path("matchLabels")).remove(key);
            add(selector, key, operator);
          });
    }
    breakage.object(
        "any value of " + key + " but this",
        pointer,
        selector -> {
          ((ObjectNode) selector.path("matchLabels")).remove(key);
          add(selector, key, "NotIn").putArray("values").add(value);
        });
  }

  private static ObjectNode add(ObjectNode selector, String key, String operator) {
    return selector
        .withArray("/matchExpressions")
        .addObject()
        .put("key", key)
        .put("operator", operator);
  }

  private static void expression(Breakage breakage, String pointer, Set<String> names) {
    breakage.object("misspelt key", pointer, it -> it.put("key", it.path("key").asText() + "s"));
    for (var operator : OPERATORS) {
      breakage.object(
          operator,
          pointer,
          it -> {
            it.put("operator", operator);
            if (operator.endsWith("Exist") || operator.equals("Exists")) {
              it.remove("values");
            }
          });
    }
    var values = breakage.at(pointer + "/values");
    for (var name : names) {
      if (values.valueStream().noneMatch(value -> value.asText().equals(name))) {
        breakage.list(name + " added", pointer + "/values", it -> it.add(name));
      }
    }
    for (int i = 0; i < values.size(); i++) {
      int index = i;
      var misspelt = values.get(i).asText() + "s";
      breakage.list("misspelt value", pointer + "/values", it -> it.set(index, misspelt));
    }
  }
}
