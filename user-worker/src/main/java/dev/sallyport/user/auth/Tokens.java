package dev.sallyport.user.auth;

import dev.sallyport.model.Problem;
import dev.sallyport.model.ProblemType;
import dev.sallyport.user.platform.ProblemException;
import io.smallrye.jwt.algorithm.SignatureAlgorithm;
import io.smallrye.jwt.build.Jwt;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.security.Key;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwx.JsonWebStructure;
import org.jose4j.lang.JoseException;
import org.jose4j.lang.UnresolvableKeyException;

/**
 * Makes and verifies access tokens: JWTs signed with ES256 and nothing else. Thread-safe. Either
 * costs some 0.4 ms of one core, so both belong in {@link CryptoPool} or on a virtual thread.
 */
@ApplicationScoped
class Tokens {
  /** Far above what we issue, far below what would cost anything to look at. */
  private static final int LENGTH_MAX = 4096;

  /** RFC 7515, 3.1: three parts of the base64url alphabet, no padding, no white space. */
  private static final Pattern COMPACT =
      Pattern.compile("[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+");

  private final AuthSettings settings;
  private final TokenKeys keys;
  private final InstantSource clock;
  private final JwtConsumer consumer;

  @Inject
  Tokens(AuthSettings settings, TokenKeys keys, InstantSource clock) {
    this.settings = settings;
    this.keys = keys;
    this.clock = clock;
    this.consumer =
        new JwtConsumerBuilder()
            .setJwsAlgorithmConstraints(
                new AlgorithmConstraints(ConstraintType.PERMIT, SignatureAlgorithm.ES256.name()))
            .setVerificationKeyResolver((signature, nesting) -> key(signature))
            .setExpectedIssuer(settings.issuer())
            .setExpectedAudience(settings.audience())
            .setRequireSubject()
            .setRequireExpirationTime()
            .setRequireIssuedAt()
            .build();
  }

  Duration lifetime() {
    return settings.accessTokenLifetime();
  }

  /** Signs a token for this session. */
  String issue(String userId, String roles, String sessionId) {
    var key = keys.signing().orElseThrow(Tokens::notReady);
    Instant now = clock.instant();
    return Jwt.issuer(settings.issuer())
        .audience(settings.audience())
        .subject(userId)
        .groups(new TreeSet<>(Principal.roles(roles)))
        .claim("sid", sessionId)
        .issuedAt(now)
        .expiresAt(now.plus(settings.accessTokenLifetime()))
        .jws()
        .keyId(key.kid())
        .algorithm(SignatureAlgorithm.ES256)
        .sign(key.privateKey());
  }

  private static ProblemException refused() {
    return new ProblemException(ProblemType.UNAUTHENTICATED, "The access token is not valid.");
  }

  static ProblemException notReady() {
    return new ProblemException(
        Problem.retryable(
            ProblemType.STORE_DOWN, "The signing keys are not loaded.", Duration.ofSeconds(1)));
  }

  /** Whether this can be one of our tokens at all; costs next to nothing. */
  static boolean isCompact(String token) {
    return token.length() <= LENGTH_MAX && COMPACT.matcher(token).matches();
  }

  /** The id of the key that a token in compact form names; empty where it names none. */
  static String keyId(String token) {
    try {
      return JsonWebStructure.fromCompactSerialization(token) instanceof JsonWebSignature signed
              && signed.getKeyIdHeaderValue() != null
          ? signed.getKeyIdHeaderValue()
          : "";
    } catch (JoseException | ClassCastException e) {
      return "";
    }
  }

  /**
   * Who a token speaks for.
   *
   * @throws ProblemException {@code UNAUTHENTICATED}, without saying why; {@code STORE_DOWN} while
   *     there are no keys to verify it with
   */
  Principal verify(String token) {
    if (keys.signing().isEmpty()) {
      throw notReady();
    }
    try {
      var claims = consumer.processToClaims(token);
      var sid = claims.getStringClaimValue("sid");
      var groups = claims.hasClaim("groups") ? claims.getStringListClaimValue("groups") : List.of();
      if (sid == null) {
        throw refused();
      }
      return new Principal(
          claims.getSubject(),
          String.join(",", sorted(groups)),
          sid,
          Instant.ofEpochMilli(claims.getExpirationTime().getValueInMillis()),
          false);
    } catch (InvalidJwtException | MalformedClaimException | ClassCastException e) {
      // The last one is jose4j's way to say that a header is a number, say, and no text.
      throw refused();
    }
  }

  private static Set<String> sorted(List<?> groups) {
    var sorted = new TreeSet<String>();
    groups.forEach(group -> sorted.add(String.valueOf(group)));
    return sorted;
  }

  private Key key(JsonWebSignature signature) throws UnresolvableKeyException {
    var kid = signature.getKeyIdHeaderValue();
    return keys.find(kid == null ? "" : kid)
        .orElseThrow(() -> new UnresolvableKeyException("no such key"))
        .publicKey();
  }
}
