package dev.sallyport.user.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.local.StackResource;
import dev.sallyport.user.HandClock;
import dev.sallyport.user.Visitor;
import dev.sallyport.user.platform.Database;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.Tuple;
import jakarta.inject.Inject;
import java.net.ConnectException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
class RevocationsTest {
  private static final Duration A_SECOND = Duration.ofSeconds(1);

  @TestHTTPResource("/")
  URI base;

  @Inject Sessions sessions;
  @Inject Database database;
  @Inject AuthSql sql;
  @Inject Pool pool;
  @Inject Vertx vertx;
  @Inject InstantSource clock;

  private final HandClock ticker = new HandClock();
  private Visitor visitor;

  /** What another worker has in its memory: it reads only when it is told to. */
  private Revocations elsewhere;

  @BeforeEach
  void startAnotherReader() throws Exception {
    visitor = new Visitor(base);
    elsewhere = new Revocations(database, sql, vertx, clock, ticker, new SimpleMeterRegistry());
    await(elsewhere.read());
  }

  @Test
  void whatEndsHereIsReadElsewhere() throws Exception {
    var session = sessionOf(visitor.signUp().token());
    assertThat(await(elsewhere.isRevoked(of(session)))).isFalse();
    inVirtualThread(() -> sessions.end(UUID.fromString(session)));
    await(elsewhere.read());
    assertThat(await(elsewhere.isRevoked(of(session)))).isTrue();
  }

  @Test
  void whatEndsElsewhereEndsHereWithinASecond() throws Exception {
    var ada = visitor.signUp();
    assertThat(visitor.me(ada.byToken())).isEqualTo(200);
    var session = sessionOf(ada.token());
    var heard = new CountDownLatch(1);
    sessions.onEnd(ended -> {
      if (ended.equals(session)) {
        heard.countDown();
      }
    });
    await(revoke(session));
    assertThat(heard.await(1, TimeUnit.SECONDS)).isTrue();
    assertThat(visitor.me(ada.byToken())).isEqualTo(401);
    assertThat(visitor.me(ada.byCookie())).isEqualTo(401);
  }

  @Test
  void endingASessionAgainRevokesNothingAgain() throws Exception {
    var session = sessionOf(visitor.signUp().token());
    inVirtualThread(() -> sessions.end(UUID.fromString(session)));
    inVirtualThread(() -> sessions.end(UUID.fromString(session)));
    assertThat(await(sql.revocationsAfter(0, 10_000)))
        .extracting(AuthSql.Revoked::session)
        .containsOnlyOnce(session);
  }

  @Test
  void memoryIsBelievedForASecondAndThenPostgresIsAsked() throws Exception {
    var session = sessionOf(visitor.signUp().token());
    inVirtualThread(() -> sessions.end(UUID.fromString(session)));
    assertThat(await(elsewhere.isRevoked(of(session)))).isFalse();
    ticker.advance(A_SECOND);
    assertThat(await(elsewhere.isRevoked(of(session)))).isFalse();
    ticker.advance(Duration.ofNanos(1));
    assertThat(await(elsewhere.isRevoked(of(session)))).isTrue();
    assertThat(await(elsewhere.isRevoked(of(UUID.randomUUID().toString())))).isFalse();
  }

  @Test
  void aReaderThatHasReadNothingAsksPostgres() throws Exception {
    var session = sessionOf(visitor.signUp().token());
    inVirtualThread(() -> sessions.end(UUID.fromString(session)));
    var empty = new Revocations(database, sql, vertx, clock, ticker, new SimpleMeterRegistry());
    assertThat(await(empty.isRevoked(of(session)))).isTrue();
  }

  @Test
  void whereMemoryIsStaleAndPostgresAwayNobodyIsLetIn() {
    var away =
        new Revocations(
            database, new NoPostgres(), vertx, clock, ticker, new SimpleMeterRegistry());
    assertThatThrownBy(() -> await(away.isRevoked(of(UUID.randomUUID().toString()))))
        .hasRootCauseMessage(
            "urn:sallyport:problem:store-down: The accounts cannot be reached now.");
  }

  @Test
  void aReadThatFailsIsNoReading() throws Exception {
    var away =
        new Revocations(
            database, new NoPostgres(), vertx, clock, ticker, new SimpleMeterRegistry());
    await(away.read());
    await(away.read());
    assertThatThrownBy(() -> await(away.isRevoked(of(UUID.randomUUID().toString()))))
        .hasRootCauseMessage(
            "urn:sallyport:problem:store-down: The accounts cannot be reached now.");
  }

  @Test
  void moreThanFitInOnePageAreAllRead() throws Exception {
    var rows =
        pool.query(
                """
                WITH numbered AS (
                  UPDATE account.revocation_counter SET last = last + 2500 RETURNING last)
                INSERT INTO account.revocation (number, session, until)
                SELECT last - 2500 + i, gen_random_uuid(), now() + interval '1 hour'
                FROM numbered, generate_series(1, 2500) AS i RETURNING session\
                """)
            .execute();
    await(rows);
    await(elsewhere.read());
    for (var row : await(rows)) {
      assertThat(elsewhere.isRevoked(of(row.getUUID("session").toString())).result()).isTrue();
    }
  }

  /** As a worker does that has nothing in common with this one but Postgres. */
  private Future<Boolean> revoke(String session) {
    return pool.withTransaction(connection ->
            connection
                .preparedQuery(
                    """
                    WITH ended AS (
                      UPDATE account.session SET ended_at = now() WHERE id = $1 RETURNING id),
                    numbered AS (UPDATE account.revocation_counter SET last = last + 1 RETURNING last)
                    INSERT INTO account.revocation (number, session, until)
                    SELECT last, id, now() + interval '1 hour' FROM ended, numbered\
                    """)
                .execute(Tuple.of(UUID.fromString(session)))
                .compose(ended -> connection.query("NOTIFY account_revocation").execute())
                .map(notified -> true))
        .map(done -> done != null);
  }

  /** A store that cannot be reached. */
  private static final class NoPostgres extends AuthSql {
    @SuppressWarnings("NullAway") // every use of the pool is overridden
    NoPostgres() {
      super(null);
    }

    @Override
    Future<Boolean> isRevoked(UUID session, long after) {
      return Future.failedFuture(new ConnectException("no Postgres"));
    }

    @Override
    Future<List<Revoked>> revocationsAfter(long number, int max) {
      return Future.failedFuture(new ConnectException("no Postgres"));
    }
  }

  private static String sessionOf(String token) {
    return JwtParts.of(token).claim("sid");
  }

  private static void inVirtualThread(Runnable work) throws Exception {
    var done = new CompletableFuture<Void>();
    Thread.startVirtualThread(() -> {
      try {
        work.run();
        done.complete(null);
      } catch (RuntimeException e) {
        done.completeExceptionally(e);
      }
    });
    done.get(20, TimeUnit.SECONDS);
  }

  /** Somebody whose credential belongs to this session. */
  private static Principal of(String session) {
    return new Principal("ada", "user", session, Instant.MAX, false);
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
