package dev.sallyport.model;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals texts that workers leave for each other in a store that others may write to: {@code
 * v1;kid=…;mac=…}, a line feed, the text. The mac is HMAC-SHA-256 over the text, under a key that
 * is derived from a signing key for one purpose (the expansion of RFC 5869, 2.3, its first block),
 * so that a seal for one purpose is none for another and none is a signature of a call. A seal
 * hides nothing and does not say when it was made: a text that must not be shown again later has to
 * say so itself. Thread-safe; does not block.
 */
public final class TextSeal {
  private static final Pattern SEALED =
      Pattern.compile(
          "v1;kid=([A-Za-z0-9._-]{1,64});mac=([A-Za-z0-9_-]{43})\\n(.*)", Pattern.DOTALL);

  private final String signing;
  private final Map<String, SecretKeySpec> keys = new LinkedHashMap<>();

  /**
   * @param purpose what the seals are for; never two uses under one
   */
  public TextSeal(SigningKeys keys, String purpose) {
    this.signing = keys.signing().id();
    byte[] info = (purpose + "\u0001").getBytes(StandardCharsets.UTF_8);
    for (var key : keys.all()) {
      this.keys.put(key.id(), new SecretKeySpec(mac(key.secret(), info), CallSigner.ALGORITHM));
    }
  }

  /** The text under the seal of the key that signs. */
  public String seal(String text) {
    return "v1;kid=" + signing + ";mac=" + mac(signing, text) + "\n" + text;
  }

  /** The text, if the seal is one of ours for this purpose. */
  public Optional<String> open(String sealed) {
    var parts = SEALED.matcher(sealed);
    if (!parts.matches() || !keys.containsKey(parts.group(1))) {
      return Optional.empty();
    }
    var text = parts.group(3);
    var expected = mac(parts.group(1), text).getBytes(StandardCharsets.US_ASCII);
    var found = parts.group(2).getBytes(StandardCharsets.US_ASCII);
    return MessageDigest.isEqual(expected, found) ? Optional.of(text) : Optional.empty();
  }

  private String mac(String kid, String text) {
    var key = keys.get(kid);
    if (key == null) {
      throw new IllegalArgumentException("there is no key " + kid);
    }
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(mac(key, text.getBytes(StandardCharsets.UTF_8)));
  }

  private static byte[] mac(SecretKeySpec key, byte[] input) {
    try {
      var mac = Mac.getInstance(CallSigner.ALGORITHM);
      mac.init(key);
      return mac.doFinal(input);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
