package dev.sallyport.data.queue;

import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.OptionalLong;

/** How dead letters are called outside: their rows, in a form that nobody takes for a number. */
final class LetterName {
  private LetterName() {}

  static String of(long pk) {
    var bytes = ByteBuffer.allocate(Long.BYTES).putLong(pk).array();
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** Empty for what is no such name. */
  static OptionalLong parse(String name) {
    try {
      var bytes = Base64.getUrlDecoder().decode(name);
      return bytes.length == Long.BYTES
          ? OptionalLong.of(ByteBuffer.wrap(bytes).getLong())
          : OptionalLong.empty();
    } catch (IllegalArgumentException e) {
      return OptionalLong.empty(); // it is none then
    }
  }
}
