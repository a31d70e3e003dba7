package dev.sallyport.data.room;

/** What can be published, whichever way it comes. Pure. */
final class Publishing {
  /** The most that a message carries, in bytes of UTF-8; a frame is no longer than that either. */
  static final int DATA_BYTES_MAX = 64 * 1024;

  private Publishing() {}

  /** Whether every store can hold it, and it is neither empty nor longer. */
  static boolean isName(String text, int charsMax) {
    return !text.isEmpty()
        && text.length() <= charsMax
        && text.codePoints().noneMatch(c -> c == 0 || Character.getType(c) == Character.SURROGATE);
  }
}
