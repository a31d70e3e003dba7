package dev.sallyport.user.auth;

import java.math.BigInteger;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwk.EllipticCurveJsonWebKey;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.lang.JoseException;
import org.jose4j.lang.UncheckedJoseException;

/**
 * What a signature of another issuer must be: compact, by an algorithm that is allowed, by the one
 * key of the issuer that is meant for it. Pure; costs some tenths of a millisecond of one core.
 */
final class JwsRules {
  /** All that an issuer can be allowed: signatures that only it can make. */
  static final Set<String> ALGORITHMS =
      Set.of(
          "ES256", "ES384", "ES512", "EdDSA", "PS256", "PS384", "PS512", "RS256", "RS384", "RS512");

  private static final Map<String, String> CURVES =
      Map.of("ES256", "P-256", "ES384", "P-384", "ES512", "P-521");

  private static final Pattern COMPACT =
      Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]*\\.[A-Za-z0-9_-]+");

  private static final int RSA_BITS_MIN = 2048;

  /**
   * Where the moduli that some chips made (CVE-2017-15361) leave only powers of 65537, as others do
   * once in hundreds of millions.
   */
  private static final List<Integer> ROCA_PRIMES =
      List.of(11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157);

  private JwsRules() {}

  /**
   * What was signed.
   *
   * @param allowed some of {@link #ALGORITHMS}
   * @throws JoseException where the signature is not what it must be
   */
  static String payload(String token, Collection<JsonWebKey> keys, Set<String> allowed)
      throws JoseException {
    if (!COMPACT.matcher(token).matches()) {
      throw new JoseException("not in the compact form");
    }
    var signature = new JsonWebSignature();
    signature.setAlgorithmConstraints(
        new AlgorithmConstraints(ConstraintType.PERMIT, allowed.toArray(String[]::new)));
    try {
      signature.setCompactSerialization(token);
      if (signature.getHeaders().getObjectHeaderValue("crit") != null) {
        throw new JoseException("has an extension that must be understood");
      }
      var algorithm = signature.getAlgorithmHeaderValue();
      if (algorithm == null || !allowed.contains(algorithm)) {
        throw new JoseException("signed by an algorithm that is not allowed");
      }
      signature.setKey(key(signature, algorithm, keys).getPublicKey());
      if (!signature.verifySignature()) {
        throw new JoseException("signed by somebody else");
      }
      return signature.getPayload();
    } catch (ClassCastException | IllegalArgumentException | UncheckedJoseException e) {
      // Ways to say that a header or a key is a number, say, and no text.
      throw new JoseException("not a signature", e);
    }
  }

  private static PublicJsonWebKey key(
      JsonWebSignature signature, String algorithm, Collection<JsonWebKey> keys)
      throws JoseException {
    var kid = signature.getKeyIdHeaderValue();
    List<JsonWebKey> suitable =
        keys.stream()
            .filter(key -> kid == null || key.getKeyId() == null || kid.equals(key.getKeyId()))
            .filter(key -> isFor(key, algorithm))
            .toList();
    if (suitable.size() != 1 || !(suitable.getFirst() instanceof PublicJsonWebKey key)) {
      throw new JoseException(suitable.size() + " keys fit, not one");
    }
    return key;
  }

  private static boolean isStrong(RsaJsonWebKey key) {
    var rsa = key.getRsaPublicKey();
    var exponent = rsa.getPublicExponent();
    return rsa.getModulus().bitLength() >= RSA_BITS_MIN
        && exponent.testBit(0)
        && exponent.compareTo(BigInteger.TWO) > 0
        && !ROCA_PRIMES.stream().allMatch(prime -> isPower(rsa.getModulus(), prime));
  }

  /** Whether a modulus is, modulo a prime, a power of 65537. */
  private static boolean isPower(BigInteger modulus, int prime) {
    int left = modulus.mod(BigInteger.valueOf(prime)).intValue();
    int power = 1;
    for (int i = 0; i < prime; i++) {
      if (power == left) {
        return true;
      }
      power = power * (65537 % prime) % prime;
    }
    return false;
  }

  /** A key that says what it is for is for nothing else. */
  private static boolean isFor(JsonWebKey key, String algorithm) {
    return (key.getUse() == null || key.getUse().equals("sig"))
        && (key.getKeyOps() == null || key.getKeyOps().contains("verify"))
        && (key.getAlgorithm() == null || key.getAlgorithm().equals(algorithm))
        && switch (algorithm.substring(0, 2)) {
          case "ES" ->
              key instanceof EllipticCurveJsonWebKey ec
                  && ec.getCurveName().equals(CURVES.get(algorithm));
          case "RS", "PS" -> key instanceof RsaJsonWebKey rsa && isStrong(rsa);
          case "Ed" -> key.getKeyType().equals("OKP");
          default -> false;
        };
  }
}
