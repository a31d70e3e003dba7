package dev.sallyport.k8s.policy;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * An exact set of ports, for each protocol. Because it holds all 65535 of each, not those that
 * somebody thought of, a rule that opens too many shows in it. Immutable.
 */
final class Ports {

  private static final int HIGHEST = 65_535;

  /** No port of any protocol. */
  static final Ports NONE = new Ports(Map.of());

  /** Every port of every protocol. */
  static final Ports ALL = all();

  private final Map<Protocol, BitSet> open;

  private Ports(Map<Protocol, BitSet> open) {
    this.open = open;
  }

  /** A port is 1 to 65535; both ends are in the range. */
  static Ports range(Protocol protocol, int from, int to) {
    if (from < 1 || to > HIGHEST || from > to) {
      throw new IllegalArgumentException("no such range of ports: " + from + " to " + to);
    }
    var bits = new BitSet();
    bits.set(from, to + 1);
    return new Ports(Map.of(protocol, bits));
  }

  static Ports of(Protocol protocol, int port) {
    return range(protocol, port, port);
  }

  /** Every port of one protocol. */
  static Ports all(Protocol protocol) {
    return range(protocol, 1, HIGHEST);
  }

  private static Ports all() {
    var all = NONE;
    for (var protocol : Protocol.values()) {
      all = all.or(all(protocol));
    }
    return all;
  }

  /** What is in either. */
  @SuppressWarnings("ReferenceEquality") // a short cut for the usual cases
  Ports or(Ports other) {
    if (isEmpty() || this == other) {
      return other;
    }
    if (other.isEmpty()) {
      return this;
    }
    var union = new EnumMap<Protocol, BitSet>(Protocol.class);
    for (var protocol : Protocol.values()) {
      var bits = bits(protocol);
      bits.or(other.bits(protocol));
      if (!bits.isEmpty()) {
        union.put(protocol, bits);
      }
    }
    return new Ports(union);
  }

  /** What is in both. */
  @SuppressWarnings("ReferenceEquality") // a short cut for the usual cases
  Ports and(Ports other) {
    if (isEmpty() || other == ALL) {
      return this;
    }
    if (other.isEmpty() || this == ALL) {
      return other;
    }
    var common = new EnumMap<Protocol, BitSet>(Protocol.class);
    for (var protocol : Protocol.values()) {
      var bits = bits(protocol);
      bits.and(other.bits(protocol));
      if (!bits.isEmpty()) {
        common.put(protocol, bits);
      }
    }
    return new Ports(common);
  }

  boolean contains(Protocol protocol, int port) {
    var bits = open.get(protocol);
    return bits != null && bits.get(port);
  }

  boolean isEmpty() {
    return open.isEmpty();
  }

  /** One text for each run of ports, such as {@code TCP 8080}, {@code UDP every port}. */
  List<String> ranges() {
    var texts = new ArrayList<String>();
    for (var protocol : Protocol.values()) {
      var bits = bits(protocol);
      for (int from = bits.nextSetBit(0); from >= 0; ) {
        int to = bits.nextClearBit(from) - 1;
        texts.add(protocol + " " + range(from, to));
        from = bits.nextSetBit(to + 1);
      }
    }
    return texts;
  }

  private static String range(int from, int to) {
    if (from == 1 && to == HIGHEST) {
      return "every port";
    }
    return from == to ? Integer.toString(from) : from + "-" + to;
  }

  private BitSet bits(Protocol protocol) {
    var bits = open.get(protocol);
    return bits == null ? new BitSet() : (BitSet) bits.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Ports ports && open.equals(ports.open);
  }

  @Override
  public int hashCode() {
    return open.hashCode();
  }

  @Override
  public String toString() {
    return isEmpty() ? "no port" : String.join(", ", ranges());
  }
}
