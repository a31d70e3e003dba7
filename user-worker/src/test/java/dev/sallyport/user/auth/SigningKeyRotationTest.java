package dev.sallyport.user.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.local.StackResource;
import dev.sallyport.user.HandClock;
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
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
class SigningKeyRotationTest {
  @TestHTTPResource("/")
  URI base;

  @Inject TokenKeys keys;
  @Inject AuthSql sql;
  @Inject AuthSettings settings;
  @Inject SecureRandom random;
  @Inject InstantSource clock;
  @Inject Pool pool;

  private RowSet<Row> kept;
  private Visitor visitor;

  @BeforeEach
  void keep() throws Exception {
    visitor = new Visitor(base);
    kept = get(pool.query("SELECT * FROM account.signing_key").execute());
  }

  @AfterEach
  void restore() throws Exception {
    run("DELETE FROM account.signing_key");
    for (var row : kept) {
      get(
          pool.preparedQuery("INSERT INTO account.signing_key VALUES ($1, $2, $3, $4, $5)")
              .execute(
                  Tuple.of(
                      row.getValue(0),
                      row.getValue(1),
                      row.getValue(2),
                      row.getValue(3),
                      row.getValue(4))));
    }
    get(keys.load());
  }

  private void run(String statement) throws Exception {
    get(pool.query(statement).execute());
  }

  private TokenKeys another(InstantSource clock) {
    return new TokenKeys(sql, settings, random, clock);
  }

  private static String signing(TokenKeys keys) {
    return keys.signing().orElseThrow().kid();
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  private void age(String by) throws Exception {
    run("UPDATE account.signing_key SET signs_from = signs_from - interval '" + by + "'");
    get(keys.load());
  }

  @Test
  void aYoungKeyIsKept() throws Exception {
    get(keys.rotate());
    assertThat(get(sql.signingKeys())).hasSize(kept.size());
  }

  @Test
  void whenAKeyIsOldOneNextIsMadeHoweverManyWorkersTry() throws Exception {
    age("91 days");
    var before = signing(keys);
    var workers = Stream.generate(() -> another(clock)).limit(4).toList();
    for (var worker : workers) {
      get(worker.load());
    }
    for (var rotated : workers.stream().map(TokenKeys::rotate).toList()) {
      get(rotated);
    }
    assertThat(get(sql.signingKeys())).hasSize(2);
    for (var worker : workers) {
      assertThat(signing(worker)).isEqualTo(before);
    }
  }

  @Test
  void theNextKeyIsPublishedBeforeItSignsAndTheOldOneVerifiesUntilItsTokensAreOver()
      throws Exception {
    age("91 days");
    var old = signing(keys);
    var oldToken = visitor.signUp().token();
    get(keys.rotate());
    var next =
        get(sql.signingKeys()).stream()
            .map(AuthSql.StoredKey::kid)
            .filter(kid -> !kid.equals(old))
            .findFirst()
            .orElseThrow();
    assertThat(visitor.get("/.well-known/jwks.json").body()).contains(old, next);
    assertThat(signing(keys)).isEqualTo(old);
    var later = new HandClock();
    later.advance(Duration.between(later.instant(), clock.instant()));
    var worker = another(later);
    get(worker.load());
    later.advance(TokenKeys.PUBLISHED_AHEAD.minusMinutes(1));
    assertThat(signing(worker)).isEqualTo(old);
    later.advance(Duration.ofMinutes(2));
    assertThat(signing(worker)).isEqualTo(next);
    age("16 minutes");
    assertThat(signing(keys)).isEqualTo(next);
    assertThat(JwtParts.of(visitor.signUp().token()).header()).containsEntry("kid", next);
    get(keys.rotate());
    assertThat(visitor.me("Authorization", "Bearer " + oldToken)).isEqualTo(200);
    age("21 minutes");
    get(keys.rotate());
    assertThat(get(sql.signingKeys())).extracting(AuthSql.StoredKey::kid).containsExactly(next);
    assertThat(visitor.me("Authorization", "Bearer " + oldToken)).isEqualTo(401);
  }

  @Test
  void aKeyThatIsRemovedTakesItsRememberedTokensAlongAndAnotherOneSigns() throws Exception {
    var ada = visitor.signUp();
    assertThat(visitor.me(ada.byToken())).isEqualTo(200);
    var before = signing(keys);
    run("DELETE FROM account.signing_key");
    await().atMost(Duration.ofSeconds(20)).until(() -> visitor.me(ada.byToken()) == 401);
    assertThat(signing(keys)).isNotEqualTo(before);
    var again = visitor.signIn(ada.email(), ada.password());
    assertThat(visitor.me(again.byToken())).isEqualTo(200);
    assertThat(visitor.me(ada.byCookie())).isEqualTo(200);
  }

  @Test
  void whoseClockIsBehindSignsWithTheFirstKey() throws Exception {
    var behind = another(() -> clock.instant().minus(Duration.ofDays(400)));
    get(behind.load());
    assertThat(List.of(signing(behind))).containsExactly(get(sql.signingKeys()).getFirst().kid());
  }
}
