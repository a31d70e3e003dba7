package dev.sallyport.data.platform;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A Lua script, by its text and by the name that Redis remembers it under. Immutable.
 *
 * @param sha SHA-1 of the text, in hexadecimal digits
 */
public record RedisScript(String text, String sha) {
  public static RedisScript of(String text) {
    try {
      var hash = MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
      return new RedisScript(text, HexFormat.of().formatHex(hash));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-1", e);
    }
  }
}
