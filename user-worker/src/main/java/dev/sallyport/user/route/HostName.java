package dev.sallyport.user.route;

import java.net.Inet6Address;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A host as one text for all its spellings: in lower case, without port and without the dot at the
 * end, an IPv6 address in full and in brackets. Immutable.
 */
record HostName(String text) {
  /** A name has 253 characters at the most (RFC 1035, 2.3.4); escapes and a port need more. */
  private static final int AUTHORITY_MAX = 800;

  private static final Pattern AUTHORITY =
      Pattern.compile(
          "(?<host>\\[(?<six>[0-9A-Fa-f:.]{2,45})]"
              + "|(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})+)(?::[0-9]{0,5})?");

  /**
   * Reads the value of a {@code Host} header: RFC 9110, 7.2, and RFC 3986, 3.2.2.
   *
   * @return nothing where it is none, or an address of a version to come
   */
  static Optional<HostName> parse(String authority) {
    if (authority.length() > AUTHORITY_MAX) {
      return Optional.empty();
    }
    var parts = AUTHORITY.matcher(authority);
    if (!parts.matches()) {
      return Optional.empty();
    }
    var six = parts.group("six");
    return six == null ? named(parts.group("host")) : six(six);
  }

  private static Optional<HostName> named(String host) {
    var name = Escapes.undone(host).toLowerCase(Locale.ROOT);
    var plain = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    return plain.isEmpty() ? Optional.empty() : Optional.of(new HostName(plain));
  }

  private static Optional<HostName> six(String literal) {
    try {
      return Optional.of(
          new HostName("[" + Inet6Address.ofLiteral(literal).getHostAddress() + "]"));
    } catch (IllegalArgumentException noAddress) {
      return Optional.empty();
    }
  }
}
