package dev.sallyport.k8s;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A change to one rendering, made to see a rule fail. Immutable.
 *
 * @param rendering which one
 * @param object {@code Kind/name}; empty for an object that is added
 * @param path steps between slashes; {@code @name} is the item of a list with that name, {@code -}
 *     the place behind its last one. Empty for the whole object
 * @param yaml what to put there; null takes away what is there
 */
record Edit(String rendering, String object, String path, @Nullable String yaml) {
  static final String POD = "/spec/template/spec";
  static final String CONTAINER = POD + "/containers/0";
  static final String ENV = CONTAINER + "/env";

  static Edit set(String rendering, String object, String path, String yaml) {
    return new Edit(rendering, object, path, yaml);
  }

  static Edit remove(String rendering, String object, String path) {
    return new Edit(rendering, object, path, null);
  }

  static Edit drop(String rendering, String object) {
    return new Edit(rendering, object, "", null);
  }

  static Edit add(String rendering, String yaml) {
    return new Edit(rendering, "", "", yaml);
  }

  /** The rendering with this change. */
  Rendering applied() {
    var documents = new ArrayList<>(Manifests.documents(rendering));
    if (object.isEmpty()) {
      documents.add(value());
      return new Rendering(rendering, documents);
    }
    var found =
        documents.stream()
            .filter(one -> Rendering.title(one).equals(object))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("There is no " + object + "."));
    if (path.isEmpty()) {
      documents.remove(found);
    } else {
      change(found);
    }
    return new Rendering(rendering, documents);
  }

  private void change(JsonNode document) {
    List<String> steps = List.of(path.substring(1).split("/", -1));
    JsonNode parent = document;
    for (String step : steps.subList(0, steps.size() - 1)) {
      parent = step(parent, step.replace("~1", "/"));
    }
    String last = steps.getLast().replace("~1", "/");
    switch (parent) {
      case ObjectNode fields when yaml != null -> fields.set(last, value());
      case ObjectNode fields when fields.remove(last) != null -> {}
      case ArrayNode items when yaml != null && last.equals("-") -> items.add(value());
      case ArrayNode items when yaml != null -> items.set(position(items, last), value());
      case ArrayNode items -> items.remove(position(items, last));
      default -> throw new IllegalArgumentException("There is no " + path + " in " + object + ".");
    }
  }

  private JsonNode value() {
    return yaml == null ? MissingNode.getInstance() : StrictYaml.value(yaml);
  }

  private static JsonNode step(JsonNode parent, String step) {
    return parent instanceof ArrayNode items
        ? items.path(position(items, step))
        : parent.path(step);
  }

  private static int position(ArrayNode items, String step) {
    if (!step.startsWith("@")) {
      return Integer.parseInt(step);
    }
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i).path("name").asText().equals(step.substring(1))) {
        return i;
      }
    }
    throw new IllegalArgumentException("There is no item " + step + ".");
  }

  /** The item of a list with this name, or a missing node. */
  static JsonNode named(JsonNode items, String name) {
    return items
        .valueStream()
        .filter(one -> one.path("name").asText().equals(name))
        .findFirst()
        .orElse(MissingNode.getInstance());
  }

  @Override
  public String toString() {
    if (object.isEmpty()) {
      return rendering + " with " + Rendering.title(value());
    }
    return rendering + " " + object + path + (yaml == null ? " removed" : " = " + yaml);
  }
}
