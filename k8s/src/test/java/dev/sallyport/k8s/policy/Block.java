package dev.sallyport.k8s.policy;

import java.math.BigInteger;

/**
 * The addresses of a CIDR notation such as {@code 10.0.0.0/8}. Bits behind the prefix are ignored,
 * as the API server does.
 *
 * @param first the lowest address in it
 * @param prefix how many leading bits are fixed
 */
record Block(Address first, int prefix) {

  Block {
    if (prefix < 0 || prefix > first.family().bits()) {
      throw new IllegalArgumentException("no such prefix: /" + prefix);
    }
    var mask = size(first, prefix).subtract(BigInteger.ONE);
    first = new Address(first.family(), first.value().andNot(mask));
  }

  static Block of(String cidr) {
    int slash = cidr.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException("not a block of addresses: " + cidr);
    }
    return new Block(
        Address.of(cidr.substring(0, slash)), Integer.parseInt(cidr.substring(slash + 1)));
  }

  /** The highest address in it. */
  Address last() {
    return first.plus(size(first, prefix).subtract(BigInteger.ONE));
  }

  boolean contains(Address address) {
    return address.family() == first.family()
        && first.compareTo(address) <= 0
        && address.compareTo(last()) <= 0;
  }

  /** Whether it is a part of the other, but not all of it. */
  boolean isInside(Block other) {
    return prefix > other.prefix && other.contains(first);
  }

  private static BigInteger size(Address first, int prefix) {
    return BigInteger.TWO.pow(first.family().bits() - prefix);
  }

  @Override
  public String toString() {
    return first + "/" + prefix;
  }
}
