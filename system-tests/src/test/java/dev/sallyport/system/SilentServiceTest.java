package dev.sallyport.system;

import static dev.sallyport.system.Problems.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** The data-worker answers nothing for a while, and answers again. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SilentServiceTest {
  private static final int CALLS_MAX = 40;
  private static final int CALLERS = 200;

  /** The breaker's probe finds it within a second; a busy machine takes its time, too. */
  private static final Duration FOUND_WITHIN = Duration.ofSeconds(2);

  /** What an endpoint of the edge's own may take in the middle of an outage, at the median. */
  private static final Duration OWN_WITHIN = Duration.ofMillis(50);

  private Deployment deployment;
  private String bearer;

  @BeforeAll
  void start() {
    deployment =
        Deployment.start(
            Deployment.Settings.quick("silent-service")
                .user("SALLYPORT_BINDINGS_BACKEND_SERVICE_TIMEOUT", "PT2S")
                .user("SALLYPORT_BINDINGS_BACKEND_SERVICE_CONNECTIONS_MAX", "8")
                .user("SALLYPORT_BINDINGS_BACKEND_SERVICE_CALLS_MAX", Integer.toString(CALLS_MAX)));
    bearer = deployment.accounts().newSession().bearer();
  }

  @AfterAll
  void stop() {
    deployment.close();
  }

  @BeforeEach
  void allIsWell() {
    await().atMost(Duration.ofSeconds(20)).until(() -> ping().status() == 200);
  }

  private Answer ping() {
    return deployment.userWorker().http().get("/api/internal/ping", "Authorization", bearer);
  }

  private double waiting() {
    return Metrics.of(deployment.userWorker()).value("sallyport_binding_calls_waiting");
  }

  private double open() {
    return Metrics.of(deployment.userWorker()).value("sallyport_binding_breakers_open");
  }

  private static Duration timed(Supplier<Answer> call) {
    long began = System.nanoTime();
    assertThat(call.get().status()).isEqualTo(200);
    return Duration.ofNanos(System.nanoTime() - began);
  }

  private Duration own() {
    var took = new ArrayList<Duration>();
    for (int i = 0; i < 25; i++) {
      took.add(timed(() -> deployment.userWorker().http().get("/health")));
      took.add(
          timed(() -> deployment.userWorker().http().get("/auth/me", "Authorization", bearer)));
    }
    return took.stream().sorted().toList().get(took.size() / 2);
  }

  @Test
  void theEdgeServesItsOwnAndHoldsABoundedNumberOfCallsAndFindsItWithinTwoSeconds()
      throws Exception {
    own(); // warm
    deployment.dataWorker().pause();
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Answer>> calls = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        calls.add(callers.submit(this::ping));
      }
      await().atMost(Duration.ofSeconds(2)).until(() -> waiting() >= CALLS_MAX);
      assertThat(waiting()).isEqualTo(CALLS_MAX);
      assertThat(own()).isLessThan(OWN_WITHIN);
      int late = 0;
      for (var call : calls) {
        var answer = call.get();
        if (answer.status() == 504) {
          assertProblem(answer, 504, "binding-timeout");
          late++;
        } else {
          var refused = assertProblem(answer, 503, "overloaded");
          assertThat(refused.required("retryAfter").asInt()).isEqualTo(1);
        }
      }
      assertThat(late).isEqualTo(CALLS_MAX);
      assertThat(open()).isEqualTo(1);
      assertThat(waiting()).isZero();
      long began = System.nanoTime();
      assertProblem(ping(), 503, "binding-down");
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(500));
    } finally {
      deployment.dataWorker().resume();
    }
    await()
        .pollInterval(Duration.ofMillis(20))
        .atMost(FOUND_WITHIN)
        .until(() -> ping().status() == 200);
  }

  @Test
  void oneThatWasStartedAnewIsFoundWithinTwoSeconds() {
    deployment.dataWorker().kill();
    await()
        .atMost(Duration.ofSeconds(10))
        .until(() -> {
          assertProblem(ping(), 503, "binding-down");
          return open() == 1;
        });
    deployment.dataWorker().start();
    await()
        .pollInterval(Duration.ofMillis(20))
        .atMost(FOUND_WITHIN)
        .until(() -> ping().status() == 200);
  }
}
