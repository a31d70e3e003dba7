package dev.sallyport.user.queue;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** What a JSON parser lets pass and what stores behind us cannot hold. Pure. */
final class JsonText {
  private static final byte[] NUL = {'u', '0', '0', '0', '0'};

  private JsonText() {}

  /**
   * Whether this is UTF-8 and begins as JSON in UTF-8 does: a parser would take it for UTF-16 or 32
   * where there are zeros among the first bytes, and skip a byte order mark.
   */
  static boolean isUtf8(byte[] bytes) {
    for (int i = 0; i < Math.min(4, bytes.length); i++) {
      if (bytes[i] == 0) {
        return false;
      }
    }
    if (isAscii(bytes)) {
      return true;
    }
    if (bytes[0] < 0) {
      return false;
    }
    try {
      // Strictly: neither overlong forms nor encoded surrogates, which parsers let pass.
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException malformed) {
      return false;
    }
  }

  private static boolean isAscii(byte[] bytes) {
    int all = 0;
    for (byte one : bytes) {
      all |= one;
    }
    return all >= 0;
  }

  /** Whether this JSON has an escaped NUL in a text or a name. */
  static boolean hasNul(byte[] json) {
    for (int i = 0; i < json.length; i++) {
      if (json[i] == '\\') {
        if (startsWithNul(json, i + 1)) {
          return true;
        }
        i++; // what is escaped may be a backslash itself
      }
    }
    return false;
  }

  private static boolean startsWithNul(byte[] json, int at) {
    if (at + NUL.length > json.length) {
      return false;
    }
    for (int i = 0; i < NUL.length; i++) {
      if (json[at + i] != NUL[i]) {
        return false;
      }
    }
    return true;
  }

  /** The text as JSON. */
  static String quoted(String text) {
    boolean plain = text.chars().allMatch(c -> c >= ' ' && c < 0x7f && c != '"' && c != '\\');
    return '"'
        + (plain ? text : new String(JsonStringEncoder.getInstance().quoteAsString(text)))
        + '"';
  }

  /** Whether every store can hold it and give it back: no NUL, no half of a surrogate pair. */
  static boolean isText(String text) {
    return text.codePoints().noneMatch(c -> c == 0 || Character.getType(c) == Character.SURROGATE);
  }
}
