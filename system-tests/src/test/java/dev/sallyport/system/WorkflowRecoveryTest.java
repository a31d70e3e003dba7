package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Data-workers and Postgres go away while runs are under way: none is lost, none counts twice. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class WorkflowRecoveryTest {
  private static final System.Logger LOG = System.getLogger(WorkflowRecoveryTest.class.getName());
  private static final Duration ALL_WITHIN = Duration.ofMinutes(2);
  private static final Duration LOOK_EVERY = Duration.ofMillis(50);

  /** The lease is 6 s. */
  private static final Duration LONGER_THAN_THE_LEASE = Duration.ofSeconds(10);

  private final String user = UUID.randomUUID().toString();
  private Deployment deployment;
  private Worker first;
  private Worker second;
  private RunTable table;

  @BeforeAll
  void start() throws SQLException {
    deployment = Deployment.start(Deployment.Settings.quick("recovery"));
    first = deployment.dataWorker();
    second = deployment.anotherDataWorker("second");
    table = RunTable.of(deployment);
  }

  @AfterAll
  void stop() throws SQLException {
    table.close();
    deployment.close();
  }

  @BeforeEach
  void bothServe() {
    for (var worker : List.of(first, second)) {
      if (worker.isAlive()) {
        worker.awaitReady();
      } else {
        worker.start();
      }
    }
  }

  @Test
  void aThousandRunsOfAKilledWorkerCompleteElsewhereAndNoneCountsTwice() throws Exception {
    // A worker executes what is started at it as long as it has room.
    var runs = CountingRuns.start(callsTo(first), 1_200, 15, 25);
    long holder = table.holder(runs.ids());
    first.kill();
    long killed = System.nanoTime();
    var inFlight = table.heldBy(holder, runs.ids());
    awaitUntil(() -> table.elsewhere(inFlight, holder) > 0);
    say(inFlight.size() + " in flight at SIGKILL: first elsewhere", since(killed));
    awaitUntil(() -> table.count("complete", inFlight) > 0);
    var firstWithin = since(killed);
    say("first complete", firstWithin);
    awaitComplete(runs.ids());
    say("all complete", since(killed));
    assertThat(inFlight).hasSizeGreaterThan(900);
    assertThat(firstWithin).isLessThan(Duration.ofSeconds(15));
    runs.assertExact(callsTo(second));
  }

  @Test
  void runsThatSleepWakeUpElsewhereWhenTheirWorkerIsKilled() throws Exception {
    second.kill();
    var ids = new ArrayList<String>();
    for (int i = 0; i < 200; i++) {
      ids.add(UUID.randomUUID().toString());
      var params = Map.of("steps", 4, "sleepMs", 1_500, "failAttempts", 1);
      var answer = callsTo(first).start("sample-steps", ids.getLast(), params);
      assertThat(answer.status()).as(answer.body()).isEqualTo(201);
    }
    awaitUntil(() -> table.count("waiting", ids) > 100);
    second.start();
    first.kill();
    awaitComplete(ids);
  }

  @Test
  void threeWorkersKilledInTurnLoseNothing() throws Exception {
    var third = deployment.anotherDataWorker("third");
    var runs = CountingRuns.start(callsTo(first), 600, 20, 30);
    for (var worker : List.of(first, second, third)) {
      worker.kill();
      worker.start();
    }
    awaitComplete(runs.ids());
    runs.assertExact(callsTo(second));
    third.stop();
  }

  @Test
  void aWorkerThatSleptLongerThanItsLeaseWritesNothingTwiceAndServesOn() throws Exception {
    var runs = CountingRuns.start(callsTo(first), 300, 40, 50);
    first.pause();
    assertThat(table.count("running", runs.ids())).as("in flight").isGreaterThan(100);
    try {
      let(LONGER_THAN_THE_LEASE);
    } finally {
      first.resume();
    }
    awaitComplete(runs.ids());
    runs.assertExact(callsTo(second));
    second.stop();
    first.awaitReady();
    var alone = callsTo(first).startAndWait("sample-steps", Map.of("steps", 2));
    assertThat(alone.body()).contains(WorkflowBench.COMPLETE);
  }

  @Test
  void whatAStoppingWorkerHoldsGoesOnElsewhereWithinThreeSeconds() throws Exception {
    var runs = CountingRuns.start(callsTo(first), 600, 20, 30);
    long holder = table.holder(runs.ids());
    var held = table.heldBy(holder, runs.ids());
    long asked = System.nanoTime();
    var stop = Thread.ofPlatform().start(first::stop);
    awaitUntil(() -> table.elsewhere(held, holder) > 0);
    var within = since(asked);
    stop.join();
    say(held.size() + " held at SIGTERM: first elsewhere", within);
    say("stopped", since(asked));
    awaitComplete(runs.ids());
    assertThat(within).isLessThan(Duration.ofSeconds(3));
    runs.assertExact(callsTo(second));
  }

  @Test
  void tenSecondsWithoutPostgresLoseNothing() throws Exception {
    survive(() -> deployment.stack().postgres().stop(), Duration.ofSeconds(10));
  }

  @Test
  void aKilledPostgresLosesNothingThatWasAnswered() throws Exception {
    survive(() -> deployment.stack().postgres().kill(), Duration.ZERO);
  }

  private void survive(Runnable outage, Duration length) throws Exception {
    var runs = CountingRuns.start(callsTo(first), 300, 20, 30);
    try (var starts = new SteadyStarts(callsTo(second))) {
      awaitUntil(() -> starts.acknowledged().size() > 20);
      outage.run();
      let(length);
      deployment.stack().postgres().start();
      long back = System.nanoTime();
      table.reconnect();
      int before = starts.acknowledged().size();
      awaitUntil(() -> starts.acknowledged().size() > before);
      say("starts are answered again", since(back));
      starts.end();
      awaitComplete(runs.ids());
      say("all complete", since(back));
      awaitComplete(starts.acknowledged());
      awaitUntil(() -> table.unfinished(starts.asked()).isEmpty());
      runs.assertExact(callsTo(first));
      var made = table.existing(starts.asked());
      for (var id : starts.asked()) {
        var expected = made.contains(id) ? SteadyStarts.TIMES : 0;
        assertThat(callsTo(first).counter(id)).as(id).isEqualTo(expected);
      }
    }
  }

  private WorkflowCalls callsTo(Worker worker) {
    return WorkflowCalls.to(deployment, worker, user);
  }

  private void awaitComplete(Collection<String> ids) {
    awaitUntil(() -> table.count("complete", ids) == ids.size());
  }

  private static void awaitUntil(Callable<Boolean> condition) {
    await().atMost(ALL_WITHIN).pollDelay(Duration.ZERO).pollInterval(LOOK_EVERY).until(condition);
  }

  /** Lets so much time pass: what is tested is what the time does. */
  private static void let(Duration pass) {
    long began = System.nanoTime();
    awaitUntil(() -> since(began).compareTo(pass) >= 0);
  }

  private static Duration since(long nanoTime) {
    return Duration.ofNanos(System.nanoTime() - nanoTime);
  }

  private static void say(String what, Duration after) {
    LOG.log(Level.INFO, "{0} after {1} ms", what, after.toMillis());
  }
}
