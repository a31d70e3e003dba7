package dev.sallyport.system;

import static dev.sallyport.system.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Two user-workers count requests together, and each for itself while Redis is away. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class LimitsTest {
  private static final Duration WITHIN = Duration.ofSeconds(20);

  /** One more each five seconds: few enough that a test is over before much comes back. */
  private static final int PER_MINUTE = 12;

  private static final String UP = "sallyport_limit_redis_up";

  private final AtomicInteger addresses = new AtomicInteger();
  private Deployment deployment;
  private List<Worker> workers;

  @BeforeAll
  void start() {
    // Behind a trusted proxy, so that a test is whatever address it says.
    deployment =
        Deployment.start(
            Deployment.Settings.quick("limits")
                .user("SALLYPORT_TRUSTED_HOPS", "1")
                .user("SALLYPORT_LIMIT_PATIENCE", "PT1S")
                .user("SALLYPORT_LIMIT_ADDRESS_PER_MINUTE", Integer.toString(PER_MINUTE)));
    workers =
        List.of(
            deployment.userWorker(),
            deployment.anotherUserWorker("second", deployment.dataWorker().url(), Map.of()));
  }

  @AfterAll
  void stop() {
    deployment.close();
  }

  private String address() {
    return "198.51.100." + addresses.incrementAndGet();
  }

  private static Answer ask(Worker worker, String address, String target, String... more) {
    var headers = new String[more.length + 2];
    headers[0] = "X-Forwarded-For";
    headers[1] = address;
    System.arraycopy(more, 0, headers, 2, more.length);
    return worker.http().get(target, headers);
  }

  private void awaitRedis(double up) {
    for (var worker : workers) {
      await()
          .atMost(WITHIN)
          .until(() -> {
            ask(worker, address(), "/health");
            return Metrics.of(worker).value(UP) == up;
          });
    }
  }

  /** How many of these, asked of both by turns and many at a time, got through. */
  private long admitted(String address, int requests) throws Exception {
    try (var threads = Executors.newFixedThreadPool(8)) {
      var asked =
          threads.invokeAll(
              IntStream.range(0, requests)
                  .<Callable<Integer>>mapToObj(
                      i -> () -> ask(workers.get(i % 2), address, "/health").status())
                  .toList());
      assertThat(asked).extracting(Future::get).isSubsetOf(200, 429);
      return asked.stream().filter(one -> one.resultNow() == 200).count();
    }
  }

  private static long refilledSince(long began) {
    return Math.ceilDiv((System.nanoTime() - began) * PER_MINUTE, 60_000_000_000L);
  }

  @Test
  void anAddressHasOneBudgetAtBoth() throws Exception {
    awaitRedis(1);
    var ada = deployment.accounts().newSession();
    var address = address();
    long began = System.nanoTime();
    long admitted = admitted(address, 3 * PER_MINUTE);
    assertThat(admitted).isBetween((long) PER_MINUTE, PER_MINUTE + refilledSince(began));

    // A credential that neither has verified: what the other knows counts here.
    for (var worker : workers) {
      admitted(address, 4);
      var answer = ping(worker, address, ada);
      assertProblem(answer, 429, "too-many-requests");
      assertThat(answer.json().required("retryAfter").asInt()).isBetween(1, 5);
    }
    var first = workers.getFirst();
    assertThat(ping(first, address(), ada).status()).isEqualTo(200);
    assertThat(ping(first, address, ada).status()).isEqualTo(200);
  }

  private static Answer ping(Worker worker, String address, Accounts.Session session) {
    return ask(worker, address, "/api/internal/ping", "Authorization", session.bearer());
  }

  @Test
  void withoutRedisEachHasABudgetOfItsOwn() throws Exception {
    awaitRedis(1);
    deployment.stack().redis().stop();
    try {
      awaitRedis(0);
      long began = System.nanoTime();
      long admitted = admitted(address(), 4 * PER_MINUTE);
      assertThat(admitted).isBetween(2L * PER_MINUTE, 2 * (PER_MINUTE + refilledSince(began)));
    } finally {
      deployment.stack().redis().start();
    }
    awaitRedis(1);
  }
}
