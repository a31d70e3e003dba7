package dev.sallyport.data.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.data.Probe;
import dev.sallyport.local.StackResource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.Row;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class TransactionsTest {
  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject Transactions transactions;
  @Inject Postgres postgres;
  @Inject Vertx vertx;

  private final String schema = "tx_" + UUID.randomUUID().toString().replace('-', '_');

  @BeforeEach
  void table() {
    Probe.until(ready, 200);
    transactions.execute("CREATE SCHEMA " + schema);
    transactions.execute("CREATE TABLE " + schema + ".counter (key text PRIMARY KEY, n bigint)");
    transactions.execute("INSERT INTO " + schema + ".counter VALUES ('a', 0), ('b', 0)");
  }

  @AfterEach
  void drop() {
    transactions.execute("DROP SCHEMA " + schema + " CASCADE");
  }

  @Test
  void whatABodyDidIsThereWhenItReturns() throws Exception {
    var answer =
        transactions.call(tx -> {
          add(tx, "a");
          add(tx, "b");
          return "done";
        });
    assertThat(answer).isEqualTo("done");
    assertThat(n("a")).isEqualTo(1);
    assertThat(n("b")).isEqualTo(1);
  }

  @Test
  void aBodysOwnExceptionUndoesAllAndIsThrownAsItIs() throws Exception {
    var mine = new IOException("mine");
    assertThatThrownBy(() ->
            transactions.call(tx -> {
              add(tx, "a");
              throw mine;
            }))
        .isSameAs(mine);
    assertThat(n("a")).isZero();
  }

  @Test
  void aStatementThatWasRefusedCannotBeCommittedByCatchingIt() throws Exception {
    assertThatThrownBy(() ->
            transactions.call(tx -> {
              add(tx, "a");
              try {
                tx.execute("INSERT INTO " + schema + ".counter VALUES ('a', 0)");
              } catch (StatementRefused e) {
                // As careless code would.
              }
              return "done";
            }))
        .isInstanceOfSatisfying(
            StatementRefused.class,
            refused -> {
              assertThat(refused.sqlState()).isEqualTo("23505");
              assertThat(refused.constraint()).contains("counter_pkey");
            });
    assertThat(n("a")).isZero();
  }

  @Test
  void aTransactionIsOverWhenItsBodyIs() throws Exception {
    var kept = transactions.<Tx, Exception>call(tx -> tx);
    assertThatThrownBy(() -> kept.execute("SELECT 1"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("over");
  }

  @Test
  void twoThatLockEachOtherOutBothGetThrough() throws Exception {
    var met = new CyclicBarrier(2);
    var tries = new AtomicInteger();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var one = threads.submit(() -> crossing(met, tries, "a", "b"));
      var other = threads.submit(() -> crossing(met, tries, "b", "a"));
      one.get(30, TimeUnit.SECONDS);
      other.get(30, TimeUnit.SECONDS);
    }
    assertThat(tries).hasValueGreaterThan(2);
    assertThat(n("a")).isEqualTo(2);
    assertThat(n("b")).isEqualTo(2);
  }

  private Void crossing(CyclicBarrier met, AtomicInteger tries, String first, String second)
      throws Exception {
    return transactions.call(tx -> {
      add(tx, first);
      if (tries.incrementAndGet() <= 2) {
        met.await(10, TimeUnit.SECONDS);
      }
      add(tx, second);
      return null;
    });
  }

  @Test
  void anEventLoopIsRefused() throws Exception {
    var thrown = new CompletableFuture<Throwable>();
    vertx.runOnContext(now -> {
      try {
        transactions.execute("SELECT 1");
        thrown.complete(new AssertionError("it blocked"));
      } catch (RuntimeException e) {
        thrown.complete(e);
      }
    });
    assertThat(thrown.get(10, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
  }

  private void add(Tx tx, String key) {
    tx.execute("UPDATE " + schema + ".counter SET n = n + 1 WHERE key = $1", key);
  }

  private long n(String key) {
    return first("SELECT n FROM " + schema + ".counter WHERE key = $1", key).getLong("n");
  }

  private Row first(String sql, Object... values) {
    return transactions.execute(sql, values).iterator().next();
  }
}
