package dev.sallyport.user.platform;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Addresses as they are kept: two spellings of one address are one. Pure. */
public final class EmailAddress {
  /** RFC 5321, 4.5.3.1.3, less the angle brackets. */
  private static final int LENGTH_MAX = 254;

  private static final Pattern FORM = Pattern.compile("[^\\s@\\p{Cntrl}]+@[^\\s@\\p{Cntrl}]+");

  private EmailAddress() {}

  /** How an address is kept. */
  public static String normal(String sent) {
    return sent.strip().toLowerCase(Locale.ROOT);
  }

  /** An address as it is kept, if it may be one: whether it is, only mail can tell. */
  public static Optional<String> parse(String sent) {
    var address = normal(sent);
    return address.length() <= LENGTH_MAX && FORM.matcher(address).matches() && isText(address)
        ? Optional.of(address)
        : Optional.empty();
  }

  /** Whether Postgres can hold it: no NUL, no half of a surrogate pair. */
  public static boolean isText(String text) {
    return text.codePoints().noneMatch(c -> c == 0 || Character.getType(c) == Character.SURROGATE);
  }
}
