package dev.sallyport.k8s.policy;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * All addresses of IPv4 and IPv6, cut wherever some policy draws a line. Within a piece all are
 * treated alike, so asking for its first one answers for all.
 */
record AddressSpace(SortedSet<Address> cuts) {

  /** Cut at the ends of every block that these policies name. */
  static AddressSpace dividedBy(Policies policies) {
    var cuts = new TreeSet<Address>();
    for (var family : Address.Family.values()) {
      cuts.add(family.first());
    }
    policies.all().stream()
        .flatMap(policy -> List.of(policy.ingress(), policy.egress()).stream())
        .flatMap(List::stream)
        .flatMap(rule -> rule.peers().stream())
        .forEach(peer -> {
          if (peer instanceof Peer.Addresses(var block, var except)) {
            cut(cuts, block);
            except.forEach(hole -> cut(cuts, hole));
          }
        });
    return new AddressSpace(cuts);
  }

  private static void cut(Set<Address> cuts, Block block) {
    cuts.add(block.first());
    if (!block.last().equals(block.first().family().last())) {
      cuts.add(block.last().plus(BigInteger.ONE));
    }
  }

  /** The ranges of addresses for which some port is open, as texts, with those ports; in order. */
  Map<String, Ports> reachable(Function<Position.Outside, Ports> open) {
    var ranges = new LinkedHashMap<String, Ports>();
    @Nullable Address start = null;
    var current = Ports.NONE;
    @Nullable Address end = null;
    for (var cut : cuts) {
      var ports = open.apply(new Position.Outside(cut.toString(), cut));
      boolean joins = start != null && start.family() == cut.family() && ports.equals(current);
      if (!joins) {
        put(ranges, start, end, current);
        start = cut;
        current = ports;
      }
      end = endOfPiece(cut);
    }
    put(ranges, start, end, current);
    return ranges;
  }

  private static void put(
      Map<String, Ports> ranges, @Nullable Address start, @Nullable Address end, Ports ports) {
    if (start != null && end != null && !ports.isEmpty()) {
      ranges.put("addresses " + start + "-" + end, ports);
    }
  }

  private Address endOfPiece(Address cut) {
    var later = cuts.tailSet(cut).stream().skip(1).findFirst();
    return later.isPresent() && later.get().family() == cut.family()
        ? later.get().plus(BigInteger.ONE.negate())
        : cut.family().last();
  }
}
