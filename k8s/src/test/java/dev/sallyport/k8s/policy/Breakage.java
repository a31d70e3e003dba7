package dev.sallyport.k8s.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/**
 * Breaks one document of an overlay, each time from the unbroken state. Collects the mutants;
 * confined to one thread.
 */
final class Breakage {

  private final List<JsonNode> documents;
  private final int index;
  private final List<Mutant> mutants = new ArrayList<>();

  /** Of the document at this index. */
  Breakage(List<JsonNode> documents, int index) {
    this.documents = documents;
    this.index = index;
  }

  List<Mutant> mutants() {
    return mutants;
  }

  JsonNode document() {
    return documents.get(index);
  }

  /** What is there before anything is broken; a missing node where nothing is. */
  JsonNode at(String pointer) {
    return document().at(pointer);
  }

  /** The pointers of the elements of a list; none where there is no such list. */
  List<String> elements(String pointer) {
    return IntStream.range(0, at(pointer).size()).mapToObj(i -> pointer + "/" + i).toList();
  }

  /** Leaves the whole document out. */
  void removeDocument() {
    var others = new ArrayList<>(documents);
    others.remove(index);
    mutants.add(new Mutant(describe("the whole of it removed", ""), others));
  }

  /** Removes each thing below the pointer in turn, whether it holds others or not. */
  void removeEachBelow(String pointer) {
    switch (at(pointer)) {
      case ObjectNode object ->
          object
              .fieldNames()
              .forEachRemaining(field -> {
                edit("removed " + field, pointer, node -> ((ObjectNode) node).remove(field));
                removeEachBelow(pointer + "/" + escaped(field));
              });
      case ArrayNode array ->
          IntStream.range(0, array.size())
              .forEach(i -> {
                edit("removed item " + i, pointer, node -> ((ArrayNode) node).remove(i));
                removeEachBelow(pointer + "/" + i);
              });
      default -> {}
    }
  }

  /** Changes the object at the pointer. */
  void object(String how, String pointer, Consumer<ObjectNode> change) {
    edit(how, pointer, node -> change.accept((ObjectNode) node));
  }

  /** Changes the list at the pointer. */
  void list(String how, String pointer, Consumer<ArrayNode> change) {
    edit(how, pointer, node -> change.accept((ArrayNode) node));
  }

  private void edit(String how, String pointer, Consumer<JsonNode> change) {
    var copy = document().deepCopy();
    change.accept(copy.at(pointer));
    if (copy.equals(document())) {
      return;
    }
    var changed = new ArrayList<>(documents);
    changed.set(index, copy);
    mutants.add(new Mutant(describe(how, pointer), changed));
  }

  private String describe(String how, String pointer) {
    return document().path("kind").asText()
        + " "
        + document().at("/metadata/name").asText()
        + pointer
        + ": "
        + how;
  }

  static String escaped(String field) {
    return field.replace("~", "~0").replace("/", "~1");
  }
}
