package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.System.Logger.Level;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/**
 * Rooms keep one log each, and their members all see it, while workers and Postgres die, freeze and
 * come back and connections are cut. {@code -Droom.minutes} makes it longer, {@code -Droom.seed}
 * repeats the faults of another run.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 1, unit = TimeUnit.HOURS)
class RoomRecoveryTest {
  private static final System.Logger LOG = System.getLogger(RoomRecoveryTest.class.getName());
  private static final Duration FAULTS_FOR =
      Long.getLong("room.minutes", 0) > 0
          ? Duration.ofMinutes(Long.getLong("room.minutes"))
          : Duration.ofSeconds(60);
  private static final Duration WITHIN = Duration.ofSeconds(60);
  private static final int ROOMS = 10;
  private static final int MEMBERS = 5;
  private static final int USERS = 10;
  private static final int FROZEN_MILLIS = 8_500;
  private static final int ACKNOWLEDGED_MIN = 2_000;

  /** What happens, as often as it stands here. */
  private enum Fault {
    DATA_WORKER_KILLED,
    OTHER_DATA_WORKER_KILLED,
    DATA_WORKER_FROZEN,
    OTHER_DATA_WORKER_FROZEN,
    DATA_WORKER_STOPPED,
    USER_WORKER_KILLED,
    POSTGRES_KILLED,
    POSTGRES_STOPPED,
    CONNECTIONS_CUT,
    MORE_CONNECTIONS_CUT
  }

  private Deployment deployment;
  private Worker second;

  @BeforeAll
  void start() {
    deployment = Deployment.start(Deployment.Settings.quick("room-recovery"));
    second = deployment.anotherDataWorker("second");
  }

  @AfterAll
  void stop() {
    deployment.close();
  }

  @Test
  void everyAcknowledgedMessageIsInTheLogOnceAndAllMembersSeeTheSameLogWhateverDies()
      throws Exception {
    long seed = Long.getLong("room.seed", System.nanoTime());
    LOG.log(Level.INFO, "seed {0}", Long.toString(seed));
    var random = new Random(seed);
    var notes = new ChatNotes();
    var sessions =
        IntStream.range(0, USERS).mapToObj(i -> new LastingSession(deployment.accounts())).toList();
    var rooms = IntStream.range(0, ROOMS).mapToObj(i -> "recovery" + i).toList();
    var chatters = new ArrayList<Chatter>();
    for (int i = 0; i < ROOMS * MEMBERS; i++) {
      chatters.add(
          new Chatter(
              deployment.userWorker().port(),
              rooms.get(i / MEMBERS),
              "m" + i,
              sessions.get(i % USERS),
              notes,
              new Random(seed + i)));
    }
    var announcer =
        new Announcer(
            deployment.userWorker().http(), rooms, sessions.getFirst(), notes, new Random(seed));
    chatters.forEach(Chatter::start);
    announcer.start();
    var faults = torment(chatters, random);
    chatters.forEach(Chatter::quiet);
    assertThat(announcer.finish(WITHIN)).as("all announcements are made in the end").isTrue();
    int acknowledged = 0;
    try {
      awaitAll(chatters);
      acknowledged = compare(rooms, chatters, announcer, sessions.getFirst().get().bearer());
      assertThat(notes.wrong()).isEmpty();
      assertThat(acknowledged).isGreaterThan(ACKNOWLEDGED_MIN);
    } finally {
      LOG.log(
          Level.INFO,
          "seed {0}: {1} acknowledged, the slowest after {2}; {3} from transactions; {4};"
              + " faults {5}",
          Long.toString(seed),
          Integer.toString(acknowledged),
          notes.longest(),
          Integer.toString(announcer.committed().size()),
          notes.events(),
          faults);
      for (var chatter : chatters) {
        chatter.stop();
      }
    }
  }

  private Map<Fault, Integer> torment(List<Chatter> chatters, RandomGenerator random) {
    var faults = new EnumMap<Fault, Integer>(Fault.class);
    long until = System.nanoTime() + FAULTS_FOR.toNanos();
    pause(2_000);
    while (System.nanoTime() < until) {
      var fault = Fault.values()[random.nextInt(Fault.values().length)];
      faults.merge(fault, 1, Integer::sum);
      LOG.log(Level.INFO, "{0}", fault);
      inject(fault, chatters, random);
      pause(random.nextInt(500, 2_500));
    }
    return faults;
  }

  private void inject(Fault fault, List<Chatter> chatters, RandomGenerator random) {
    int millis = random.nextInt(200, 2_000);
    var postgres = deployment.stack().postgres();
    switch (fault) {
      case DATA_WORKER_KILLED -> restart(deployment.dataWorker(), millis);
      case OTHER_DATA_WORKER_KILLED -> restart(second, millis);
      case DATA_WORKER_FROZEN -> freeze(deployment.dataWorker());
      case OTHER_DATA_WORKER_FROZEN -> freeze(second);
      case DATA_WORKER_STOPPED -> {
        second.stop();
        second.start();
      }
      case USER_WORKER_KILLED -> restart(deployment.userWorker(), millis);
      case POSTGRES_KILLED -> {
        postgres.kill();
        pause(millis);
        postgres.start();
      }
      case POSTGRES_STOPPED -> {
        postgres.stop();
        pause(millis);
        postgres.start();
      }
      case CONNECTIONS_CUT, MORE_CONNECTIONS_CUT ->
          chatters.stream().filter(one -> random.nextInt(3) == 0).forEach(Chatter::cut);
    }
  }

  private static void restart(Worker worker, int millis) {
    worker.kill();
    pause(millis);
    worker.start();
  }

  /** For longer than its lease. */
  private static void freeze(Worker worker) {
    worker.pause();
    pause(FROZEN_MILLIS);
    worker.resume();
  }

  private static void pause(int millis) {
    LockSupport.parkNanos(Duration.ofMillis(millis).toNanos());
  }

  /** Until nothing is under way and everybody has seen everything. */
  private void awaitAll(List<Chatter> chatters) {
    var postgres = deployment.stack().postgres();
    await()
        .atMost(WITHIN)
        .untilAsserted(() -> {
          assertThat(chatters).allMatch(one -> one.open() == 0);
          assertThat(RoomLogs.waiting(postgres)).isZero();
        });
    await()
        .atMost(WITHIN)
        .untilAsserted(() -> {
          var heads = new HashMap<String, Long>();
          for (var chatter : chatters) {
            heads.putIfAbsent(chatter.room(), head(chatter.room()));
          }
          assertThat(chatters).allMatch(one -> Objects.equals(heads.get(one.room()), one.last()));
        });
  }

  private long head(String room) throws SQLException {
    return RoomLogs.inPostgres(deployment.stack().postgres(), room).size();
  }

  /** Gives how many were acknowledged. */
  private int compare(
      List<String> rooms, List<Chatter> chatters, Announcer announcer, String bearer)
      throws SQLException {
    int acknowledged = 0;
    for (var room : rooms) {
      var log = RoomLogs.inPostgres(deployment.stack().postgres(), room);
      assertThat(log)
          .extracting(Chatter.Said::offset)
          .as("the log of %s has no gap", room)
          .isEqualTo(LongStream.rangeClosed(1, log.size()).boxed().toList());
      assertThat(RoomLogs.overHttp(deployment.userWorker().http(), bearer, room)).isEqualTo(log);
      var expected = new HashSet<String>();
      for (var chatter : chatters) {
        if (chatter.room().equals(room)) {
          var seen = chatter.seen();
          assertThat(seen).isEqualTo(log.subList(log.size() - seen.size(), log.size()));
          chatter
              .acknowledged()
              .forEach((id, offset) ->
                  assertThat(log.get(Math.toIntExact(offset - 1)))
                      .isEqualTo(new Chatter.Said(offset, chatter.user(), id)));
          expected.addAll(chatter.acknowledged().keySet());
        }
      }
      acknowledged += expected.size();
      announcer.committed().stream()
          .filter(one -> one.room().equals(room))
          .forEach(one -> expected.add(one.text()));
      assertThat(log)
          .extracting(Chatter.Said::id)
          .as("%s has each message once and nothing else", room)
          .doesNotContainAnyElementsOf(announcer.failed())
          .containsExactlyInAnyOrderElementsOf(expected);
    }
    return acknowledged;
  }
}
