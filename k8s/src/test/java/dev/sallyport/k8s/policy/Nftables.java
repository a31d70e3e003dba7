package dev.sallyport.k8s.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Writes policies and Services as rules for {@code nft -f}, for a node that forwards between pods:
 * for each isolated pod and direction a chain that returns what is allowed and refuses the rest. It
 * asks {@link Policies} nothing: what rules it writes follows from the policies alone, so that the
 * packets are a second opinion.
 *
 * <p>What is refused is told so, unlike with most network plugins, so that a test can tell at once
 * "refused" from "slow".
 */
final class Nftables {

  private Nftables() {}

  static String services(List<PacketPlan.Route> routes) {
    var text = new StringBuilder("table ip services {\n  chain prerouting {\n");
    text.append("    type nat hook prerouting priority dstnat; policy accept;\n");
    for (var route : routes) {
      var protocol = lower(route.port().protocol());
      text.append("    ip daddr ").append(route.service()).append(' ').append(protocol);
      text.append(" dport ").append(route.port().number()).append(" dnat to ");
      text.append(route.to().address()).append(':').append(route.podPort()).append('\n');
    }
    return text.append("  }\n}\n").toString();
  }

  static String policies(List<PacketPlan.Host> hosts, Policies policies) {
    var maps = new StringBuilder();
    var chains = new StringBuilder();
    for (var direction : List.of(Direction.EGRESS, Direction.INGRESS)) {
      var jumps = new ArrayList<String>();
      for (var host : hosts) {
        var governing =
            host.isPod()
                ? policies.all().stream().filter(it -> it.governs(host.pod(), direction)).toList()
                : List.<Policy>of();
        if (!governing.isEmpty()) {
          var chain = lower(direction) + "_" + host.address().toString().replace('.', '_');
          jumps.add(host.address() + " : jump " + chain);
          chains.append(chain(chain, governing, direction, hosts));
        }
      }
      if (!jumps.isEmpty()) {
        maps.append("    ip ").append(direction == Direction.EGRESS ? "saddr" : "daddr");
        maps.append(" vmap { ").append(String.join(", ", jumps)).append(" }\n");
      }
    }
    return """
    table ip policies {
      counter refused { }
      chain forward {
        type filter hook forward priority filter; policy accept;
        ct state established,related accept
    MAPS  }
      chain refuse {
        counter name refused
        meta l4proto tcp reject with tcp reset
        reject
      }
    CHAINS}
    """
        .replace("MAPS", maps)
        .replace("CHAINS", chains);
  }

  private static String chain(
      String name, List<Policy> governing, Direction direction, List<PacketPlan.Host> hosts) {
    var text = new StringBuilder("  chain " + name + " {\n");
    for (var policy : governing) {
      for (var rule : policy.rules(direction)) {
        for (var peer : peers(policy, rule, direction, hosts)) {
          for (var port : ports(rule)) {
            text.append("    ").append(peer).append(port).append("return\n");
          }
        }
      }
    }
    return text.append("    goto refuse\n  }\n").toString();
  }

  /** One match for each peer; none where a peer is nobody who is here. */
  private static List<String> peers(
      Policy policy, Policy.Rule rule, Direction direction, List<PacketPlan.Host> hosts) {
    if (rule.peers().isEmpty()) {
      return List.of("");
    }
    var field = direction == Direction.EGRESS ? "ip daddr " : "ip saddr ";
    var matches = new ArrayList<String>();
    for (var peer : rule.peers()) {
      switch (peer) {
        case Peer.Addresses(var block, var except) -> {
          if (block.first().family() == Address.Family.IPV4) {
            matches.add(
                field + block + " " + (except.isEmpty() ? "" : field + "!= " + set(except)));
          }
        }
        case Peer.Pods pods -> {
          var addresses =
              hosts.stream()
                  .filter(host -> pods.matches(host.position(), policy.namespace()))
                  .map(PacketPlan.Host::address)
                  .toList();
          if (!addresses.isEmpty()) {
            matches.add(field + set(addresses));
          }
        }
      }
    }
    return matches;
  }

  private static List<String> ports(Policy.Rule rule) {
    if (rule.ports().isEmpty()) {
      return List.of("");
    }
    return rule.ports().stream()
        .map(port ->
            switch (port) {
              case PortRule.Every(var protocol) -> "meta l4proto " + lower(protocol) + " ";
              case PortRule.Range(var protocol, var from, var to) ->
                  lower(protocol) + " dport " + from + "-" + to + " ";
              case PortRule.Named named ->
                  throw new IllegalArgumentException(named + ": the lint wants numbers");
            })
        .toList();
  }

  private static String set(List<?> items) {
    return items.stream().map(Object::toString).collect(Collectors.joining(", ", "{ ", " } "));
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
