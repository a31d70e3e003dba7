package dev.sallyport.model;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secrets with which the user-worker signs its calls: one, or two while they are rotated. The
 * first signs; each verifies. Immutable; its text form never shows a secret.
 */
public final class SigningKeys {
  /** NIST SP 800-107, 5.3.4: an HMAC-SHA-256 key shorter than the hash weakens it. */
  private static final int SECRET_BYTES_MIN = 32;

  private static final int KEYS_MAX = 2;
  private static final Pattern KEY_ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  record Key(String id, SecretKeySpec secret) {
    @Override
    public String toString() {
      return id;
    }
  }

  private final List<Key> keys;

  private SigningKeys(List<Key> keys) {
    this.keys = keys;
  }

  /**
   * Reads {@code kid:secret[,kid:secret]}, each secret base64url without padding.
   *
   * @throws IllegalArgumentException with a sentence that says what is wrong, never with a secret
   */
  public static SigningKeys parse(String text) {
    var keys = new ArrayList<Key>();
    for (var part : text.split(",", -1)) {
      keys.add(key(part.strip(), keys.size() + 1));
    }
    if (keys.size() > KEYS_MAX) {
      throw new IllegalArgumentException("at most two signing keys, found " + keys.size());
    }
    if (keys.size() == 2 && keys.getFirst().id().equals(keys.getLast().id())) {
      throw new IllegalArgumentException("both signing keys have the id " + keys.getFirst().id());
    }
    return new SigningKeys(List.copyOf(keys));
  }

  private static Key key(String part, int position) {
    int colon = part.indexOf(':');
    var id = colon < 0 ? "" : part.substring(0, colon);
    if (!KEY_ID.matcher(id).matches()) {
      throw new IllegalArgumentException(
          "signing key " + position + " must look like kid:secret, kid of letters and digits");
    }
    byte[] secret;
    try {
      secret = Base64.getUrlDecoder().decode(part.substring(colon + 1));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("the secret of signing key " + id + " is not base64url");
    }
    if (secret.length < SECRET_BYTES_MIN) {
      throw new IllegalArgumentException(
          "the secret of signing key " + id + " has " + secret.length + " bytes, needs 32");
    }
    return new Key(id, new SecretKeySpec(secret, CallSigner.ALGORITHM));
  }

  Key signing() {
    return keys.getFirst();
  }

  /** The one that signs first. */
  List<Key> all() {
    return keys;
  }

  Optional<Key> find(String id) {
    return keys.stream().filter(key -> key.id().equals(id)).findFirst();
  }

  @Override
  public String toString() {
    return "SigningKeys" + keys;
  }
}
