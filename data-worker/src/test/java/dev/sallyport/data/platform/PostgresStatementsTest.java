package dev.sallyport.data.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.local.StackResource;
import dev.sallyport.model.MigrationRun;
import dev.sallyport.model.Migrations;
import dev.sallyport.model.Migrations.Comparison;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.pgclient.PgBuilder;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.sqlclient.Pool;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.RowSet;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Migrations against a real Postgres, with the rights that a data-worker has. */
class PostgresStatementsTest {
  private static final String SCHEMA = "migrator_test";
  private static final Migrations ONE = load("V1__seat.sql");
  private static final Migrations TWO = load("V1__seat.sql", "V2__name.sql");

  private static Map<String, String> stack;
  private static Vertx vertx;
  private static Pool pool;
  private static Postgres postgres;

  @BeforeAll
  static void connect() {
    stack = new StackResource().start();
    vertx = Vertx.vertx();
    pool = pool(options());
    postgres = new Postgres(pool);
  }

  private static PgConnectOptions options() {
    return PgConnectOptions.fromUri(
            Objects.requireNonNull(stack.get("quarkus.datasource.reactive.url")))
        .setUser(stack.get("quarkus.datasource.username"))
        .setPassword(stack.get("quarkus.datasource.password"));
  }

  private static Pool pool(PgConnectOptions options) {
    return PgBuilder.pool()
        .using(vertx)
        .with(new PoolOptions().setMaxSize(8))
        .connectingTo(options)
        .build();
  }

  @AfterAll
  static void disconnect() throws Exception {
    await(pool.close());
    await(vertx.close());
  }

  @BeforeEach
  void forget() throws Exception {
    sql("DROP SCHEMA IF EXISTS migrator_test CASCADE");
  }

  @Test
  void aNewDatabaseIsBroughtToTheNewestVersion() throws Exception {
    assertThat(migrate(TWO)).isEqualTo(new Comparison.Current());
    assertThat(version()).isEqualTo(2);
    assertThat(names()).isEqualTo("it's");
  }

  @Test
  void aSecondStartChangesNothing() throws Exception {
    migrate(TWO);
    var before = sql("SELECT xmin::text, migrated_at::text FROM migrator_test.schema_version");
    migrate(TWO);
    var after = sql("SELECT xmin::text, migrated_at::text FROM migrator_test.schema_version");
    assertThat(after.iterator().next().deepToString())
        .isEqualTo(before.iterator().next().deepToString());
  }

  @Test
  void workersThatStartAtOnceMigrateOnce() throws Exception {
    var all = Stream.generate(() -> start(postgres, TWO)).limit(8).toList();
    assertThat(await(Future.all(all)).<Comparison>list()).containsOnly(new Comparison.Current());
    assertThat(seats()).isEqualTo(1);
  }

  @Test
  void aRefusedMigrationLeavesTheVersionBeforeItAndNothingOfItsOwn() throws Exception {
    assertThatThrownBy(() -> migrate(load("V1__seat.sql", "V2__broken.sql")))
        .hasMessageContaining("nowhere");
    assertThat(version()).isEqualTo(1);
    assertThat(seats()).isEqualTo(1);
    assertThat(migrate(TWO)).isEqualTo(new Comparison.Current());
  }

  @Test
  void aWorkerThatDiesInTheMiddleOfAMigrationLeavesTheVersionBeforeIt() throws Exception {
    var itsPool = pool(options());
    var dying = start(new Postgres(itsPool), load("V1__seat.sql", "V2__slow.sql"));
    while (!dying.isComplete() && !killSleeper()) {
      Thread.onSpinWait();
    }
    assertThatThrownBy(() -> await(dying)).isInstanceOf(ExecutionException.class);
    await(itsPool.close());
    assertThat(version()).isEqualTo(1);
    assertThat(seats()).isEqualTo(1);
    assertThat(migrate(TWO)).isEqualTo(new Comparison.Current());
  }

  @Test
  void aMigrationMayTakeLongerThanAnyOtherTransaction() throws Exception {
    var bounded = pool(options().addProperty("transaction_timeout", "200"));
    var migrated = start(new Postgres(bounded), load("V1__seat.sql", "V2__long.sql"));
    assertThat(await(migrated)).isEqualTo(new Comparison.Current());
    var shown = await(new Postgres(bounded).execute("SHOW transaction_timeout"));
    assertThat(shown.iterator().next().getString(0)).isEqualTo("200ms");
    await(bounded.close());
  }

  @Test
  void theReleaseBeforeServesOnUntilAMigrationEndsThat() throws Exception {
    migrate(TWO);
    assertThat(migrate(ONE)).isEqualTo(new Comparison.Ahead());
    migrate(load("V1__seat.sql", "V2__name.sql", "V3__drop.sql"));
    assertThat(migrate(TWO)).isEqualTo(new Comparison.TooNew());
    assertThat(version()).isEqualTo(3);
  }

  private static boolean killSleeper() throws Exception {
    var killed =
        sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                + " WHERE pid <> pg_backend_pid() AND wait_event = 'PgSleep'");
    return killed.size() > 0;
  }

  private static Migrations load(String... files) {
    return Migrations.load(SCHEMA, PostgresStatementsTest.class, "/db/migrator-test", files);
  }

  private static Comparison migrate(Migrations migrations) throws Exception {
    return await(start(postgres, migrations));
  }

  private static Future<Comparison> start(Postgres postgres, Migrations migrations) {
    return Future.fromCompletionStage(
        MigrationRun.run(migrations, new PostgresStatements(postgres)));
  }

  private static int version() throws Exception {
    return sql("SELECT version FROM migrator_test.schema_version")
        .iterator()
        .next()
        .getInteger("version");
  }

  private static long seats() throws Exception {
    return sql("SELECT count(*) AS n FROM migrator_test.seat").iterator().next().getLong("n");
  }

  private static String names() throws Exception {
    return sql("SELECT name FROM migrator_test.seat").iterator().next().getString("name");
  }

  private static RowSet<Row> sql(String sql) throws Exception {
    return await(postgres.execute(sql));
  }

  private static <T> T await(Future<T> future)
      throws ExecutionException, InterruptedException, TimeoutException {
    return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
  }
}
