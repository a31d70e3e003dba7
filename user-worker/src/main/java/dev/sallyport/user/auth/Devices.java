package dev.sallyport.user.auth;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Remembers on a device that somebody has signed in there: a cookie that says until when, signed
 * together with the address. It opens nothing: a guess from there is counted on its own, that is
 * all. Thread-safe.
 */
@ApplicationScoped
class Devices {
  /** The cookie's name. */
  static final String COOKIE = "sallyport_device";

  static final Duration LIFETIME = Duration.ofDays(365);

  private static final String HMAC = "HmacSHA256";

  /** A random part, the second that it ends in, and the signature. */
  private static final Pattern FORM =
      Pattern.compile("([A-Za-z0-9_-]{43}\\.\\d{1,12})\\.([A-Za-z0-9_-]{43})");

  private final SecretKeySpec key;
  private final SecureRandom random;
  private final InstantSource clock;

  @Inject
  Devices(AuthSettings settings, SecureRandom random, InstantSource clock) {
    var all = KeyEncryption.key(settings.keyEncryptionKey().orElse(""));
    // A key of its own from the one that every user-worker has.
    this.key =
        new SecretKeySpec(mac(new SecretKeySpec(all, HMAC), "sallyport devices and guesses"), HMAC);
    this.random = random;
    this.clock = clock;
  }

  /** A cookie for a device on which somebody has just signed in with this address. */
  String remember(String email) {
    var end = clock.instant().plus(LIFETIME).getEpochSecond();
    var text = Secrets.random(random) + "." + end;
    return text + "." + signature(email, text);
  }

  /** Whether somebody signed in with this address on the device that sent this. */
  boolean isOf(String email, String cookie) {
    var form = FORM.matcher(cookie);
    if (!form.matches()) {
      return false;
    }
    var text = form.group(1);
    var end = Long.parseLong(text.substring(text.indexOf('.') + 1));
    return clock.instant().getEpochSecond() < end
        && MessageDigest.isEqual(bytes(form.group(2)), bytes(signature(email, text)));
  }

  private String signature(String email, String text) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(hash("cookie " + email + " " + text));
  }

  /** A hash that only user-workers can compute, so that nobody can look for one that collides. */
  byte[] hash(String text) {
    return mac(key, text);
  }

  private static byte[] mac(SecretKeySpec key, String text) {
    try {
      var mac = Mac.getInstance(HMAC);
      mac.init(key);
      return mac.doFinal(bytes(text));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HMAC-SHA-256", e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
