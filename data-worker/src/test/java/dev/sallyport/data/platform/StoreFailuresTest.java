package dev.sallyport.data.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.data.Eventually;
import dev.sallyport.local.StackResource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a caller is told when Postgres, or the way to it, fails in the middle. */
class StoreFailuresTest {
  private static final int CONNECTIONS = 6;

  private final List<Pool> pools = new ArrayList<>();
  private final Vertx vertx = Vertx.vertx();
  private Map<String, String> stack;
  private Wire wire;

  /** Reaches Postgres whatever becomes of the wire. */
  private Transactions direct;

  private Pool pool;
  private Postgres postgres;
  private Transactions transactions;

  @BeforeEach
  void connect() throws Exception {
    stack = new StackResource().start();
    wire = new Wire(options().getPort());
    direct = transactions(pool(options(), CONNECTIONS));
    pool = pool(options().setPort(wire.port()), CONNECTIONS);
    postgres = new Postgres(pool);
    transactions = transactions(pool);
    direct.execute("CREATE SCHEMA failing");
    direct.execute("CREATE TABLE failing.seat (id bigint PRIMARY KEY)");
  }

  @AfterEach
  void disconnect() throws Exception {
    direct.execute("DROP SCHEMA failing CASCADE");
    for (var one : pools) {
      await(one.close());
    }
    await(vertx.close());
    wire.close();
  }

  private PgConnectOptions options() {
    return PgConnectOptions.fromUri(
            Objects.requireNonNull(stack.get("quarkus.datasource.reactive.url")))
        .setUser(stack.get("quarkus.datasource.username"))
        .setPassword(stack.get("quarkus.datasource.password"))
        .setCachePreparedStatements(true);
  }

  private Pool pool(PgConnectOptions options, int connectionsMax) {
    var pool =
        PgBuilder.pool()
            .using(vertx)
            .with(new PoolOptions().setMaxSize(connectionsMax))
            .connectingTo(options)
            .build();
    pools.add(pool);
    return pool;
  }

  private static Transactions transactions(Pool pool) {
    return new Transactions(new Postgres(pool), CONNECTIONS, new SimpleMeterRegistry());
  }

  @Test
  void aConnectionThatIsLostInABodyHasCommittedNothing() throws Exception {
    var failure =
        failure(() ->
            transactions.call(tx -> {
              sit(tx, 1);
              wire.cut();
              return sit(tx, 2);
            }));
    assertThat(failure.mayHaveCommitted()).isFalse();
    assertThat(seats()).isZero();
    transactions.<Object, Exception>call(tx -> sit(tx, 1));
    assertThat(seats()).isEqualTo(1);
  }

  @Test
  void aBodyThatGoesOnAfterALostConnectionIsToldAgain() {
    var failure =
        failure(() ->
            transactions.call(tx -> {
              wire.cut();
              try {
                sit(tx, 1);
              } catch (StoreFailure e) {
                // As careless code would.
              }
              return "done";
            }));
    assertThat(failure.mayHaveCommitted()).isFalse();
    assertThat(seats()).isZero();
  }

  @Test
  void aCommitWithoutAnAnswerMayHaveCommitted() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var call =
          threads.submit(() ->
              transactions.call(tx -> {
                sit(tx, 1);
                wire.mute();
                return "done";
              }));
      Eventually.is("committed", () -> seats() == 1);
      wire.cut();
      assertThat(storeFailure(call).mayHaveCommitted()).isTrue();
    }
  }

  @Test
  void aSingleStatementWithoutAnAnswerMayHaveCommitted() throws Exception {
    var insert = "INSERT INTO failing.seat VALUES ($1)";
    var single = transactions(pool(options().setPort(wire.port()), 1));
    single.execute(insert, 1L);
    wire.mute();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var call = threads.submit(() -> single.execute(insert, 2L));
      Eventually.is("committed", () -> seats() == 2);
      wire.cut();
      assertThat(storeFailure(call).mayHaveCommitted()).isTrue();
    }
  }

  @Test
  void aPostgresThatSaysNothingIsGivenUpAndItsConnectionIsNotUsedAgain() throws Exception {
    transactions.execute("SELECT 1");
    wire.mute();
    var failure = failure(() -> transactions.execute("SELECT 1"));
    assertThat(failure).hasMessageContaining("does not answer");
    Eventually.is("the connection is gone", () -> pool.size() == 0);
    wire.cut();
    assertThat(transactions.execute("SELECT 1").size()).isEqualTo(1);
  }

  @Test
  void whereNoConnectionCanBeHadNothingWasDone() throws Exception {
    wire.close();
    assertThat(failure(() -> transactions.execute("SELECT 1")).mayHaveCommitted()).isFalse();
    assertThat(failure(() -> transactions.call(tx -> sit(tx, 1))).mayHaveCommitted()).isFalse();
  }

  @Test
  void aThreadThatIsInterruptedStopsWaitingAndNothingIsCommitted() throws Exception {
    var began = new CountDownLatch(1);
    var interrupted = new CountDownLatch(1);
    var thread =
        Thread.ofVirtual()
            .start(() -> {
              try {
                transactions.call(tx -> {
                  sit(tx, 1);
                  began.countDown();
                  return tx.execute("SELECT pg_sleep(0.3)");
                });
              } catch (Exception e) {
                if (e instanceof StoreFailure failure
                    && !failure.mayHaveCommitted()
                    && Thread.currentThread().isInterrupted()) {
                  interrupted.countDown();
                }
              }
            });
    assertThat(began.await(10, TimeUnit.SECONDS)).isTrue();
    thread.interrupt();
    assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
    Eventually.is("rolled back", () -> count("idle in transaction") + count("active") == 0);
    assertThat(seats()).isZero();
    transactions.<Object, Exception>call(tx -> sit(tx, 1));
  }

  /** What sessions of this worker do, but for the one that asks. */
  private long count(String state) {
    return direct
        .execute(
            "SELECT count(*) FROM pg_stat_activity"
                + " WHERE usename = current_user AND pid <> pg_backend_pid() AND state = $1",
            state)
        .iterator()
        .next()
        .getLong(0);
  }

  @Test
  void aTransactionThatOutlastsItsBoundIsEndedByPostgres() {
    var bounded =
        transactions(pool(options().addProperty("transaction_timeout", "300"), CONNECTIONS));
    var failure =
        failure(() ->
            bounded.call(tx -> {
              sit(tx, 1);
              return tx.execute("SELECT pg_sleep(3)");
            }));
    assertThat(failure.mayHaveCommitted()).isFalse();
    assertThat(seats()).isZero();
  }

  @Test
  void aHolderThatWasStoppedInATransactionLosesItsLocksAndItsTransaction() {
    var bounded =
        transactions(
            pool(options().addProperty("idle_in_transaction_session_timeout", "300"), CONNECTIONS));
    direct.execute("INSERT INTO failing.seat VALUES (1)");
    var failure =
        failure(() ->
            bounded.call(tx -> {
              tx.execute("UPDATE failing.seat SET id = 2");
              Eventually.is(
                  "another can lock it",
                  () -> {
                    try {
                      direct.execute("SELECT FROM failing.seat FOR UPDATE NOWAIT");
                      return true;
                    } catch (StatementRefused stillLocked) {
                      return false;
                    }
                  });
              return "done";
            }));
    assertThat(failure).isNotNull();
    assertThat(direct.execute("SELECT FROM failing.seat WHERE id = 1").size()).isEqualTo(1);
  }

  @Test
  void aServerThatIsNoLongerThePrimaryIsAFailureNotARefusal() {
    var demoted =
        transactions(
            pool(options().addProperty("default_transaction_read_only", "on"), CONNECTIONS));
    var failure = failure(() -> demoted.execute("INSERT INTO failing.seat VALUES (1)"));
    assertThat(failure.mayHaveCommitted()).isFalse();
  }

  @Test
  void aTableThatIsChangedUnderAPreparedStatementDisturbsNobody() throws Exception {
    transactions.execute("SELECT * FROM failing.seat");
    direct.execute("ALTER TABLE failing.seat ADD COLUMN name text");
    assertThat(transactions.execute("SELECT * FROM failing.seat").columnsNames()).contains("name");
    direct.execute("ALTER TABLE failing.seat ADD COLUMN rank int");
    assertThat(transactions.call(tx -> tx.execute("SELECT * FROM failing.seat")).columnsNames())
        .contains("rank");
  }

  @Test
  void valuesThatDoNotFitAreTheCallersFault() {
    assertThatThrownBy(() -> transactions.execute("SELECT $1::bigint", "one"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> transactions.execute("SELECT $1::bigint"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(transactions.execute("SELECT $1::bigint", (Object) null).size()).isEqualTo(1);
  }

  @Test
  void aFutureFailsAsAThreadDoes() {
    assertThatThrownBy(() -> await(postgres.execute("SELECT nowhere")))
        .hasCauseInstanceOf(StatementRefused.class);
    var refused =
        catchThrowableOfType(
            ExecutionException.class,
            () -> await(postgres.execute("SELECT nowhere.$1", Tuple.of(1))));
    assertThat(StoreFailure.of(refused).mayHaveCommitted()).isFalse();
    assertThat(StoreFailure.of(new CompletionException(new TimeoutException())).mayHaveCommitted())
        .isTrue();
  }

  @Test
  void moreTransactionsThanConnectionsTakeTurnsAndLeaveSomeToOthers() throws Exception {
    var running = new AtomicInteger();
    var most = new AtomicInteger();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var calls = new ArrayList<Future<?>>();
      for (int i = 0; i < 50; i++) {
        int id = i;
        calls.add(
            threads.submit(() ->
                transactions.<Object, Exception>call(tx -> {
                  most.accumulateAndGet(running.incrementAndGet(), Math::max);
                  sit(tx, id);
                  return running.decrementAndGet();
                })));
      }
      for (var call : calls) {
        call.get(20, TimeUnit.SECONDS);
      }
    }
    assertThat(seats()).isEqualTo(50);
    assertThat(most).hasValueLessThanOrEqualTo(4);
  }

  private static Object sit(Tx tx, long id) {
    return tx.execute("INSERT INTO failing.seat (id) VALUES ($1)", id);
  }

  private long seats() {
    return direct.execute("SELECT count(*) FROM failing.seat").iterator().next().getLong(0);
  }

  private static StoreFailure failure(ThrowingCallable call) {
    var failure = catchThrowableOfType(StoreFailure.class, call);
    assertThat(failure).isNotNull();
    return failure;
  }

  private static StoreFailure storeFailure(Future<?> call) {
    var thrown =
        catchThrowableOfType(ExecutionException.class, () -> call.get(20, TimeUnit.SECONDS));
    assertThat(thrown).hasCauseInstanceOf(StoreFailure.class);
    return (StoreFailure) Objects.requireNonNull(thrown.getCause());
  }

  private static <T> T await(io.vertx.core.Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
