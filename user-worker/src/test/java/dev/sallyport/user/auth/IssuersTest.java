package dev.sallyport.user.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.local.StackResource;
import dev.sallyport.user.Json;
import dev.sallyport.user.ProblemShape;
import dev.sallyport.user.Visitor;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
@WithTestResource(value = OtherIssuer.class, scope = TestResourceScope.MATCHING_RESOURCES)
class IssuersTest {
  @TestHTTPResource("/")
  URI base;

  private final String subject = UUID.randomUUID().toString();
  private Visitor visitor;
  private Visitor.SignedIn ada;

  @BeforeEach
  void signIn() {
    visitor = new Visitor(base);
    ada = visitor.signUp();
  }

  private String token(Consumer<JwtClaims> change) {
    return token(OtherIssuer.KEY, "ES256", change);
  }

  private String token(PublicJsonWebKey key, String algorithm, Consumer<JwtClaims> change) {
    var claims = new JwtClaims();
    claims.setIssuer(OtherIssuer.URL);
    claims.setAudience("sallyport-here");
    claims.setSubject(subject);
    claims.setClaim("email", ada.email());
    claims.setClaim("email_verified", true);
    claims.setExpirationTimeMinutesInTheFuture(5);
    change.accept(claims);
    var signature = new JsonWebSignature();
    signature.setAlgorithmHeaderValue(algorithm);
    signature.setKeyIdHeaderValue(key.getKeyId());
    signature.setPayload(claims.toJson());
    signature.setKey(key.getPrivateKey());
    try {
      return signature.getCompactSerialization();
    } catch (JoseException e) {
      throw new AssertionError(e);
    }
  }

  private static String[] bearer(String token) {
    return new String[] {"Authorization", "Bearer " + token};
  }

  private void refused(String token) {
    ProblemShape.of(visitor.get("/auth/me", bearer(token)), 401, "unauthenticated");
  }

  @Test
  void whoseAddressAnIssuerVouchesForIsLinkedAndStaysSo() {
    var me = visitor.get("/auth/me", bearer(token(claims -> {})));
    assertThat(me.statusCode()).as(me.body()).isEqualTo(200);
    assertThat(me.body()).contains(ada.id());
    var later =
        token(claims -> {
          claims.unsetClaim("email");
          claims.unsetClaim("email_verified");
        });
    assertThat(visitor.get("/auth/me", bearer(later)).body()).contains(ada.id());
  }

  @Test
  void linkingAnAddressThatNobodyVerifiedRemovesWhatSomebodyElseMayHaveMade() {
    var made = visitor.post("/auth/api-keys", Map.of("name", "x"), ada.byToken());
    var key = String.valueOf(Json.object(made.body()).get("key"));
    assertThat(visitor.me("X-API-Key", key)).isEqualTo(200);
    assertThat(visitor.me(bearer(token(claims -> {})))).isEqualTo(200);
    assertThat(visitor.me(ada.byToken())).isEqualTo(401);
    assertThat(visitor.me(ada.byCookie())).isEqualTo(401);
    assertThat(visitor.me("X-API-Key", key)).isEqualTo(401);
    ProblemShape.of(
        visitor.post("/auth/login", Map.of("email", ada.email(), "password", ada.password())),
        401,
        "wrong-credentials");
  }

  @Test
  void whoIsNotVouchedForIsNobody() {
    refused(token(claims -> claims.setClaim("email_verified", false)));
    refused(token(claims -> claims.setClaim("email_verified", "true")));
    refused(token(claims -> claims.unsetClaim("email")));
    refused(token(claims -> claims.setClaim("email", Visitor.freshEmail())));
    assertThat(visitor.me(ada.byToken())).isEqualTo(200);
  }

  @Test
  void aTokenForOthersOrFromOthersOrOfAnotherTimeIsRefused() throws Exception {
    assertThat(visitor.me(bearer(token(claims -> {})))).isEqualTo(200);
    refused(token(claims -> claims.setAudience("somebody else")));
    refused(token(claims -> claims.unsetClaim("aud")));
    refused(token(claims -> claims.setIssuer("https://elsewhere.example")));
    refused(token(claims -> claims.unsetClaim("sub")));
    refused(token(claims -> claims.unsetClaim("exp")));
    refused(token(claims -> claims.setExpirationTimeMinutesInTheFuture(-1)));
    var soon = NumericDate.now();
    soon.addSeconds(120);
    refused(token(claims -> claims.setNotBefore(soon)));
    var foreign = EcJwkGenerator.generateJwk(EllipticCurves.P256);
    foreign.setKeyId(OtherIssuer.KEY.getKeyId());
    refused(token(foreign, "ES256", claims -> {}));
    // It is published, and its algorithm is not on the list.
    refused(token(OtherIssuer.NOT_ALLOWED, "ES384", claims -> {}));
  }

  @Test
  void whatAnAdminChangesHoldsForTokensOfOthersToo() {
    var token = token(claims -> {});
    assertThat(visitor.me(bearer(token))).isEqualTo(200);
    change("{\"roles\":[\"clerk\",\"user\"]}");
    assertThat(visitor.get("/auth/me", bearer(token)).body()).contains("clerk");
    change("{\"disabled\":true}");
    refused(token);
  }

  private void change(String json) {
    var root = visitor.signIn("root@example.org", "root has a password");
    var answer =
        visitor.send(
            "PATCH",
            "/auth/users/" + ada.id(),
            BodyPublishers.ofString(json),
            "Content-Type",
            "application/json",
            "Authorization",
            "Bearer " + root.token());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
  }
}
