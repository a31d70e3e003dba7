package dev.sallyport.user.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.local.StackResource;
import dev.sallyport.user.Visitor;
import dev.sallyport.user.platform.Database;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Future;
import io.vertx.sqlclient.Pool;
import jakarta.inject.Inject;
import java.net.ConnectException;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
class TicketRedemptionTest {
  @TestHTTPResource("/")
  URI base;

  @Inject Tickets tickets;
  @Inject TicketSql sql;
  @Inject Revocations revocations;
  @Inject Database database;
  @Inject SecureRandom random;
  @Inject Pool pool;

  private Visitor.SignedIn ada;
  private UUID session;

  @BeforeEach
  void signIn() {
    ada = new Visitor(base).signUp();
    session = UUID.fromString(JwtParts.of(ada.token()).claim("sid"));
  }

  private Principal maker() {
    return new Principal(ada.id(), "user", session.toString(), Instant.MAX, false);
  }

  @Test
  void ofManyTakersOneGetsIt() throws Exception {
    for (int round = 0; round < 20; round++) {
      var ticket = tickets.make(maker());
      var taken = new ArrayList<Future<Optional<Principal>>>();
      for (int i = 0; i < 12; i++) {
        taken.add(tickets.redeem(ticket));
      }
      int got = 0;
      for (var one : taken) {
        got += await(one).isPresent() ? 1 : 0;
      }
      assertThat(got).isEqualTo(1);
    }
  }

  @Test
  void aTicketSpeaksForWhoMadeIt() throws Exception {
    assertThat(await(tickets.redeem(tickets.make(maker()))))
        .hasValueSatisfying(maker -> {
          assertThat(maker.userId()).isEqualTo(ada.id());
          assertThat(maker.rolesText()).isEqualTo("user");
          assertThat(maker.sessionId()).isEqualTo(session.toString());
          assertThat(maker.byCookie()).isFalse();
        });
  }

  @Test
  void aDisabledAccountsTicketIsNone() throws Exception {
    var ticket = tickets.make(maker());
    await(
        pool.query("UPDATE account.account SET disabled = true WHERE id = '" + ada.id() + "'")
            .execute());
    assertThat(await(tickets.redeem(ticket))).isEmpty();
  }

  @Test
  void garbageAsksNobodyAndWhatCouldBeATicketIs503WithoutPostgres() throws Exception {
    var away = new Tickets(new NoPostgres(), revocations, database, random);
    assertThat(await(away.redeem("x".repeat(42)))).isEmpty();
    assertThat(await(away.redeem("x".repeat(44)))).isEmpty();
    assertThat(await(away.redeem("x".repeat(42) + "%"))).isEmpty();
    assertThat(await(away.redeem("x".repeat(10_000)))).isEmpty();
    assertThatThrownBy(() -> await(away.redeem("x".repeat(43))))
        .hasRootCauseMessage(
            "urn:sallyport:problem:store-down: The accounts cannot be reached now.");
    assertThatThrownBy(() -> away.make(maker())).hasMessageContaining("store-down");
  }

  @Test
  void whatNobodyUsedIsRemovedAndWhatIsLiveStays() throws Exception {
    var live = tickets.make(maker());
    assertThat(await(sql.add(Secrets.sha256("old"), session, Duration.ZERO, 100)))
        .isEqualTo(TicketSql.Added.ADDED);
    await(sql.forget());
    assertThat(
            await(
                    pool.query("SELECT FROM account.ticket WHERE session_id = '" + session + "'")
                        .execute())
                .rowCount())
        .isEqualTo(1);
    assertThat(await(tickets.redeem(live))).isPresent();
  }

  /** A store that cannot be reached. */
  private static final class NoPostgres extends TicketSql {
    @SuppressWarnings("NullAway") // every use of the pool is overridden
    NoPostgres() {
      super(null);
    }

    @Override
    Future<Optional<Principal>> take(byte[] hash, long asOf) {
      return Future.failedFuture(new ConnectException("no Postgres"));
    }

    @Override
    Future<Added> add(byte[] hash, UUID session, Duration lifetime, int max) {
      return Future.failedFuture(new ConnectException("no Postgres"));
    }
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }
}
