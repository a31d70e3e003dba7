package dev.sallyport.user.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.local.StackResource;
import dev.sallyport.user.Json;
import dev.sallyport.user.Visitor;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.net.URI;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jws.JsonWebSignature;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
class TokenKeysTest {
  @TestHTTPResource("/")
  URI base;

  @Inject TokenKeys keys;
  @Inject AuthSql sql;
  @Inject AuthSettings settings;
  @Inject SecureRandom random;
  @Inject InstantSource clock;
  @Inject Pool pool;

  @Test
  void keysSurviveTheWorkerThatMadeThem() throws Exception {
    var token = new Visitor(base).signUp().token();
    var restarted = another();
    await(restarted.load());
    assertThat(restarted.signing().orElseThrow().kid())
        .isEqualTo(keys.signing().orElseThrow().kid());
    assertThat(restarted.find(String.valueOf(JwtParts.of(token).header().get("kid")))).isPresent();
    assertThat(restarted.jwks()).isEqualTo(keys.jwks());
  }

  @Test
  void whatIsPublishedVerifiesATokenAndSignsNone() throws Exception {
    var visitor = new Visitor(base);
    var answer = visitor.get("/.well-known/jwks.json");
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
        .startsWith("application/json");
    var published = (List<?>) Objects.requireNonNull(Json.object(answer.body()).get("keys"));
    var token = visitor.signUp().token();
    var kid = JwtParts.of(token).header().get("kid");
    var matching =
        published.stream()
            .map(key -> (Map<?, ?>) key)
            .filter(key -> Objects.equals(key.get("kid"), kid));
    var key = matching.findFirst().orElseThrow();
    assertThat(key.keySet())
        .map(String::valueOf)
        .containsExactlyInAnyOrder("kty", "crv", "x", "y", "kid", "alg", "use");
    var signature = new JsonWebSignature();
    signature.setCompactSerialization(token);
    signature.setKey(
        PublicJsonWebKey.Factory.newPublicJwk(
                Json.text(
                    Map.of("kty", "EC", "crv", "P-256", "x", key.get("x"), "y", key.get("y"))))
            .getPublicKey());
    assertThat(signature.verifySignature()).isTrue();
  }

  @Test
  void aNewKeyOfAnotherWorkerIsFoundWhenATokenNamesIt() throws Exception {
    var stale = another();
    await(stale.lookAgain());
    assertThat(stale.find(keys.signing().orElseThrow().kid())).isPresent();
  }

  @Test
  void twoFirstStartsAtOnceMakeOneKey() throws Exception {
    var kept = await(pool.query("SELECT * FROM account.signing_key").execute());
    try {
      for (int round = 0; round < 5; round++) {
        await(pool.query("DELETE FROM account.signing_key").execute());
        var racers = Stream.generate(this::another).limit(4).toList();
        for (var loaded : racers.stream().map(TokenKeys::load).toList()) {
          await(loaded);
        }
        assertThat(racers)
            .extracting(racer -> racer.signing().orElseThrow().kid())
            .containsOnly(racers.getFirst().signing().orElseThrow().kid());
        assertThat(await(sql.signingKeys())).hasSize(1);
      }
    } finally {
      restore(kept);
    }
  }

  @Test
  void theEncryptionKeyOfAnotherInstallationOpensNothingAndSaysWhatToSet() {
    var foreign = new TokenKeys(sql, new OtherKey(settings), random, clock);
    assertThatThrownBy(() -> await(foreign.load()))
        .hasMessageContaining("sallyport.auth.key-encryption-key");
    assertThat(foreign.signing()).isEmpty();
  }

  private TokenKeys another() {
    return new TokenKeys(sql, settings, random, clock);
  }

  private void restore(RowSet<Row> rows) throws Exception {
    await(pool.query("DELETE FROM account.signing_key").execute());
    for (var row : rows) {
      await(
          pool.preparedQuery("INSERT INTO account.signing_key VALUES ($1, $2, $3, $4, $5)")
              .execute(
                  Tuple.of(
                      row.getValue(0),
                      row.getValue(1),
                      row.getValue(2),
                      row.getValue(3),
                      row.getValue(4))));
    }
    await(keys.load());
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
