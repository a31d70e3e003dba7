package dev.sallyport.user.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Seals secrets for storage: AES-256-GCM with a random nonce in front, bound to a name so that one
 * sealed secret cannot stand in for another. Thread-safe.
 */
final class KeyEncryption {
  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final SecretKeySpec key;
  private final SecureRandom random;

  KeyEncryption(String base64Url, SecureRandom random) {
    this.key = new SecretKeySpec(key(base64Url), "AES");
    this.random = random;
  }

  /**
   * The bytes of a key.
   *
   * @throws IllegalArgumentException with a sentence that says what to set, never with the key
   */
  static byte[] key(String base64Url) {
    byte[] bytes;
    try {
      bytes = Base64.getUrlDecoder().decode(base64Url);
    } catch (IllegalArgumentException e) {
      bytes = new byte[0];
    }
    if (bytes.length != KEY_BYTES) {
      throw new IllegalArgumentException(
          "sallyport.auth.key-encryption-key must be 32 random bytes in base64url: set"
              + " SALLYPORT_AUTH_KEY_ENCRYPTION_KEY, the same for every user-worker");
    }
    return bytes;
  }

  byte[] seal(String name, String secret) {
    var nonce = new byte[NONCE_BYTES];
    random.nextBytes(nonce);
    var sealed = apply(Cipher.ENCRYPT_MODE, nonce, name, secret.getBytes(StandardCharsets.UTF_8));
    var all = Arrays.copyOf(nonce, NONCE_BYTES + sealed.length);
    System.arraycopy(sealed, 0, all, NONCE_BYTES, sealed.length);
    return all;
  }

  String open(String name, byte[] sealed) {
    var nonce = Arrays.copyOf(sealed, NONCE_BYTES);
    var rest = Arrays.copyOfRange(sealed, NONCE_BYTES, sealed.length);
    return new String(apply(Cipher.DECRYPT_MODE, nonce, name, rest), StandardCharsets.UTF_8);
  }

  private byte[] apply(int mode, byte[] nonce, String name, byte[] input) {
    try {
      var cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
      cipher.updateAAD(name.getBytes(StandardCharsets.UTF_8));
      return cipher.doFinal(input);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(
          "token key "
              + name
              + " in Postgres was sealed with another sallyport.auth.key-encryption-key: set"
              + " SALLYPORT_AUTH_KEY_ENCRYPTION_KEY to the one it was made with",
          e);
    }
  }
}
