package dev.sallyport.model;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import org.jspecify.annotations.Nullable;

/**
 * Signs and checks the calls between the workers: {@code v1;kid=…;ts=…;mac=…}, where {@code ts} is
 * milliseconds since the epoch and {@code mac} is HMAC-SHA-256 (RFC 2104) over version, key id,
 * every field of {@link SignedCall} in its order, and {@code ts}. Each is preceded by its length in
 * bytes as a 32-bit number, so that no two calls have the same input; an absent header has length
 * −1.
 *
 * <p>A signature proves the headers, not the body, and holds for {@link #TOLERANCE} either way:
 * against replays within it and changed bodies the hop needs TLS.
 *
 * <p>Thread-safe, does not block. Keeps the {@link Mac} that a thread used last, so it belongs on
 * event loops or other pooled threads; a virtual thread would make a new one each time.
 */
public final class CallSigner {
  /** How far the two workers' clocks may be apart. */
  public static final Duration TOLERANCE = Duration.ofSeconds(90);

  private static final String VERSION = "v1";
  static final String ALGORITHM = "HmacSHA256";
  private static final Pattern HEADER =
      Pattern.compile("v1;kid=([A-Za-z0-9._-]{1,64});ts=(\\d{1,15});mac=([A-Za-z0-9_-]{43})");
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
  private static final Base64.Decoder DECODER = Base64.getUrlDecoder();
  private static final byte[] ABSENT = {-1, -1, -1, -1};

  private static final ThreadLocal<MacOfKey> MACS = new ThreadLocal<>();

  private final SigningKeys keys;
  private final InstantSource clock;

  public CallSigner(SigningKeys keys, InstantSource clock) {
    this.keys = keys;
    this.clock = clock;
  }

  /** The value of {@link WorkerHeaders#SIGNATURE} for this call, now. */
  public String sign(SignedCall call) {
    var key = keys.signing();
    var ts = Long.toString(clock.millis());
    var mac = ENCODER.encodeToString(mac(key, call, ts));
    return VERSION + ";kid=" + key.id() + ";ts=" + ts + ";mac=" + mac;
  }

  /** Looks at the signature that came with a call. The time counts only once the rest is right. */
  public SignatureCheck check(SignedCall call, @Nullable String signature) {
    if (signature == null) {
      return new SignatureCheck.Missing();
    }
    var header = HEADER.matcher(signature);
    if (!header.matches()) {
      return new SignatureCheck.Malformed();
    }
    var key = keys.find(header.group(1));
    if (key.isEmpty()) {
      return new SignatureCheck.UnknownKey();
    }
    var expected = mac(key.get(), call, header.group(2));
    if (!MessageDigest.isEqual(expected, DECODER.decode(header.group(3)))) {
      return new SignatureCheck.Wrong();
    }
    var behind = Duration.ofMillis(clock.millis() - Long.parseLong(header.group(2)));
    return behind.abs().compareTo(TOLERANCE) > 0
        ? new SignatureCheck.Skewed(behind)
        : new SignatureCheck.Valid();
  }

  private byte[] mac(SigningKeys.Key key, SignedCall call, String ts) {
    var input = new Input();
    input.append(VERSION);
    input.append(key.id());
    input.append(call.binding());
    input.append(call.method());
    input.append(call.target());
    input.append(call.userId());
    input.append(call.userRoles());
    input.append(call.requestId());
    input.append(call.clientAddress());
    input.append(call.internalRequest());
    input.append(call.deadline());
    input.append(call.contentType());
    input.append(call.idempotencyKey());
    input.append(ts);
    return input.mac(macOf(key));
  }

  /** What a signature is made of. A stream of the JDK's would take a lock for each field. */
  private static final class Input {
    private byte[] bytes = new byte[512];
    private int length;

    void append(@Nullable String field) {
      if (field == null) {
        append(ABSENT);
        return;
      }
      byte[] text = field.getBytes(StandardCharsets.UTF_8);
      int n = text.length;
      append(new byte[] {(byte) (n >> 24), (byte) (n >> 16), (byte) (n >> 8), (byte) n});
      append(text);
    }

    private void append(byte[] part) {
      if (bytes.length - length < part.length) {
        bytes = Arrays.copyOf(bytes, 2 * (length + part.length));
      }
      System.arraycopy(part, 0, bytes, length, part.length);
      length += part.length;
    }

    byte[] mac(Mac mac) {
      mac.update(bytes, 0, length);
      return mac.doFinal();
    }
  }

  private record MacOfKey(SigningKeys.Key key, Mac mac) {}

  // The very key is meant; in a native binary a record's equals is an interpreted method handle.
  @SuppressWarnings("ReferenceEquality")
  private static Mac macOf(SigningKeys.Key key) {
    var last = MACS.get();
    if (last == null || last.key() != key) {
      last = new MacOfKey(key, newMac(key));
      MACS.set(last);
    }
    return last.mac();
  }

  private static Mac newMac(SigningKeys.Key key) {
    try {
      var mac = Mac.getInstance(ALGORITHM);
      mac.init(key.secret());
      return mac;
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
