package dev.sallyport.user.route;

/** Percent-encoding that means nothing (RFC 3986, 6.2.2.2). Pure. */
final class Escapes {
  private static final int LENGTH = 3;

  private Escapes() {}

  /**
   * The same text with every escape undone that stands for an unreserved character: {@code %61} and
   * {@code a} are one. Other escapes, and what is none, stay as they are.
   */
  static String undone(String text) {
    int escape = text.indexOf('%');
    if (escape < 0) {
      return text;
    }
    var plain = new StringBuilder(text.length());
    int from = 0;
    while (escape >= 0) {
      plain.append(text, from, escape);
      int c = decoded(text, escape);
      boolean undo = isUnreserved(c);
      plain.append(undo ? (char) c : '%');
      from = escape + (undo ? LENGTH : 1);
      escape = text.indexOf('%', from);
    }
    return plain.append(text, from, text.length()).toString();
  }

  private static int decoded(String text, int escape) {
    if (escape + LENGTH > text.length()) {
      return -1;
    }
    int high = hex(text.charAt(escape + 1));
    int low = hex(text.charAt(escape + 2));
    return high < 0 || low < 0 ? -1 : (high << 4) | low;
  }

  private static int hex(char c) {
    return c < 128 ? Character.digit(c, 16) : -1;
  }

  private static boolean isUnreserved(int c) {
    return c > 0 && c < 128 && (Character.isLetterOrDigit(c) || "-._~".indexOf(c) >= 0);
  }
}
