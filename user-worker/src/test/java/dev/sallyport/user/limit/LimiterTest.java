package dev.sallyport.user.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.local.LocalStack;
import dev.sallyport.local.RedisNode;
import dev.sallyport.local.StackSettings;
import dev.sallyport.user.HandClock;
import dev.sallyport.user.platform.Ticker;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Redis;
import io.vertx.redis.client.RedisOptions;
import io.vertx.redis.client.Request;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Against a Redis of its own, which it stops and lets hang. */
class LimiterTest {
  private static final Duration BOUND = Duration.ofSeconds(20);
  private static final Pattern CALLS =
      Pattern.compile("^cmdstat_eval(?:sha)?:calls=(\\d+)", Pattern.MULTILINE);

  private static Vertx vertx;
  private static RedisNode node;

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final List<Redis> clients = new ArrayList<>();
  private final Payer somebody = Payer.user(UUID.randomUUID().toString());

  @BeforeAll
  static void startRedis(@TempDir Path directory) {
    vertx = Vertx.vertx();
    node = LocalStack.prepare(StackSettings.onFreePorts(directory)).redis();
  }

  @AfterAll
  static void stopRedis() {
    node.stop();
    vertx.close();
  }

  @BeforeEach
  void start() {
    node.start();
  }

  @AfterEach
  void end() {
    clients.forEach(Redis::close);
  }

  private record Settings(int addressPerMinute, int principalPerMinute, Duration patience)
      implements LimitSettings {
    /** A busy machine may be slow. */
    static Settings patient(int perMinute) {
      return new Settings(perMinute, perMinute, Duration.ofSeconds(5));
    }

    /** As it is usual. */
    static Settings usual(int perMinute) {
      return new Settings(perMinute, perMinute, Duration.ofMillis(50));
    }
  }

  private Redis client() {
    var client =
        Redis.createClient(
            vertx,
            new RedisOptions().setConnectionString(node.url()).setMaxWaitingHandlers(20_000));
    clients.add(client);
    return client;
  }

  private Limiter limiter(Ticker ticker, int perMinute) {
    return limiter(ticker, Settings.patient(perMinute));
  }

  private Limiter limiter(Ticker ticker, Settings settings) {
    var limiter =
        new Limiter(new LimitScript(client(), ticker, settings), ticker, settings, metrics);
    // The first connection of a process may take longer than a request waits.
    Awaitility.await()
        .atMost(BOUND)
        .until(() -> {
          var tried = result(limiter.look(Payer.user(UUID.randomUUID().toString()), CLOSED));
          if (ticker instanceof HandClock clock) {
            clock.advance(Duration.ofSeconds(1));
          }
          return tried instanceof Verdict.Admitted;
        });
    return limiter;
  }

  private static final Limits OPEN = new Limits("/open", null, null, Limits.WithoutRedis.OPEN);
  private static final Limits CLOSED =
      new Limits("/closed", null, null, Limits.WithoutRedis.CLOSED);

  private static <T> T result(Future<T> future) {
    try {
      return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new AssertionError(e);
    }
  }

  private String command(Command command, String... arguments) {
    var request = Request.cmd(command);
    for (var argument : arguments) {
      request.arg(argument);
    }
    return result(client().send(request).map(answer -> String.valueOf(answer)));
  }

  private long trips() {
    var calls = CALLS.matcher(command(Command.INFO, "commandstats"));
    long sum = 0;
    while (calls.find()) {
      sum += Long.parseLong(calls.group(1));
    }
    return sum;
  }

  private double degraded(String answer) {
    return metrics.get("sallyport_limit_degraded_requests").tag("answer", answer).counter().count();
  }

  /** A bucket of the future, of which nothing is paid off while it is compared. */
  @Test
  void redisDoesTheSameArithmetic() {
    long seed = new Random().nextLong();
    var random = new Random(seed);
    var script = new LimitScript(client(), System::nanoTime, Settings.patient(1));
    long later = 4_000_000_000_000_000L; // in the year 2096
    for (int i = 0; i < 500; i++) {
      int perMinute = 1 + random.nextInt(random.nextBoolean() ? 100 : Gcra.PER_MINUTE_MAX);
      long owed = random.nextLong(perMinute * 60_000_000L + 2);
      boolean take = random.nextBoolean();
      var bucket = new Bucket("compare:" + i, "p", Payer.Kind.ADDRESS, perMinute);
      command(Command.SET, bucket.key(), later + " " + owed, "EX", "60");
      var expected = new Gcra(later, owed).on(perMinute, later, take).standing();
      assertThat(result(script.on(bucket, take)))
          .as("seed %d: %d owed of %d, take %s", seed, owed, perMinute, take)
          .isEqualTo(expected);
    }
  }

  @Test
  void twoWorkersShareOneBudgetExactly() {
    int perMinute = 600;
    var workers =
        List.of(limiter(System::nanoTime, perMinute), limiter(System::nanoTime, perMinute));
    long began = System.nanoTime();
    var asked = new ArrayList<Future<Verdict>>();
    for (int i = 0; i < 2 * perMinute; i++) {
      asked.add(workers.get(i % 2).charge(somebody, CLOSED));
    }
    long admitted = asked.stream().filter(one -> result(one) instanceof Verdict.Admitted).count();
    long micros = (System.nanoTime() - began) / 1000;
    assertThat(asked).noneMatch(one -> one.result() instanceof Verdict.Closed);
    assertThat(admitted).isBetween(600L, 600 + Math.ceilDiv(micros * perMinute, 60_000_000L));
  }

  @Test
  void nothingIsKeptBeyondItsRefill() {
    var limiter = limiter(System::nanoTime, 100);
    result(limiter.charge(somebody, CLOSED));
    var key = "sallyport:limit:{" + somebody.id() + "}";
    assertThat(Long.parseLong(command(Command.PTTL, key))).isLessThanOrEqualTo(600);
    Awaitility.await()
        .atMost(BOUND)
        .untilAsserted(() -> assertThat(command(Command.EXISTS, key)).isEqualTo("0"));
    for (int i = 0; i < 100; i++) {
      result(limiter.charge(somebody, CLOSED));
    }
    assertThat(Long.parseLong(command(Command.PTTL, key))).isBetween(50_000L, 60_000L);
  }

  @Test
  void whatIsThereInsteadOfABucketIsReplaced() {
    var limiter = limiter(System::nanoTime, 100);
    var key = "sallyport:limit:{" + somebody.id() + "}";
    command(Command.LPUSH, key, "x");
    assertThat(result(limiter.charge(somebody, CLOSED))).isInstanceOf(Verdict.Admitted.class);
    command(Command.SET, key, "x");
    assertThat(result(limiter.charge(somebody, CLOSED))).isInstanceOf(Verdict.Admitted.class);
  }

  @Test
  void aRedisThatForgotTheScriptIsTold() {
    var limiter = limiter(System::nanoTime, 100);
    command(Command.SCRIPT, "FLUSH");
    assertThat(result(limiter.charge(somebody, CLOSED))).isInstanceOf(Verdict.Admitted.class);
    assertThat(degraded("closed")).isZero();
  }

  @Test
  void aRequestIsOneTripAndOneThatIsKnownToBeRefusedIsNone() {
    var limiter = limiter(System::nanoTime, 3);
    long before = trips();
    for (int i = 0; i < 3; i++) {
      result(limiter.charge(somebody, CLOSED));
    }
    assertThat(trips() - before).isEqualTo(3);
    for (int i = 0; i < 10; i++) {
      assertThat(result(limiter.charge(somebody, CLOSED))).isInstanceOf(Verdict.Refused.class);
      assertThat(result(limiter.look(somebody, CLOSED))).isInstanceOf(Verdict.Refused.class);
    }
    assertThat(trips() - before).isEqualTo(3);
    assertThat(metrics.get("sallyport_limit_refused_requests").tag("budget", "principal").counter())
        .satisfies(counter -> assertThat(counter.count()).isEqualTo(20));
  }

  @Test
  void aLookAtAnotherWorkersRefusalSeesIt() {
    var one = limiter(System::nanoTime, 2);
    var other = limiter(System::nanoTime, 2);
    result(one.charge(somebody, CLOSED));
    assertThat(result(other.look(somebody, CLOSED))).isInstanceOf(Verdict.Admitted.class);
    result(one.charge(somebody, CLOSED));
    assertThat(result(other.look(somebody, CLOSED))).isInstanceOf(Verdict.Refused.class);
  }

  @Test
  void numbersOfARoutesOwnAreABudgetOfItsOwn() {
    var limiter = limiter(System::nanoTime, 100);
    var own = new Limits("/shop", null, 1, Limits.WithoutRedis.CLOSED);
    assertThat(result(limiter.charge(somebody, own))).isInstanceOf(Verdict.Admitted.class);
    var refused = (Verdict.Refused) result(limiter.charge(somebody, own));
    assertThat(refused.bucket().policy()).isEqualTo("principal /shop");
    assertThat(refused.bucket().perMinute()).isEqualTo(1);
    var usual = (Verdict.Admitted) result(limiter.charge(somebody, CLOSED));
    assertThat(usual.bucket().policy()).isEqualTo("principal");
    assertThat(usual.standing().remaining()).isEqualTo(99);
    // Of the two budgets it has only the one that it names.
    var address = (Verdict.Admitted) result(limiter.charge(Payer.address("192.0.2.7"), own));
    assertThat(address.bucket().policy()).isEqualTo("address");
  }

  @Test
  void withoutRedisEachRouteAnswersAsItSays() {
    var clock = new HandClock();
    var limiter = limiter(clock, 10);
    node.stop();
    Awaitility.await()
        .atMost(BOUND)
        .until(() -> result(limiter.charge(somebody, CLOSED)) instanceof Verdict.Closed);
    assertThat(metrics.get("sallyport_limit_redis_up").gauge().value()).isZero();
    for (int i = 0; i < 30; i++) {
      assertThat(result(limiter.charge(somebody, CLOSED))).isEqualTo(new Verdict.Closed());
      assertThat(result(limiter.charge(somebody, OPEN))).isEqualTo(new Verdict.Uncounted());
      var local = result(limiter.charge(somebody, Limits.USUAL));
      if (i < 10) {
        assertThat(local).isInstanceOf(Verdict.Admitted.class);
      } else {
        assertThat(local).isInstanceOf(Verdict.Refused.class);
      }
    }
    assertThat(degraded("open")).isEqualTo(30);
    assertThat(degraded("local")).isEqualTo(30);
    assertThat(degraded("closed")).isGreaterThanOrEqualTo(30);
    // One more after a tenth of a minute; and a stranger has the whole budget.
    clock.advance(Duration.ofSeconds(6));
    assertThat(result(limiter.charge(somebody, Limits.USUAL))).isInstanceOf(Verdict.Admitted.class);
    assertThat(result(limiter.charge(somebody, Limits.USUAL))).isInstanceOf(Verdict.Refused.class);
    assertThat(result(limiter.charge(Payer.key("k"), Limits.USUAL)))
        .isInstanceOf(Verdict.Admitted.class);
    node.start();
    Awaitility.await()
        .atMost(BOUND)
        .until(() -> {
          clock.advance(Duration.ofSeconds(1));
          return result(limiter.look(somebody, CLOSED)) instanceof Verdict.Admitted;
        });
    assertThat(metrics.get("sallyport_limit_redis_up").gauge().value()).isOne();
  }

  @Test
  void aRedisThatHangsHoldsUpOneRequestAndNotForLong() {
    var clock = new HandClock();
    var limiter = limiter(clock, Settings.usual(10));
    command(Command.CLIENT, "PAUSE", "60000", "WRITE");
    try {
      assertThat(result(limiter.charge(somebody, CLOSED))).isEqualTo(new Verdict.Closed());
      for (int i = 0; i < 100; i++) {
        var asked = limiter.charge(somebody, CLOSED);
        assertThat(asked.isComplete()).isTrue();
        assertThat(asked.result()).isEqualTo(new Verdict.Closed());
      }
      clock.advance(Duration.ofSeconds(1));
      assertThat(limiter.charge(somebody, CLOSED).isComplete()).isFalse();
      assertThat(limiter.charge(somebody, CLOSED).isComplete()).isTrue();
    } finally {
      command(Command.CLIENT, "UNPAUSE");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 60_000_001})
  void aNumberOutOfBoundsEndsTheStart(int perMinute) {
    var script = new LimitScript(client(), System::nanoTime, Settings.usual(1));
    var usual = Settings.usual(1).patience();
    assertThatThrownBy(
            () -> new Limiter(script, System::nanoTime, new Settings(perMinute, 1, usual), metrics))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("sallyport.limit.address-per-minute: expected 1 to 60000000");
    assertThatThrownBy(
            () -> new Limiter(script, System::nanoTime, new Settings(1, perMinute, usual), metrics))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("sallyport.limit.principal-per-minute: expected 1 to 60000000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "-PT1S", "PT5.001S"})
  void noPatienceAndTooMuchOfItEndTheStart(Duration patience) {
    var client = client();
    assertThatThrownBy(
            () -> new LimitScript(client, System::nanoTime, new Settings(1, 1, patience)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("sallyport.limit.patience: expected PT0.001S to PT5S");
  }
}
