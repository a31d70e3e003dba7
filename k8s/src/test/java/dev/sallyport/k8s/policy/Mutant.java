package dev.sallyport.k8s.policy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * The documents of an overlay with one thing broken.
 *
 * @param what was done, and where
 */
record Mutant(String what, List<JsonNode> documents) {

  Mutant {
    documents = List.copyOf(documents);
  }

  @Override
  public String toString() {
    return what;
  }
}
