package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.local.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Whether a data-worker is taken for alive is true of real processes that stop, die and pause. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LeasesTest {
  private static final Duration LEASE = Duration.ofSeconds(6);
  private static final Duration WITHIN = Duration.ofSeconds(15);
  private static final String NAME = "w-leases";

  private Deployment deployment;
  private Worker worker;

  /** One life of the worker. */
  private record Life(long incarnation, boolean ended, boolean expired) {
    boolean isAlive() {
      return !ended && !expired;
    }
  }

  @BeforeAll
  void start() {
    deployment = Deployment.start(Deployment.Settings.quick("leases"));
    worker =
        deployment
            .anotherWorker(WorkerKind.DATA_WORKER, Map.of("SALLYPORT_WORKER_ID", NAME))
            .awaitReady();
  }

  @AfterAll
  void stop() {
    deployment.close();
  }

  @BeforeEach
  void itIsAlive() {
    if (!worker.isAlive()) {
      worker.start();
    }
    await().atMost(WITHIN).until(() -> held() == 1 && last().isAlive());
  }

  @Test
  void aWorkerThatIsAskedToStopEndsItsLease() {
    worker.stop();
    assertThat(last().ended()).isTrue();
    assertThat(worker.log()).doesNotContain("\tat ");
  }

  @Test
  void theLeaseOfAKilledWorkerRunsOut() {
    var before = last();
    worker.kill();
    await().atMost(LEASE.plusSeconds(1)).until(() -> !last().isAlive());
    worker.start();
    await().atMost(WITHIN).until(() -> last().isAlive());
    assertThat(last().incarnation()).isGreaterThan(before.incarnation());
  }

  @Test
  void aWorkerThatWasPausedForLongerThanItsLeaseGoesOnAsAnother() {
    var before = last();
    double lapses = lapses();
    worker.pause();
    try {
      await().atMost(LEASE.plusSeconds(1)).until(() -> last().expired());
    } finally {
      worker.resume();
    }
    await().atMost(WITHIN).until(() -> last().isAlive());
    assertThat(last().incarnation()).isGreaterThan(before.incarnation());
    assertThat(lives()).contains(new Life(before.incarnation(), true, true));
    await().atMost(WITHIN).until(() -> held() == 1);
    assertThat(lapses()).isEqualTo(lapses + 1);
  }

  @Test
  void aPostgresThatIsAwayForLongerCostsTheLeaseUntilItIsBack() {
    var before = last();
    deployment.stack().postgres().kill();
    try {
      await().atMost(WITHIN).until(() -> held() == 0);
    } finally {
      deployment.stack().postgres().start();
    }
    await().atMost(WITHIN).until(() -> held() == 1 && last().isAlive());
    assertThat(last().incarnation()).isGreaterThan(before.incarnation());
    assertThat(worker.log()).contains("the lease cannot be renewed").doesNotContain("\tat ");
  }

  private double held() {
    return Metrics.of(worker).value("sallyport_lease_held");
  }

  private double lapses() {
    return Metrics.of(worker).value("sallyport_lease_lapses_total");
  }

  private Life last() {
    return lives().getLast();
  }

  private List<Life> lives() {
    var lives = new ArrayList<Life>();
    try (Connection connection = deployment.stack().postgres().connect(PostgresServer.DATA_WORKER);
        var query =
            connection.prepareStatement(
                """
                SELECT incarnation, ended_at IS NOT NULL, expires_at <= clock_timestamp()
                  FROM lease.worker WHERE name = ? ORDER BY incarnation\
                """)) {
      query.setString(1, NAME);
      try (var rows = query.executeQuery()) {
        while (rows.next()) {
          lives.add(new Life(rows.getLong(1), rows.getBoolean(2), rows.getBoolean(3)));
        }
      }
    } catch (SQLException e) {
      throw new AssertionError(e);
    }
    return lives;
  }
}
