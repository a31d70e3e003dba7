package dev.sallyport.k8s.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The edits of one NetworkPolicy.
 *
 * @param names of our own workloads, to be taken for one another
 */
record PolicyMutations(Breakage breakage, Set<String> names) {

  /** A direction's field, and the field of its rules that lists the peers. */
  private static final Map<String, String> DIRECTIONS = Map.of("ingress", "from", "egress", "to");

  private static final List<String> EVERYBODY =
      List.of("0.0.0.0/0", "::/0", "10.0.0.0/8", "169.254.169.254/32");

  void make() {
    breakage.removeDocument();
    breakage.removeEachBelow("/spec");
    breakage.object("moved to elsewhere", "/metadata", it -> it.put("namespace", "elsewhere"));
    SelectorMutations.make(breakage, "/spec/podSelector", names);
    DIRECTIONS.forEach(this::direction);
  }

  private void direction(String field, String peers) {
    var pointer = "/spec/" + field;
    var rules = breakage.elements(pointer);
    if (rules.isEmpty()) {
      return;
    }
    breakage.list("a rule for everything added", pointer, ArrayNode::addObject);
    turnedAround(field, peers);
    for (int i = 0; i < rules.size(); i++) {
      split(pointer, i, peers);
      rule(rules.get(i), peers);
      if (i > 0) {
        merged(pointer, i, peers);
      }
    }
  }

  /** The same rules in the other direction. */
  private void turnedAround(String field, String peers) {
    var other = field.equals("ingress") ? "egress" : "ingress";
    breakage.object(
        field + " made " + other,
        "/spec",
        spec -> {
          var rules = (ArrayNode) spec.remove(field);
          for (var rule : rules) {
            var moved = ((ObjectNode) rule).remove(peers);
            if (moved != null) {
              ((ObjectNode) rule).set(DIRECTIONS.getOrDefault(other, ""), moved);
            }
          }
          spec.withArray("/" + other).addAll(rules);
          spec.putArray("policyTypes").add("Ingress").add("Egress");
        });
  }

  /** The ports of a rule as a rule of their own: one dash too many. */
  private void split(String pointer, int index, String peers) {
    if (breakage.at(pointer + "/" + index).has(peers)) {
      breakage.list(
          "ports split from " + peers,
          pointer,
          rules -> {
            var ports = ((ObjectNode) rules.get(index)).remove("ports");
            rules.addObject().set("ports", ports);
          });
    }
  }

  /** Two rules as one: the peers of either get the ports of both. */
  private void merged(String pointer, int index, String peers) {
    breakage.list(
        "merged into the rule before",
        pointer,
        rules -> {
          var rule = rules.remove(index);
          var before = rules.get(index - 1);
          ((ArrayNode) before.path(peers)).addAll((ArrayNode) rule.path(peers));
          ((ArrayNode) before.path("ports")).addAll((ArrayNode) rule.path("ports"));
        });
  }

  private void rule(String pointer, String peers) {
    breakage.object("made empty", pointer, ObjectNode::removeAll);
    breakage.object("its peers made an empty list", pointer, rule -> rule.putArray(peers));
    breakage.object("its ports made an empty list", pointer, rule -> rule.putArray("ports"));
    var from = pointer + "/" + peers;
    breakage.list("every pod here added", from, it -> it.addObject().putObject("podSelector"));
    breakage.list(
        "every pod anywhere added", from, it -> it.addObject().putObject("namespaceSelector"));
    for (var block : EVERYBODY) {
      breakage.list(
          block + " added", from, it -> it.addObject().putObject("ipBlock").put("cidr", block));
    }
    for (var name : names) {
      if (breakage.at(from).toString().contains('"' + name + '"')) {
        continue; // they are let through already
      }
      breakage.list(
          name + " added",
          from,
          it ->
              it.addObject()
                  .putObject("podSelector")
                  .putObject("matchLabels")
                  .put("app.kubernetes.io/name", name));
    }
    breakage.elements(from).forEach(peer -> peer(from, peer));
    PortMutations.make(breakage, pointer + "/ports");
  }

  private void peer(String list, String pointer) {
    var peer = breakage.at(pointer);
    int index = Integer.parseInt(pointer.substring(list.length() + 1));
    if (peer.has("ipBlock")) {
      block(pointer + "/ipBlock");
      return;
    }
    if (peer.has("namespaceSelector") && peer.has("podSelector")) {
      breakage.list(
          "AND made OR",
          list,
          peers -> {
            var pods = ((ObjectNode) peers.get(index)).remove("podSelector");
            peers.addObject().set("podSelector", pods);
          });
    }
    if (!peer.has("namespaceSelector")) {
      breakage.object("every namespace", pointer, it -> it.putObject("namespaceSelector"));
    }
    Stream.of("namespaceSelector", "podSelector")
        .filter(peer::has)
        .forEach(field -> SelectorMutations.make(breakage, pointer + "/" + field, names));
  }

  private void block(String pointer) {
    var cidr = breakage.at(pointer + "/cidr").asText();
    var block = Block.of(cidr);
    if (block.prefix() > 0) {
      var wider = new Block(block.first(), block.prefix() - 1).toString();
      breakage.object("one bit shorter", pointer, it -> it.put("cidr", wider));
      var all = new Block(block.first(), 0).toString();
      breakage.object("all addresses", pointer, it -> it.put("cidr", all));
    }
    for (var hole : breakage.elements(pointer + "/except")) {
      int index = Integer.parseInt(hole.substring(hole.lastIndexOf('/') + 1));
      halves(breakage.at(hole))
          .forEach(half ->
              breakage.list(
                  "only " + half + " left of " + breakage.at(hole).asText(),
                  pointer + "/except",
                  holes -> holes.set(index, half)));
    }
  }

  private static Stream<String> halves(JsonNode hole) {
    var block = Block.of(hole.asText());
    var lower = new Block(block.first(), block.prefix() + 1);
    return Stream.of(lower, new Block(block.last(), block.prefix() + 1)).map(Block::toString);
  }
}
