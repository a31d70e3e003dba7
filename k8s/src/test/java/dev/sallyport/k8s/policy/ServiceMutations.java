package dev.sallyport.k8s.policy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;

/** The edits of one Service. */
final class ServiceMutations {

  private ServiceMutations() {}

  /**
   * Points it to others, to nobody, or to another port, and opens it to the outside.
   *
   * @param names of our own workloads
   */
  static void make(Breakage breakage, Set<String> names) {
    breakage.removeDocument();
    breakage.object("moved to elsewhere", "/metadata", it -> it.put("namespace", "elsewhere"));
    breakage.object("selector removed", "/spec", it -> it.remove("selector"));
    breakage.object("ports removed", "/spec", it -> it.remove("ports"));
    breakage.object("headless", "/spec", it -> it.put("clusterIP", "None"));
    breakage.object("external", "/spec", it -> it.putArray("externalIPs").add("192.0.2.1"));
    for (var type : List.of("NodePort", "LoadBalancer", "ExternalName")) {
      breakage.object(type, "/spec", it -> it.put("type", type));
    }
    breakage.removeEachBelow("/spec/selector");
    breakage
        .at("/spec/selector")
        .properties()
        .forEach(pair -> selector(breakage, pair.getKey(), pair.getValue().asText(), names));
    breakage.list(
        "management exposed",
        "/spec/ports",
        it -> it.addObject().put("name", "m").put("port", 9000).put("targetPort", "management"));
    breakage.elements("/spec/ports").forEach(port -> port(breakage, port));
  }

  private static void selector(Breakage breakage, String key, String value, Set<String> names) {
    var pointer = "/spec/selector";
    breakage.object("misspelt value of " + key, pointer, it -> it.put(key, value + "s"));
    breakage.object(
        "misspelt key " + key,
        pointer,
        it -> {
          it.remove(key);
          it.put(key + "s", value);
        });
    for (var name : names) {
      breakage.object(key + " is " + name, pointer, it -> it.put(key, name));
    }
  }

  private static void port(Breakage breakage, String pointer) {
    int number = breakage.at(pointer + "/port").asInt();
    breakage.object("targetPort removed", pointer, it -> it.remove("targetPort"));
    breakage.object("port removed", pointer, it -> it.remove("port"));
    breakage.object("another port", pointer, it -> it.put("port", number + 1));
    breakage.object("UDP", pointer, it -> it.put("protocol", "UDP"));
    for (var name : List.of("management", "misspelt")) {
      breakage.object("to " + name, pointer, it -> it.put("targetPort", name));
    }
    breakage.object("to a number", pointer, it -> toNumber(it, number));
    breakage.object("to another number", pointer, it -> toNumber(it, number + 1));
  }

  private static void toNumber(ObjectNode port, int number) {
    port.put("targetPort", number);
  }
}
