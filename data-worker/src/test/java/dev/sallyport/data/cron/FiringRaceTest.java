package dev.sallyport.data.cron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sallyport.data.Probe;
import dev.sallyport.data.platform.Notifications;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.data.queue.Queues;
import dev.sallyport.data.workflow.Workflows;
import dev.sallyport.local.StackResource;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Several workers on one database: engines of the test's own, for jobs that the application under
 * test does not have and therefore leaves alone.
 */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class FiringRaceTest {
  private static final String MANY =
      """
      INSERT INTO cron.schedule (name, declared, timing_kind, timing, zone, server, payload,
        overlap, missed, jitter_millis, due_at, fire_at)
      SELECT $1 || n, false, 'cron', $2, 'UTC', $3, $4, 'allow', $5, 0, due, due
      FROM generate_series(1, $6) n, (SELECT date_trunc('second', now()) - $7 * interval '1 second')
        AS t (due)
      """;

  private static final String FIRES =
      """
      SELECT count(*) AS fires, count(DISTINCT f.schedule) AS schedules
      FROM cron.fire f JOIN cron.schedule s ON s.pk = f.schedule
      WHERE s.name LIKE $1 || '%' AND f.status = $2
      """;

  /** Owners that are alive, or upkeep would take what they claim. */
  private static final String LIVE =
      """
      INSERT INTO lease.worker (incarnation, name, started_at, expires_at)
      OVERRIDING SYSTEM VALUE
      VALUES ($1, 'test', now(), now() + $2 * interval '1 hour') ON CONFLICT DO NOTHING
      """;

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject Transactions transactions;
  @Inject ScheduleSql schedules;
  @Inject FireSql fires;
  @Inject JobSql sql;
  @Inject Starter starter;
  @Inject Workflows workflows;
  @Inject Queues queues;
  @Inject Notifications notifications;

  private final CronMetrics metrics = new CronMetrics(new SimpleMeterRegistry());
  private final Map<String, AtomicInteger> runs = new ConcurrentHashMap<>();
  private String name;

  @BeforeEach
  void begin() {
    Probe.until(ready, 200);
    name = "r" + System.nanoTime();
  }

  private Firing firing(Jobs jobs) {
    return new Firing(
        transactions, schedules, fires, starter, new Servers(jobs, workflows, queues), metrics);
  }

  private Jobs counting() {
    return new Jobs(
        Map.of(
            name,
            fire ->
                runs.computeIfAbsent(fire.schedule(), first -> new AtomicInteger())
                    .getAndIncrement()));
  }

  private JobRuns worker(Jobs jobs, AtomicBoolean held) {
    var servers = jobs.all().stream().map(job -> "job " + job.name()).toList();
    return new JobRuns(
        jobs,
        servers,
        sql,
        transactions,
        owner -> held.get(),
        System::nanoTime,
        "test",
        20,
        metrics);
  }

  private void many(
      String timing, String server, String payload, String missed, int count, int ago) {
    transactions.execute(MANY, name + "-", timing, server, payload, missed, count, (double) ago);
  }

  private long count(String status, String column) {
    return transactions.execute(FIRES, name, status).iterator().next().getLong(column);
  }

  private static void all(List<? extends Future<?>> futures) throws Exception {
    for (var future : futures) {
      future.get(60, TimeUnit.SECONDS);
    }
  }

  @Test
  void aThousandThatAreDueAtOnceFireOnceEachOnWhicheverWorker() throws Exception {
    many("0 0 1 1 *", "job " + name, "null", "once", 1000, 1);
    var seen = new ConcurrentHashMap<Integer, AtomicInteger>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      all(
          List.of(1, 2, 3).stream()
              .map(number -> {
                var firing = firing(counting());
                return threads.submit(() -> {
                  int batch;
                  do {
                    batch =
                        transactions.call(tx -> firing.batch(tx, Firing.BATCH_MAX, null)).seen();
                    seen.computeIfAbsent(number, first -> new AtomicInteger()).addAndGet(batch);
                  } while (batch > 0);
                });
              })
              .toList());
      assertThat(count("queued", "fires")).isEqualTo(1000);
      assertThat(count("queued", "schedules")).isEqualTo(1000);
      assertThat(seen.values().stream().mapToInt(AtomicInteger::get).sum()).isEqualTo(1000);
      assertThat(seen.values()).allSatisfy(batch -> assertThat(batch.get()).isPositive());

      transactions.execute(LIVE, 2_000_001L, 1.0);
      transactions.execute(LIVE, 2_000_002L, 1.0);
      all(
          List.of(2_000_001L, 2_000_002L).stream()
              .map(owner -> {
                var worker = worker(counting(), new AtomicBoolean(true));
                return threads.submit(() ->
                    await()
                        .atMost(Duration.ofSeconds(40))
                        .until(() -> {
                          worker.round(owner, Duration.ofMillis(10));
                          return count("complete", "fires") == 1000;
                        }));
              })
              .toList());
    }
    assertThat(runs).hasSize(1000);
    assertThat(runs.values()).allSatisfy(times -> assertThat(times.get()).isEqualTo(1));
  }

  @Test
  void aWorkerThatDiesBeforeTheCommitLeavesTheFireToAnother() {
    many("0 0 1 1 *", "job " + name, "null", "once", 3, 1);
    var firing = firing(counting());
    assertThatThrownBy(() ->
            transactions.call(tx -> {
              assertThat(firing.batch(tx, 10, null).fired()).hasSize(3);
              throw new IllegalStateException("killed");
            }))
        .hasMessage("killed");
    assertThat(count("queued", "fires")).isZero();
    firing(counting()).round(Duration.ofSeconds(1));
    assertThat(count("queued", "fires")).isEqualTo(3);
    firing.round(Duration.ofSeconds(1));
    assertThat(count("queued", "fires")).isEqualTo(3);
  }

  @Test
  void aDueTimeThatComesAgainIsNotFiredAgain() {
    many("0 0 1 1 *", "job " + name, "null", "once", 1, 1);
    var firing = firing(counting());
    firing.round(Duration.ofSeconds(1));
    transactions.execute(
        """
        UPDATE cron.schedule s SET due_at = f.due_at, fire_at = f.due_at
        FROM cron.fire f WHERE f.schedule = s.pk AND s.name = $1
        """,
        name + "-1");
    firing.round(Duration.ofSeconds(1));
    assertThat(count("queued", "fires")).isEqualTo(1);
  }

  @Test
  void aJobThatIsHandedOverIsQueuedAgainAndAnnounced() throws Exception {
    var entered = new CountDownLatch(1);
    var end = new CountDownLatch(1);
    var jobs =
        new Jobs(
            Map.of(
                name,
                fire -> {
                  entered.countDown();
                  assertThat(end.await(30, TimeUnit.SECONDS)).isTrue();
                }));
    many("0 0 1 1 *", "job " + name, "null", "once", 1, 1);
    firing(jobs).round(Duration.ofSeconds(1));
    transactions.execute(LIVE, 2_000_003L, 1.0);
    worker(jobs, new AtomicBoolean(true)).round(2_000_003L, Duration.ofSeconds(1));
    assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
    var pk =
        transactions
            .execute("SELECT pk FROM cron.fire WHERE owner = $1", 2_000_003L)
            .iterator()
            .next()
            .getLong(0);

    var heard = new CountDownLatch(1);
    notifications.on(ScheduleSql.CHANNEL, payload -> heard.countDown());
    assertThat(sql.release(2_000_003L, List.of(pk))).isEqualTo(1);
    assertThat(heard.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(count("queued", "fires")).isEqualTo(1);
    assertThat(sql.release(2_000_003L, List.of(pk))).isZero();
    end.countDown();
  }

  @Test
  void whatWasMissedWhileNobodyWasThereFollowsThePolicy() {
    // Eleven times of every minute, nine of them more than a minute ago.
    many("* * * * *", "job " + name, "null", "once", 1, 600);
    firing(counting()).round(Duration.ofSeconds(1));
    assertThat(count("queued", "fires")).isBetween(2L, 3L);
    var first =
        transactions
            .execute(
                "SELECT f.missed FROM cron.fire f JOIN cron.schedule s ON s.pk = f.schedule"
                    + " WHERE s.name = $1 ORDER BY f.pk LIMIT 1",
                name + "-1")
            .iterator()
            .next();
    assertThat(first.getInteger(0)).isBetween(7, 9);
  }

  @Test
  void whatCannotBeStartedIsRecordedAndHoldsNobodyUp() {
    many("0 0 1 1 *", "workflow sample-steps", "{\"steps\":0}", "once", 1, 1);
    // The application's own engine may be the one that fires it.
    await().until(() -> count("errored", "fires") == 1);
    assertThat(
            transactions
                .execute("SELECT due_at > now() FROM cron.schedule WHERE name = $1", name + "-1")
                .iterator()
                .next()
                .getBoolean(0))
        .isTrue();
  }

  @Test
  void aWorkerThatWasPausedInAJobCannotCommitItsEffect() throws Exception {
    transactions.execute("CREATE TABLE IF NOT EXISTS cron.race_effect (id text, worker text)");
    var entered = new CountDownLatch(1);
    var goOn = new CountDownLatch(1);
    var paused =
        new Jobs(
            Map.of(
                name,
                fire -> {
                  entered.countDown();
                  assertThat(goOn.await(30, TimeUnit.SECONDS)).isTrue();
                  fire.done(tx ->
                      tx.execute("INSERT INTO cron.race_effect VALUES ($1, 'old')", fire.id()));
                }));
    var other =
        new Jobs(
            Map.of(
                name,
                fire ->
                    fire.done(tx ->
                        tx.execute("INSERT INTO cron.race_effect VALUES ($1, 'new')", fire.id()))));
    many("0 0 1 1 *", "job " + name, "null", "once", 1, 1);
    firing(paused).round(Duration.ofSeconds(1));
    // It believes in its lease all the time, and yet it is dead to the others.
    long dead = 3_000_000 + System.nanoTime() % 1_000_000;
    long alive = 5_000_000 + System.nanoTime() % 1_000_000;
    transactions.execute(LIVE, alive, 1.0);
    worker(paused, new AtomicBoolean(true)).round(dead, Duration.ofSeconds(1));
    assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();

    var second = worker(other, new AtomicBoolean(true));
    await()
        .until(() -> {
          second.round(alive, Duration.ofMillis(10));
          return count("complete", "fires") == 1;
        });
    goOn.countDown();
    await()
        .during(Duration.ofMillis(500))
        .until(() ->
            transactions
                    .execute("SELECT worker FROM cron.race_effect WHERE id LIKE $1 || '%'", name)
                    .rowCount()
                == 1);
    assertThat(
            transactions
                .execute("SELECT worker FROM cron.race_effect WHERE id LIKE $1 || '%'", name)
                .iterator()
                .next()
                .getString(0))
        .isEqualTo("new");
  }
}
