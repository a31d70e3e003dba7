package dev.sallyport.data.rpc;

/** Looks for what JSON can say and neither UTF-8 nor Postgres can hold. Pure. */
final class Escapes {
  private static final int LENGTH = 6;
  private static final int HEX = 16;

  private Escapes() {}

  /**
   * Whether JSON has neither U+0000 nor half of a surrogate pair in it. Both can only be there as
   * escapes.
   *
   * @param json well-formed, of well-formed text
   */
  static boolean areText(String json) {
    boolean half = false;
    for (int i = json.indexOf('\\'); i >= 0; i = half ? i : json.indexOf('\\', i)) {
      boolean isUnicode = json.charAt(i) == '\\' && json.charAt(i + 1) == 'u';
      char c = isUnicode ? (char) Integer.parseInt(json, i + 2, i + LENGTH, HEX) : 'x';
      if (c == 0 || half != Character.isLowSurrogate(c)) {
        return false;
      }
      half = Character.isHighSurrogate(c);
      i += isUnicode ? LENGTH : 2;
    }
    return true;
  }
}
