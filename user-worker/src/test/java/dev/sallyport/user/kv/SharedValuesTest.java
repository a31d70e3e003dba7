package dev.sallyport.user.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.local.LocalStack;
import dev.sallyport.local.RedisNode;
import dev.sallyport.local.StackResource;
import dev.sallyport.local.StackSettings;
import dev.sallyport.model.ProblemType;
import dev.sallyport.model.SharedEntry;
import dev.sallyport.user.HandClock;
import dev.sallyport.user.platform.ProblemException;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a Redis of its own that it may stop, and a data-worker that says what its spaces say. */
@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
@WithTestResource(value = FakeTruth.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class SharedValuesTest {
  /** What {@link Origin} allows, Redis, and a busy machine. */
  private static final Duration BOUND = Origin.WITHIN.plusSeconds(2);

  private static final int WARM_UPS = 5;

  private static RedisNode node;

  @ConfigProperty(name = FakeTruth.URL)
  URI truth;

  @Inject Origin origin;
  @Inject Vertx vertx;

  private final HandClock ticker = new HandClock();
  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final String key = "k " + UUID.randomUUID() + "/é&=";
  private Redis redis;
  private SharedValues values;

  @BeforeAll
  static void startRedis(@TempDir Path directory) {
    node = LocalStack.prepare(StackSettings.onFreePorts(directory)).redis();
  }

  @AfterAll
  static void stopRedis() {
    node.stop();
  }

  @BeforeEach
  void start() {
    node.start();
    redis =
        Redis.createClient(
            vertx,
            new RedisOptions()
                .setConnectionString(node.url())
                .setMaxPoolSize(8)
                .setMaxPoolWaiting(2048));
    command(Command.PING); // the first connection takes longer than a reader waits
    // The first call of a process may take it longer than the data-worker is given.
    int tries = 0;
    while (tries < WARM_UPS && !answers()) {
      tries++;
    }
    values = new SharedValues(new KvScript(() -> redis), origin, ticker, metrics);
  }

  private boolean answers() {
    try {
      return result(origin.ask("values", "warm-up").map(SharedEntry::value)).equals("of warm-up");
    } catch (ProblemException cold) {
      return false;
    }
  }

  @AfterEach
  void end() {
    redis.close();
  }

  private void command(Command command, String... arguments) {
    var request = Request.cmd(command);
    for (var argument : arguments) {
      request.arg(argument);
    }
    result(redis.send(request).map(done -> true));
  }

  private void inRedis(String space, String entry) {
    command(Command.SET, SharedEntry.redisKey(space, key), entry);
  }

  private Optional<String> get(String space) {
    return result(values.get(space, key));
  }

  private static <T> T result(Future<T> future) {
    try {
      return future
          .toCompletionStage()
          .toCompletableFuture()
          .get(BOUND.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new AssertionError(e);
    } catch (TimeoutException e) {
      throw new AssertionError("not within " + BOUND, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private int asked() {
    return FakeTruth.asked(truth, key);
  }

  private double unavailable() {
    return metrics.get("sallyport_kv_redis_unavailable").counter().count();
  }

  private double answers(String source) {
    return metrics.get("sallyport_kv_answers").tag("source", source).counter().count();
  }

  @Test
  void aHitComesFromRedisAlone() {
    inRedis("values", "3 Vhé\nllo");
    assertThat(get("values")).contains("hé\nllo");
    inRedis("values", "4 V");
    assertThat(get("values")).contains("");
    assertThat(answers("redis")).isEqualTo(2);
    assertThat(asked()).isZero();
  }

  @Test
  void aTombstoneIsAnAnswerToo() {
    inRedis("values", "3 T");
    assertThat(get("values")).isEmpty();
    inRedis("values", "0 T");
    assertThat(get("values")).isEmpty();
    assertThat(asked()).isZero();
  }

  @Test
  void thatThereIsNothingIsBelievedNoLongerThanRedisKeepsIt() {
    command(Command.SET, SharedEntry.redisKey("values", key), "0 T", "PX", "1");
    var found = get("values");
    for (int i = 0; found.isEmpty() && i < 10_000; i++) {
      found = get("values");
    }
    assertThat(found).contains("of " + key);
  }

  @Test
  void aMissOfManyAsksTheDataWorkerOnce() {
    var readers = new ArrayList<Future<Optional<String>>>();
    for (int i = 0; i < 500; i++) {
      readers.add(values.get("slow", key));
    }
    for (var reader : readers) {
      assertThat(result(reader)).contains("of " + key);
    }
    assertThat(asked()).isOne();
    ticker.advance(SharedValues.REMEMBERED_FOR); // where Redis did not answer all in time
    assertThat(get("slow")).as("the next one asks anew").isPresent();
    assertThat(asked()).isEqualTo(2);
  }

  @Test
  void whatIsNoEntryInRedisCountsAsNothing() {
    var garbage = List.of("", "V", "1", "1 X", "-1 Va", "1  Va", "1234567890123456789 Va");
    for (var entry : garbage) {
      inRedis("values", entry);
      assertThat(get("values")).as(entry).contains("of " + key);
    }
    command(Command.DEL, SharedEntry.redisKey("values", key));
    command(Command.LPUSH, SharedEntry.redisKey("values", key), "x");
    assertThat(get("values")).contains("of " + key);
    assertThat(asked()).isEqualTo(garbage.size() + 1);
    assertThat(unavailable()).as("Redis did answer").isZero();
  }

  @Test
  void withoutRedisTheDataWorkerSaysAndIsBelievedForASecond() {
    node.stop();
    for (int i = 0; i < 100; i++) {
      assertThat(get("values")).contains("of " + key);
    }
    assertThat(asked()).isOne();
    assertThat(unavailable()).isEqualTo(100);
    assertThat(answers("memory")).isEqualTo(99);
    ticker.advance(SharedValues.REMEMBERED_FOR);
    assertThat(get("values")).isPresent();
    assertThat(asked()).isEqualTo(2);
  }

  @Test
  void nothingIsBelievedForASecondAsWell() {
    assertThat(get("nothing")).isEmpty();
    node.stop();
    for (int i = 0; i < 10; i++) {
      assertThat(get("nothing")).isEmpty();
    }
    assertThat(asked()).isEqualTo(2);
  }

  @Test
  void aRedisThatIsSilentIsWaitedForThreeTimesAndThenLeftAlone() {
    node.pause();
    try {
      for (int i = 0; i < SharedValues.FAILURES_MAX; i++) {
        assertThat(get("values")).isPresent();
      }
      long began = System.nanoTime();
      for (int i = 0; i < 100; i++) {
        assertThat(get("values")).isPresent();
      }
      assertThat(Duration.ofNanos(System.nanoTime() - began))
          .isLessThan(SharedValues.REDIS_WITHIN.multipliedBy(50));
    } finally {
      node.resume();
    }
  }

  @Test
  void aRedisThatIsBackIsReadAgain() {
    node.stop();
    for (int i = 0; i <= SharedValues.FAILURES_MAX; i++) {
      assertThat(get("values")).isPresent();
    }
    node.start();
    inRedis("values", "9 Vnew");
    assertThat(get("values")).as("still left alone").contains("of " + key);
    ticker.advance(SharedValues.PAUSE);
    assertThat(get("values")).contains("new");
  }

  @Test
  void aDataWorkerThatCannotSayIsAProblemAndIsAskedAgain() {
    assertProblem("failing", ProblemType.BAD_ANSWER);
    assertProblem("garbage", ProblemType.BAD_ANSWER);
    assertProblem("other-json", ProblemType.BAD_ANSWER);
    assertProblem("dying", ProblemType.BINDING_DOWN, ProblemType.BAD_ANSWER);
    assertProblem("hanging", ProblemType.BINDING_TIMEOUT);
    assertThat(get("values")).contains("of " + key);
  }

  @Test
  void withoutRedisAndDataWorkerAReaderGetsAProblemInTime() {
    node.stop();
    assertProblem("hanging", ProblemType.BINDING_TIMEOUT);
    assertProblem("hanging", ProblemType.BINDING_TIMEOUT);
    assertThat(asked()).as("a failure is not remembered").isEqualTo(2);
  }

  private void assertProblem(String space, ProblemType... oneOf) {
    assertThatThrownBy(() -> get(space))
        .as(space)
        .isInstanceOfSatisfying(
            ProblemException.class,
            failure -> assertThat(failure.problem().type()).isIn((Object[]) oneOf));
  }

  @Test
  void aWorkerWithoutRedisAsksToo() {
    values = new SharedValues(new KvScript(() -> null), origin, ticker, metrics);
    assertThat(get("values")).contains("of " + key);
    assertThat(unavailable()).isOne();
  }

  /** Outside an event loop an answer may be there before the caller has said what to do with it. */
  @Test
  void aThreadThatIsNoEventLoopGetsEveryAnswer() {
    for (int i = 0; i < 10_000; i++) {
      assertThat(result(origin.ask("values", key)).value()).isEqualTo("of " + key);
    }
  }

  @Test
  void aNameThatCannotBeAsksNobody() {
    for (var odd : List.of("", "k".repeat(257), "a\0", "é".repeat(129))) {
      assertThat(result(values.get("failing", odd))).isEmpty();
    }
    assertThat(result(values.get("../kv/values", key))).isEmpty();
    assertThat(asked()).isZero();
  }
}
