package dev.sallyport.k8s.policy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Every way we know to break the boundary by one edit: each part of each policy removed, each
 * widened, misspelt or swapped for its neighbour, and what Services and pods contribute to it.
 */
final class Mutations {

  private static final String NAME = "app.kubernetes.io/name";

  private Mutations() {}

  /** All single edits of these documents that ought to be noticed. */
  static List<Mutant> of(List<JsonNode> documents) {
    var names = workloads(documents);
    var mutants = new ArrayList<Mutant>();
    for (int i = 0; i < documents.size(); i++) {
      var breakage = new Breakage(documents, i);
      switch (documents.get(i).path("kind").asText()) {
        case "NetworkPolicy" -> new PolicyMutations(breakage, names).make();
        case "Service" -> ServiceMutations.make(breakage, names);
        case "Deployment", "StatefulSet", "DaemonSet" -> WorkloadMutations.make(breakage);
        default -> {} // has no part in who reaches whom
      }
      mutants.addAll(breakage.mutants());
    }
    return mutants;
  }

  /** The values by which our own pods are told apart. */
  private static Set<String> workloads(List<JsonNode> documents) {
    var names = new TreeSet<String>();
    for (var document : documents) {
      var labels = document.at("/spec/template/metadata/labels");
      if (labels.has(NAME)) {
        names.add(labels.path(NAME).asText());
      }
    }
    return names;
  }
}
