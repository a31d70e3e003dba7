package dev.sallyport.k8s.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;

/** The edits of the list of ports of one rule. */
final class PortMutations {

  private static final int HIGHEST = 65_535;
  private static final int NEVER_DECLARED = 31_337;

  private PortMutations() {}

  static void make(Breakage breakage, String pointer) {
    for (int port : new int[] {80, 443, 5432, 6379, 8080, 9000, 9092, NEVER_DECLARED}) {
      breakage.list("port " + port + " added", pointer, it -> add(it, port));
    }
    for (var protocol : Protocol.values()) {
      breakage.list(
          "every " + protocol + " port added",
          pointer,
          it -> it.addObject().put("protocol", protocol.name()));
    }
    breakage.elements(pointer).forEach(port -> port(breakage, pointer, port));
  }

  /** Adds it, unless the rule has it: then there is nothing to notice. */
  private static void add(ArrayNode ports, int number) {
    if (ports.valueStream().noneMatch(it -> isTcp(it.path("protocol").asText(), it, number))) {
      ports.addObject().put("protocol", "TCP").put("port", number);
    }
  }

  private static boolean isTcp(String protocol, JsonNode port, int number) {
    return protocol.equals("TCP") && port.path("port").asInt() == number;
  }

  private static void port(Breakage breakage, String list, String pointer) {
    int number = breakage.at(pointer + "/port").asInt();
    for (var protocol : Protocol.values()) {
      breakage.object(protocol + " instead", pointer, it -> it.put("protocol", protocol.name()));
      if (!breakage.at(pointer + "/protocol").asText().equals(protocol.name())
          && breakage.at(list).size() == 1) {
        breakage.list(
            protocol + " too",
            list,
            it -> it.addObject().put("protocol", protocol.name()).put("port", number));
      }
    }
    breakage.object("one more", pointer, it -> it.put("endPort", number + 1));
    breakage.object("all above", pointer, it -> it.put("endPort", HIGHEST));
    breakage.object("all below", pointer, it -> it.put("port", 1).put("endPort", number));
    breakage.object("the next", pointer, it -> it.put("port", number + 1));
    for (var name : new String[] {"http", "management", "misspelt"}) {
      breakage.object("by the name " + name, pointer, it -> it.put("port", name));
    }
  }
}
