package dev.sallyport.user.limit;

import io.netty.util.NetUtil;
import java.util.Arrays;
import java.util.HexFormat;

/** Who a request is charged to. Immutable. */
public final class Payer {
  /** Which of the two budgets. */
  enum Kind {
    ADDRESS,
    PRINCIPAL
  }

  private static final int V6_NETWORK_BYTES = 8;

  private final Kind kind;
  private final String id;

  private Payer(Kind kind, String id) {
    this.kind = kind;
    this.id = id;
  }

  /**
   * An address. Of an IPv6 address its /64 counts: that much a single household has, and could
   * change within it with each request.
   */
  public static Payer address(String address) {
    return new Payer(Kind.ADDRESS, "address:" + (isV6(address) ? network(address) : address));
  }

  /** A user, whatever the session. */
  public static Payer user(String userId) {
    return new Payer(Kind.PRINCIPAL, "user:" + userId);
  }

  /** An API key. */
  public static Payer key(String keyId) {
    return new Payer(Kind.PRINCIPAL, "key:" + keyId);
  }

  private static boolean isV6(String address) {
    return address.indexOf(':') >= 0;
  }

  private static String network(String address) {
    var bytes = NetUtil.createByteArrayFromIpAddressString(address);
    if (bytes == null) {
      return address; // as long as an address, and what it is does not matter
    }
    return isMapped(bytes)
        ? NetUtil.bytesToIpAddress(Arrays.copyOfRange(bytes, 12, 16))
        : HexFormat.of().formatHex(bytes, 0, V6_NETWORK_BYTES) + "/64";
  }

  /** An IPv4 address in the clothes of an IPv6 one: ::ffff:192.0.2.1. */
  private static boolean isMapped(byte[] bytes) {
    for (int i = 0; i < 10; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return bytes[10] == -1 && bytes[11] == -1;
  }

  Kind kind() {
    return kind;
  }

  /** Tells payers of both kinds apart. */
  String id() {
    return id;
  }
}
