package dev.sallyport.data.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.Eventually;
import dev.sallyport.data.Probe;
import dev.sallyport.data.platform.Postgres;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.local.StackResource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Against a real Postgres. Each test's own worker counts on a clock that is moved by hand. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class WorkerLeaseTest {
  private static final Terms TERMS =
      new Terms(
          Duration.ofSeconds(30),
          Duration.ofMillis(40),
          Duration.ofSeconds(5),
          Duration.ofMillis(20));

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject WorkerLease itself;
  @Inject Vertx vertx;
  @Inject Postgres postgres;
  @Inject Transactions transactions;

  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 1000);
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final List<Long> granted = new CopyOnWriteArrayList<>();
  private final List<Long> lapsed = new CopyOnWriteArrayList<>();

  /** What becomes of an answer to a renewal on its way. */
  private volatile UnaryOperator<Future<Boolean>> network = UnaryOperator.identity();

  private WorkerLease lease;

  @BeforeEach
  void begin() {
    Probe.until(ready, 200);
    var sql =
        new LeaseSql(postgres, transactions) {
          @Override
          Future<Boolean> renew(long incarnation, Duration lease) {
            return network.apply(super.renew(incarnation, lease));
          }
        };
    lease =
        new WorkerLease(
            vertx,
            sql,
            TERMS,
            nanos::get,
            "w-lease",
            Optional.of(URI.create("http://10.1.2.3:8080")),
            metrics);
    lease.onGrant(granted::add);
    lease.onLapse(lapsed::add);
    lease.begin();
    Eventually.is("a first lease", () -> granted.size() == 1);
  }

  @AfterEach
  void end() {
    network = UnaryOperator.identity();
    lease.end();
  }

  @Test
  void aWorkerHasALeaseOnceItsTablesCanBeUsed() {
    Eventually.is("the worker's own lease", () -> itself.incarnation().isPresent());
    long incarnation = itself.incarnation().getAsLong();
    assertThat(itself.isHeld(incarnation)).isTrue();
    assertThat(row(incarnation).getString("name")).isEqualTo("w-test");
    assertThat(itself.dead(List.of(incarnation))).isEmpty();
  }

  @Test
  void noTransactionOutlastsTheTimeForWhichAHolderCountsOnItsLease() {
    for (var setting : List.of("transaction_timeout", "idle_in_transaction_session_timeout")) {
      long millis =
          transactions
              .execute("SELECT setting::bigint FROM pg_settings WHERE name = $1", setting)
              .iterator()
              .next()
              .getLong(0);
      assertThat(Duration.ofMillis(millis).toNanos())
          .isPositive()
          .isLessThan(Terms.STANDARD.heldNanos());
    }
  }

  @Test
  void aLeaseSaysWhereItsWorkerIsReached() {
    var row = row(first());
    assertThat(row.getString("address")).isEqualTo("http://10.1.2.3:8080");
    assertThat(lease.incarnation()).hasValue(first());
    assertThat(gauge()).isEqualTo(1);
  }

  @Test
  void aLeaseIsRenewedAsTimePasses() {
    var before = expiry();
    for (int i = 0; i < 10; i++) {
      var last = expiry();
      advance(Duration.ofSeconds(20));
      Eventually.is("another renewal", () -> expiry().isAfter(last));
      Eventually.is("its answer", () -> lease.isHeld(first()));
    }
    assertThat(expiry()).isAfter(before);
    assertThat(lapsed).isEmpty();
  }

  @Test
  void aListenerThatComesLateHearsOfTheLeaseThatIsHeld() {
    var late = new CopyOnWriteArrayList<Long>();
    lease.onGrant(late::add);
    Eventually.is("the listener was told", () -> late.equals(List.of(first())));
  }

  @Test
  void aProcessThatWasStoppedForLongerKnowsBeforeAnyTimerHasRun() {
    advance(TERMS.lease());
    assertThat(lease.isHeld(first())).isFalse();
    assertThat(lease.incarnation()).isNotEqualTo(OptionalLong.of(first()));
    Eventually.is("the next lease", () -> granted.size() == 2);
    assertThat(lapsed).containsExactly(first());
    assertThat(granted.get(1)).isGreaterThan(first());
    assertThat(lease.isHeld(first())).isFalse();
    assertThat(lease.isHeld(granted.get(1))).isTrue();
    assertThat(lease.dead(granted)).containsExactly(first());
    assertThat(metrics.counter("sallyport_lease_lapses").count()).isEqualTo(1);
  }

  @Test
  void aHolderThatHearsNothingStopsAMarginBeforeItsLeaseEnds() {
    network = answer -> Promise.<Boolean>promise().future();
    advance(TERMS.lease().minus(TERMS.margin()).minusNanos(1));
    assertThat(lease.isHeld(first())).isTrue();
    advance(Duration.ofNanos(1));
    assertThat(lease.isHeld(first())).isFalse();
  }

  @Test
  void anAnswerThatComesAfterTheLapseDoesNotUndoIt() {
    var answer = Promise.<Boolean>promise();
    var asked = new CopyOnWriteArrayList<Future<Boolean>>();
    network =
        real -> {
          asked.add(real);
          return answer.future();
        };
    advance(TERMS.renewal());
    Eventually.is("a renewal is on its way", () -> !asked.isEmpty());
    Eventually.is("Postgres has renewed it", () -> asked.getFirst().succeeded());
    advance(TERMS.lease().minus(TERMS.margin()));
    answer.complete(true);
    Eventually.is("the next lease", () -> granted.size() == 2);
    assertThat(lapsed).containsExactly(first());
    assertThat(lease.isHeld(first())).isFalse();
  }

  @Test
  void renewalsThatFailAreTriedAgainBeforeTheLeaseHasLapsed() {
    network = answer -> Future.failedFuture(new IllegalStateException("the network is down"));
    advance(TERMS.renewal());
    advance(TERMS.renewal());
    var last = expiry();
    network = UnaryOperator.identity();
    Eventually.is(
        "renewed after all",
        () -> {
          advance(TERMS.retry());
          return expiry().isAfter(last);
        });
    assertThat(lapsed).isEmpty();
  }

  @Test
  void aLeaseThatAnotherHasEndedIsLost() {
    transactions.execute(
        "UPDATE lease.worker SET ended_at = clock_timestamp() WHERE incarnation = $1", first());
    advance(TERMS.renewal());
    Eventually.is("the next lease", () -> granted.size() == 2);
    assertThat(lapsed).containsExactly(first());
  }

  @Test
  void aLeaseThatHasExpiredIsLostThoughNobodyNoticed() {
    expire(first());
    advance(TERMS.renewal());
    Eventually.is("the next lease", () -> granted.size() == 2);
    assertThat(lapsed).containsExactly(first());
  }

  @Test
  void whoFindsAnExpiredLeaseEndsIt() {
    network = answer -> Promise.<Boolean>promise().future();
    assertThat(lease.dead(List.of(first()))).isEmpty();
    expire(first());
    assertThat(itself.dead(List.of(first(), Long.MAX_VALUE)))
        .containsExactlyInAnyOrder(first(), Long.MAX_VALUE);
    assertThat(row(first()).getOffsetDateTime("ended_at")).isNotNull();
    assertThat(itself.dead(List.of(first()))).containsExactly(first());
    assertThat(itself.dead(List.of())).isEmpty();
  }

  @Test
  void aLeaseThatIsJustBeingRenewedIsNotTakenForDead() throws Exception {
    network = answer -> Promise.<Boolean>promise().future();
    expire(first());
    var seen =
        transactions.call(tx -> {
          tx.execute("SELECT FROM lease.worker WHERE incarnation = $1 FOR UPDATE", first());
          return itself.dead(List.of(first()));
        });
    assertThat(seen).isEmpty();
    assertThat(itself.dead(List.of(first()))).containsExactly(first());
  }

  @Test
  void aLeaseThatIsGivenUpIsDeadAtOnceAndForGood() {
    lease.end();
    assertThat(lease.isHeld(first())).isFalse();
    assertThat(lease.incarnation()).isEmpty();
    assertThat(gauge()).isZero();
    assertThat(itself.dead(List.of(first()))).containsExactly(first());
    var endedAt = row(first()).getOffsetDateTime("ended_at");
    lease.end();
    assertThat(row(first()).getOffsetDateTime("ended_at")).isEqualTo(endedAt);
    assertThat(granted).hasSize(1);
    assertThat(lapsed).isEmpty();
  }

  @Test
  void whatEndedAWeekAgoIsForgotten() {
    long old =
        transactions
            .execute(
                """
                INSERT INTO lease.worker (name, expires_at, ended_at)
                  VALUES ('old', now() - interval '8 days', now() - interval '8 days')
                  RETURNING incarnation\
                """)
            .iterator()
            .next()
            .getLong(0);
    network =
        answer -> {
          advance(Duration.ofSeconds(1));
          return answer;
        };
    Eventually.is(
        "the old row is gone",
        () -> {
          advance(TERMS.renewal());
          return transactions.execute("SELECT FROM lease.worker WHERE incarnation = $1", old).size()
              == 0;
        });
    assertThat(lapsed).isEmpty();
  }

  private long first() {
    return granted.getFirst();
  }

  private void advance(Duration by) {
    nanos.addAndGet(by.toNanos());
  }

  private void expire(long incarnation) {
    transactions.execute(
        "UPDATE lease.worker SET expires_at = clock_timestamp() WHERE incarnation = $1",
        incarnation);
  }

  private OffsetDateTime expiry() {
    return row(first()).getOffsetDateTime("expires_at");
  }

  private Row row(long incarnation) {
    return transactions
        .execute("SELECT * FROM lease.worker WHERE incarnation = $1", incarnation)
        .iterator()
        .next();
  }

  private double gauge() {
    return metrics.get("sallyport_lease_held").gauge().value();
  }
}
