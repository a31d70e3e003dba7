package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** Three data-workers share one cache while one of them dies, or Redis does. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class CachesAcrossWorkersTest {
  private static final System.Logger LOG =
      System.getLogger(CachesAcrossWorkersTest.class.getName());
  private static final Duration WITHIN = Duration.ofSeconds(20);

  /** The lease is 3 s; the rest is for a busy machine. */
  private static final Duration GOES_ON_WITHIN = Duration.ofSeconds(8);

  private static final String UNAVAILABLE = "sallyport_cache_redis_unavailable_total";
  private static final String ANSWERS = "sallyport_cache_answers_total";

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final String key = UUID.randomUUID().toString();
  private Deployment deployment;
  private List<Worker> workers;
  private CachedCalls calls;

  @BeforeAll
  void start() {
    deployment = Deployment.start(Deployment.Settings.quick("caches"));
    workers =
        List.of(
            deployment.dataWorker(),
            deployment.anotherDataWorker("second"),
            deployment.anotherDataWorker("third"));
    calls = new CachedCalls(deployment);
  }

  @AfterAll
  void stop() {
    threads.close();
    deployment.close();
  }

  @BeforeEach
  void allShareWhatOneLoads() {
    for (var worker : workers) {
      if (!worker.isAlive()) {
        worker.start();
      }
    }
    await().atMost(WITHIN).until(() -> isShared("warm-" + UUID.randomUUID()));
  }

  private boolean isShared(String fresh) {
    CachedCalls.answers(calls.burst(threads, workers, fresh, 60, 0));
    return calls.loads(workers.getFirst(), fresh) == 1;
  }

  @Test
  void anotherGoesOnWhereTheWorkerThatLoadsIsKilled() {
    var loading = workers.get(2);
    var others = workers.subList(0, 2);
    var lost = calls.burst(threads, List.of(loading), key + "-kill", 1, 10_000);
    await().atMost(WITHIN).until(() -> calls.loads(others.getFirst(), key + "-kill") == 1);
    var waiting = calls.burst(threads, others, key + "-kill", 100, 10);
    loading.kill();
    long killed = System.nanoTime();
    for (var answer : CachedCalls.answers(waiting)) {
      assertLoad(answer, 2);
    }
    var took = Duration.ofNanos(System.nanoTime() - killed);
    LOG.log(Level.INFO, "another had loaded after {0} ms", took.toMillis());
    assertThat(took).isLessThan(GOES_ON_WITHIN);
    assertThat(calls.loads(others.getFirst(), key + "-kill")).isEqualTo(2);
    await().atMost(WITHIN).until(() -> lost.getFirst().isDone());
  }

  @Test
  void withoutRedisAnswersStillComeAndTheMetricSaysSo() {
    var known = key + "-known";
    CachedCalls.answers(calls.burst(threads, workers, known, 3, 0));
    double before = unavailable();
    var during = calls.burst(threads, workers, known, 300, 10);
    deployment.stack().redis().kill();
    try {
      for (var answer : CachedCalls.answers(during)) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
      }
      long began = System.nanoTime();
      for (var name : List.of(known, key + "-new")) {
        for (var answer : CachedCalls.answers(calls.burst(threads, workers, name, 300, 10))) {
          assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        }
      }
      LOG.log(
          Level.INFO,
          "600 answers without Redis in {0} ms",
          (System.nanoTime() - began) / 1_000_000);
      assertThat(calls.loads(workers.getFirst(), key + "-new"))
          .as("each worker loads once for its own memory")
          .isBetween(1L, 3L);
      assertThat(unavailable()).isGreaterThanOrEqualTo(before + 600);
    } finally {
      deployment.stack().redis().start();
    }
    for (var worker : workers) {
      double hot = Metrics.of(worker).value(ANSWERS, "source", "hot");
      await()
          .atMost(WITHIN)
          .until(() -> {
            calls.get(worker, known, 0);
            return Metrics.of(worker).value(ANSWERS, "source", "hot") > hot;
          });
    }
  }

  private static void assertLoad(Answer answer, long load) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    assertThat(answer.json().required("load").asLong()).isEqualTo(load);
  }

  private double unavailable() {
    return workers.stream()
        .mapToDouble(worker -> Metrics.of(worker).value(UNAVAILABLE, "cache", "sample"))
        .sum();
  }
}
