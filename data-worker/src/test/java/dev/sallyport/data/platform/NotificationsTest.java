package dev.sallyport.data.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.data.Eventually;
import dev.sallyport.local.StackResource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class NotificationsTest {
  private final Vertx vertx = Vertx.vertx();
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private final List<String> other = new CopyOnWriteArrayList<>();
  private Wire wire;
  private Pool direct;
  private Pool pool;
  private Transactions transactions;
  private Notifications notifications;

  @BeforeEach
  void connect() throws Exception {
    Map<String, String> stack = new StackResource().start();
    var options =
        PgConnectOptions.fromUri(
                Objects.requireNonNull(stack.get("quarkus.datasource.reactive.url")))
            .setUser(stack.get("quarkus.datasource.username"))
            .setPassword(stack.get("quarkus.datasource.password"));
    wire = new Wire(options.getPort());
    direct = PgBuilder.pool().using(vertx).connectingTo(options).build();
    transactions = new Transactions(new Postgres(direct), 8, new SimpleMeterRegistry());
    pool =
        PgBuilder.pool()
            .using(vertx)
            .connectingTo(new PgConnectOptions(options).setPort(wire.port()))
            .build();
    notifications = new Notifications(vertx, new Postgres(pool));
    notifications.on("notified_test", heard::add);
    notifications.start(new StartupEvent());
    Eventually.is("listening", () -> heard.equals(List.of("")));
  }

  @AfterEach
  void disconnect() throws Exception {
    notifications.stop(new ShutdownEvent());
    Eventually.is("the connection is gone", () -> pool.size() == 0);
    pool.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    direct.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    wire.close();
  }

  @Test
  void whatOthersNotifyIsHeardInItsOrderByThoseWhoListenToIt() {
    notifications.on("notified_other", other::add);
    Eventually.is("listening to the other one, too", () -> other.equals(List.of("")));
    say("notified_test", "one");
    say("notified_other", "aside");
    say("notified_test", "two");
    Eventually.is("heard", () -> heard.equals(List.of("", "one", "two")));
    Eventually.is("heard aside", () -> other.equals(List.of("", "aside")));
  }

  @Test
  void whatIsNotifiedInATransactionIsHeardWhenItIsCommitted() throws Exception {
    transactions.call(tx -> {
      tx.execute("SELECT pg_notify('notified_test', 'within')");
      say("notified_test", "meanwhile");
      Eventually.is("heard", () -> heard.contains("meanwhile"));
      return assertThat(heard).doesNotContain("within");
    });
    Eventually.is("heard", () -> heard.contains("within"));
  }

  @Test
  void aListenerThatFailsKeepsNothingFromTheOthers() {
    notifications.on(
        "notified_test",
        said -> {
          throw new IllegalStateException("a listener fails on purpose");
        });
    notifications.on("notified_test", other::add);
    Eventually.is("listening", () -> other.contains(""));
    say("notified_test", "one");
    Eventually.is("heard", () -> other.contains("one"));
  }

  @Test
  void whenPostgresEndsTheConnectionListenersAreToldThatTheyMayHaveMissedSomething() {
    transactions.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN notified%'");
    Eventually.is("told", () -> heard.equals(List.of("", "")));
    say("notified_test", "again");
    Eventually.is("heard", () -> heard.equals(List.of("", "", "again")));
  }

  @Test
  void aConnectionThatIsSilentlyDeadIsNoticed() {
    wire.mute();
    say("notified_test", "lost");
    Eventually.is("given up", () -> pool.size() == 0);
    wire.cut();
    Eventually.is("told", () -> heard.equals(List.of("", "")));
  }

  @Test
  void aChannelHasAPlainName() {
    assertThatThrownBy(() -> notifications.on("a; DROP", other::add))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private void say(String channel, String payload) {
    transactions.execute("SELECT pg_notify($1, $2)", channel, payload);
  }
}
