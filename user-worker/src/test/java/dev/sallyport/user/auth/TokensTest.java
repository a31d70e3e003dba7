package dev.sallyport.user.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.local.StackResource;
import dev.sallyport.user.ProblemShape;
import dev.sallyport.user.Visitor;
import dev.sallyport.user.platform.ProblemException;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import javax.crypto.spec.SecretKeySpec;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.EllipticCurves;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
class TokensTest {
  @TestHTTPResource("/")
  URI base;

  @Inject Tokens tokens;
  @Inject TokenKeys keys;
  @Inject AuthSql sql;
  @Inject AuthSettings settings;
  @Inject SecureRandom random;
  @Inject InstantSource clock;

  private Visitor visitor;
  private Visitor.SignedIn ada;

  @BeforeEach
  void signIn() {
    visitor = new Visitor(base);
    ada = visitor.signUp();
  }

  @Test
  void aTokenSaysWhatTheDesignSays() {
    var parts = JwtParts.of(ada.token());
    assertThat(parts.header())
        .containsEntry("alg", "ES256")
        .containsEntry("kid", keys.signing().orElseThrow().kid());
    assertThat(parts.claims())
        .containsOnlyKeys("iss", "aud", "sub", "groups", "jti", "sid", "iat", "exp")
        .containsEntry("iss", "sallyport")
        .containsEntry("aud", "sallyport")
        .containsEntry("sub", ada.id())
        .containsEntry("groups", List.of("user"));
    assertThat(UUID.fromString(parts.claim("sid"))).isNotNull();
    assertThat(Long.parseLong(parts.claim("exp")) - Long.parseLong(parts.claim("iat")))
        .isEqualTo(900);
    var again = visitor.signIn(ada.email(), ada.password());
    assertThat(JwtParts.of(again.token()).claim("jti")).isNotEqualTo(parts.claim("jti"));
  }

  @Test
  void whatIsMadeAsWeMakeItIsTaken() throws Exception {
    assertThat(statusOf(signed(ours(), "ES256", claims -> {}))).isEqualTo(200);
  }

  @Test
  void anExpiredTokenIsRefused() throws Exception {
    assertRefused(
        signed(ours(), "ES256", claims -> claims.setExpirationTimeMinutesInTheFuture(-0.02f)));
    assertRefused(
        signed(ours(), "ES256", claims -> claims.setExpirationTime(NumericDate.fromSeconds(0))));
    assertRefused(signed(ours(), "ES256", claims -> claims.unsetClaim("exp")));
  }

  @Test
  void aTokenForOthersOrFromOthersIsRefused() throws Exception {
    assertRefused(signed(ours(), "ES256", claims -> claims.setAudience("somebody else")));
    assertRefused(signed(ours(), "ES256", claims -> claims.unsetClaim("aud")));
    assertRefused(signed(ours(), "ES256", claims -> claims.setIssuer("somebody else")));
    assertRefused(signed(ours(), "ES256", claims -> claims.unsetClaim("iss")));
    assertRefused(signed(ours(), "ES256", claims -> claims.unsetClaim("sub")));
    assertRefused(signed(ours(), "ES256", claims -> claims.unsetClaim("sid")));
    assertRefused(signed(ours(), "ES256", claims -> claims.unsetClaim("iat")));
  }

  @Test
  void aForeignKeyUnderOurNameIsRefused() throws Exception {
    var foreign = EcJwkGenerator.generateJwk(EllipticCurves.P256).getPrivateKey();
    assertRefused(signed(foreign, "ES256", claims -> {}));
  }

  @Test
  void ourPublicKeyIsNobodysSecret() throws Exception {
    var key = keys.signing().orElseThrow();
    for (var secret :
        List.of(key.publicKey().getEncoded(), key.publicJwk().getBytes(StandardCharsets.UTF_8))) {
      assertRefused(signed(new SecretKeySpec(secret, "HmacSHA256"), "HS256", claims -> {}));
    }
  }

  @Test
  void anUnsignedTokenIsRefusedHoweverItSaysSo() {
    var parts = ada.token().split("\\.", -1);
    var kid = keys.signing().orElseThrow().kid();
    for (var alg : List.of("none", "None", "NONE", "", "es256", "ES256K", "ES512", "RS256")) {
      var header = part("{\"alg\":\"" + alg + "\",\"kid\":\"" + kid + "\"}");
      assertRefused(header + "." + parts[1] + ".");
      assertRefused(header + "." + parts[1] + "." + parts[2]);
    }
    assertRefused(parts[0] + "." + parts[1] + ".");
    // Zeros were a signature of anything once (CVE-2022-21449).
    assertRefused(parts[0] + "." + parts[1] + "." + "A".repeat(86));
  }

  @Test
  void aHeaderThatIsNotWhatItShouldBeIsRefused() {
    var parts = ada.token().split("\\.", -1);
    for (var header :
        List.of(
            "{}",
            "[]",
            "null",
            "5",
            "\"\"",
            "not JSON",
            "{\"alg\":\"ES256\"}",
            "{\"alg\":\"ES256\",\"kid\":5}",
            "{\"alg\":\"ES256\",\"kid\":null}",
            "{\"alg\":\"ES256\",\"kid\":{}}",
            "{\"alg\":\"ES256\",\"kid\":[\"a\"]}",
            "{\"alg\":5,\"kid\":\"a\"}",
            "{\"alg\":[],\"kid\":\"a\"}",
            "{\"alg\":\"ES256\",\"kid\":\"\\u0000\"}",
            "{\"alg\":\"ES256\",\"crit\":[\"b64\"],\"b64\":false}",
            "{\"alg\":\"ES256\",\"enc\":\"A128GCM\"}",
            "{\"alg\":\"ES256\",\"zip\":5,\"kid\":true}")) {
      assertRefused(part(header) + "." + parts[1] + "." + parts[2]);
    }
  }

  @Test
  void onlyTheCompactFormIsTaken() {
    var token = ada.token();
    var parts = token.split("\\.", -1);
    for (var other :
        List.of(
            token + "=",
            token + "==",
            token + " ",
            " " + token,
            parts[0] + "=." + parts[1] + "." + parts[2],
            token + ".",
            token + "." + parts[2],
            token + ".." + parts[2],
            parts[0] + "." + parts[1],
            parts[0] + ".." + parts[2],
            token.replace(".", " ."),
            token.replace("-", "+").replace("_", "/") + "+",
            "A".repeat(5000) + "." + parts[1] + "." + parts[2])) {
      assertThat(Tokens.isCompact(other)).as(other).isFalse();
    }
  }

  @Test
  void noTokenIsADefectAndNoChangedOneIsTaken() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var token = ada.token();
    int lastOfSignature = token.length() - 1;
    for (int run = 0; run < 2_000; run++) {
      var changed = new StringBuilder(token);
      // The last character has bits that decoders may ignore.
      int at = random.nextInt(lastOfSignature);
      changed.setCharAt(at, (char) random.nextInt(128));
      if (random.nextInt(4) == 0) {
        changed.delete(random.nextInt(changed.length()), changed.length());
      }
      if (changed.compareTo(new StringBuilder(token)) != 0) {
        assertThat(verified(changed.toString()))
            .as("seed %d, run %d: %s", seed, run, changed)
            .isNull();
      }
    }
  }

  @Test
  void withoutKeysATokenIsNotRefusedButPutOff() {
    var unloaded = new Tokens(settings, new TokenKeys(sql, settings, random, clock), clock);
    assertThatThrownBy(() -> unloaded.verify(ada.token())).hasMessageContaining("store-down");
  }

  private @Nullable Principal verified(String token) {
    try {
      var _ = Tokens.keyId(token);
      return Tokens.isCompact(token) ? tokens.verify(token) : null;
    } catch (ProblemException refused) {
      return null;
    }
  }

  private Key ours() {
    return keys.signing().orElseThrow().privateKey();
  }

  /** A token as we make it, but for what {@code change} does to it. */
  private String signed(Key key, String algorithm, Consumer<JwtClaims> change) throws Exception {
    var claims = new JwtClaims();
    claims.setIssuer("sallyport");
    claims.setAudience("sallyport");
    claims.setSubject(ada.id());
    claims.setStringListClaim("groups", "user");
    claims.setStringClaim("sid", JwtParts.of(ada.token()).claim("sid"));
    claims.setIssuedAtToNow();
    claims.setExpirationTimeMinutesInTheFuture(5);
    change.accept(claims);
    var signature = new JsonWebSignature();
    signature.setAlgorithmHeaderValue(algorithm);
    signature.setKeyIdHeaderValue(keys.signing().orElseThrow().kid());
    signature.setPayload(claims.toJson());
    signature.setKey(key);
    signature.setDoKeyValidation(false);
    return signature.getCompactSerialization();
  }

  private void assertRefused(String token) {
    ProblemShape.of(
        visitor.get("/auth/me", "Authorization", "Bearer " + token), 401, "unauthenticated");
  }

  private int statusOf(String token) {
    return visitor.me("Authorization", "Bearer " + token);
  }

  private static String part(String json) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(json.getBytes(StandardCharsets.UTF_8));
  }
}
