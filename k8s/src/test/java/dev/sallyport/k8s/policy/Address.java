package dev.sallyport.k8s.policy;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * An IP address as a number. All of IPv4 comes before all of IPv6.
 *
 * @param family which of the two
 * @param value not negative, below 2 to the power of the family's width
 */
record Address(Family family, BigInteger value) implements Comparable<Address> {

  /** The two kinds of addresses and their width in bits. */
  enum Family {
    IPV4(32),
    IPV6(128);

    private final int bits;

    Family(int bits) {
      this.bits = bits;
    }

    int bits() {
      return bits;
    }

    Address first() {
      return new Address(this, BigInteger.ZERO);
    }

    Address last() {
      return new Address(this, BigInteger.TWO.pow(bits).subtract(BigInteger.ONE));
    }
  }

  Address {
    if (value.signum() < 0 || value.bitLength() > family.bits()) {
      throw new IllegalArgumentException("no such " + family + " address: " + value);
    }
  }

  /** Reads the usual notation; never asks a name server. */
  static Address of(String text) {
    if (!text.matches("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
      throw new IllegalArgumentException("not an IP address: " + text);
    }
    try {
      byte[] bytes = InetAddress.getByName(text).getAddress();
      return new Address(text.contains(":") ? Family.IPV6 : Family.IPV4, new BigInteger(1, bytes));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("not an IP address: " + text, e);
    }
  }

  /** The address that many further on, in the same family. */
  Address plus(BigInteger offset) {
    return new Address(family, value.add(offset));
  }

  @Override
  public int compareTo(Address other) {
    return family == other.family ? value.compareTo(other.value) : family.compareTo(other.family);
  }

  @Override
  public String toString() {
    byte[] bytes = new byte[family.bits() / Byte.SIZE];
    byte[] digits = value.toByteArray();
    int length = Math.min(digits.length, bytes.length);
    System.arraycopy(digits, digits.length - length, bytes, bytes.length - length, length);
    try {
      return InetAddress.getByAddress(bytes).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
