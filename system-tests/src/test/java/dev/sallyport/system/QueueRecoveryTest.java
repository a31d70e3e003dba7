package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * The broker, Postgres and workers die while messages are sent and handled: none is lost or
 * doubled.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 6, unit = TimeUnit.MINUTES)
class QueueRecoveryTest {
  private static final System.Logger LOG = System.getLogger(QueueRecoveryTest.class.getName());
  private static final Duration ALL_WITHIN = Duration.ofMinutes(3);
  private static final int MESSAGES = 50_000;

  /** What happens, as often as it stands here. */
  private enum Fault {
    DATA_WORKER_KILLED,
    OTHER_DATA_WORKER_KILLED,
    DATA_WORKER_FROZEN,
    BROKER_KILLED,
    BROKER_STOPPED,
    POSTGRES_KILLED,
    USER_WORKER_KILLED
  }

  private Deployment deployment;
  private Worker second;

  @BeforeAll
  void start() {
    deployment = Deployment.start(Deployment.Settings.quick("queue-recovery"));
    second = deployment.anotherDataWorker("second");
  }

  @AfterAll
  void stop() {
    deployment.close();
  }

  @Test
  void fiftyThousandNumberedMessagesAreEachCountedOnceThroughRandomKills() throws Exception {
    long seed = Long.getLong("queue.seed", System.nanoTime());
    LOG.log(Level.INFO, "seed {0}", Long.toString(seed));
    var random = new Random(seed);
    var bearer = deployment.accounts().newSession().bearer();
    awaitOpen(bearer);
    var messages = new NumberedMessages(deployment, bearer, MESSAGES).start();
    var faults = new EnumMap<Fault, Integer>(Fault.class);
    while (messages.acknowledged() < MESSAGES) {
      pause(random.nextInt(500, 2_500));
      var fault = Fault.values()[random.nextInt(Fault.values().length)];
      faults.merge(fault, 1, Integer::sum);
      inject(fault, random);
    }
    messages.awaitSent();
    awaitCounted(messages);
    assertThat(messages.counts()).isEqualTo(new NumberedMessages.Counts(MESSAGES, MESSAGES, 1));
    LOG.log(
        Level.INFO,
        "{0} messages, sent again {1} times, counted {2}; faults {3}",
        Integer.toString(MESSAGES),
        Integer.toString(messages.repeated()),
        messages.counts(),
        faults);
  }

  private static void awaitCounted(NumberedMessages messages) throws SQLException {
    try {
      await().atMost(ALL_WITHIN).until(() -> messages.counts().messages() == MESSAGES);
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(messages.missing(), e);
    }
  }

  /** The queue is open once a data-worker has made its topic. */
  private void awaitOpen(String bearer) {
    await()
        .atMost(ALL_WITHIN)
        .until(() ->
            deployment
                    .userWorker()
                    .http()
                    .post(
                        "/api/queues/sample/messages",
                        "{\"body\":{\"key\":\"open\"}}",
                        "Authorization",
                        bearer)
                    .status()
                == 202);
  }

  private void inject(Fault fault, RandomGenerator random) throws SQLException {
    LOG.log(Level.INFO, "{0}", fault);
    int millis = random.nextInt(200, 2_000);
    switch (fault) {
      case DATA_WORKER_KILLED -> restart(deployment.dataWorker(), millis);
      case OTHER_DATA_WORKER_KILLED -> restart(second, millis);
      case USER_WORKER_KILLED -> restart(deployment.userWorker(), millis);
      case DATA_WORKER_FROZEN -> {
        second.pause();
        pause(8_000); // longer than the lease
        second.resume();
      }
      case BROKER_KILLED -> {
        deployment.stack().kafka().kill();
        pause(millis);
        deployment.stack().kafka().start();
      }
      case BROKER_STOPPED -> {
        deployment.stack().kafka().stop();
        pause(millis);
        deployment.stack().kafka().start();
      }
      case POSTGRES_KILLED -> {
        deployment.stack().postgres().kill();
        pause(millis);
        deployment.stack().postgres().start();
      }
    }
  }

  private static void restart(Worker worker, int millis) {
    worker.kill();
    pause(millis);
    worker.start();
  }

  private static void pause(int millis) {
    LockSupport.parkNanos(Duration.ofMillis(millis).toNanos());
  }
}
