package dev.sallyport.system;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.util.Base64;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A compact JWT taken apart, and the ways in which people forge one. Immutable. */
record Token(JsonNode header, JsonNode claims, String signature) {
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
  private static final Base64.Decoder DECODER = Base64.getUrlDecoder();

  static Token parse(String compact) {
    var parts = compact.split("\\.", -1);
    return new Token(json(parts[0]), json(parts[1]), parts[2]);
  }

  private static JsonNode json(String part) {
    return Json.parse(new String(DECODER.decode(part), StandardCharsets.UTF_8));
  }

  /** The same token with other claims and the old signature. */
  String withClaims(Consumer<ObjectNode> change) {
    ObjectNode other = claims.deepCopy();
    change.accept(other);
    return part(header) + "." + part(other) + "." + signature;
  }

  /** The claims under {@code alg: none} (in any spelling of the word), without a signature. */
  String unsigned(String none) {
    return part(headerWith(none)) + "." + part(claims) + ".";
  }

  /** The claims signed with HS256 under our key id, the secret being {@code bytes}. */
  String signedWithSecret(byte[] bytes) {
    var input = part(headerWith("HS256")) + "." + part(claims);
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(bytes, "HmacSHA256"));
      return input + "." + ENCODER.encodeToString(mac.doFinal(ascii(input)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  /** The claims signed with ES256 by a fresh key of our own, under the true key's id. */
  String signedWithForeignKey() {
    try {
      var generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      var input = part(header) + "." + part(claims);
      var signing = Signature.getInstance("SHA256withECDSAinP1363Format");
      signing.initSign(generator.generateKeyPair().getPrivate());
      signing.update(ascii(input));
      return input + "." + ENCODER.encodeToString(signing.sign());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has ES256", e);
    }
  }

  /** An elliptic-curve key of a JWKS. */
  static PublicKey publicKey(JsonNode jwk) {
    try {
      var parameters = AlgorithmParameters.getInstance("EC");
      parameters.init(new ECGenParameterSpec("secp256r1"));
      var point = new ECPoint(coordinate(jwk, "x"), coordinate(jwk, "y"));
      return KeyFactory.getInstance("EC")
          .generatePublic(
              new ECPublicKeySpec(point, parameters.getParameterSpec(ECParameterSpec.class)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("not a P-256 key: " + jwk, e);
    }
  }

  private static BigInteger coordinate(JsonNode jwk, String name) {
    return new BigInteger(1, DECODER.decode(jwk.required(name).asText()));
  }

  private JsonNode headerWith(String algorithm) {
    ObjectNode other = header.deepCopy();
    return other.put("alg", algorithm);
  }

  private static String part(JsonNode json) {
    return ENCODER.encodeToString(json.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
