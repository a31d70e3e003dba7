package dev.sallyport.data.workflow;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A client's key for a request that it may repeat, and what the request was about.
 *
 * @param hash SHA-256 in hexadecimal
 */
record Idempotency(String key, String hash) {
  /** A key, and the request that came with it. */
  static Idempotency of(String key, @Nullable String id, String params) {
    try {
      var sha256 = MessageDigest.getInstance("SHA-256");
      if (id != null) {
        sha256.update(id.getBytes(StandardCharsets.UTF_8));
      }
      sha256.update((byte) 0);
      var hash = sha256.digest(params.getBytes(StandardCharsets.UTF_8));
      return new Idempotency(key, HexFormat.of().formatHex(hash));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
