package dev.sallyport.k8s.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** The edits of what makes pods, as far as it says whom policies and Services find. */
final class WorkloadMutations {

  private WorkloadMutations() {}

  /** Takes away or misspells the labels that tell the pods apart, and renames their ports. */
  static void make(Breakage breakage) {
    breakage.object("moved to elsewhere", "/metadata", it -> it.put("namespace", "elsewhere"));
    var template = "/spec/template/metadata/labels";
    breakage
        .at("/spec/selector/matchLabels")
        .properties()
        .forEach(pair -> {
          var key = pair.getKey();
          breakage.object("label " + key + " removed", template, it -> it.remove(key));
          breakage.object(
              "label " + key + " misspelt",
              template,
              it -> it.put(key, pair.getValue().asText() + "s"));
        });
    for (var container : breakage.elements("/spec/template/spec/containers")) {
      breakage.elements(container + "/ports").forEach(port -> port(breakage, port));
    }
  }

  /** A port that no Service names changes nothing about who reaches whom: policies have numbers. */
  private static void port(Breakage breakage, String pointer) {
    if (breakage.at(pointer + "/name").asText().equals("management")) {
      return;
    }
    int number = breakage.at(pointer + "/containerPort").asInt();
    breakage.object("port name removed", pointer, it -> it.remove("name"));
    breakage.object("port name misspelt", pointer, it -> it.put("name", "misspelt"));
    breakage.object("another number", pointer, it -> next(it, number));
    breakage.object("UDP", pointer, it -> it.put("protocol", "UDP"));
  }

  private static void next(ObjectNode port, int number) {
    port.put("containerPort", number + 1);
  }
}
