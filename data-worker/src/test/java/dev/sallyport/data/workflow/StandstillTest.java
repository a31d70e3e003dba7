package dev.sallyport.data.workflow;

import static dev.sallyport.data.workflow.WorkflowClient.assertInvalid;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.data.Probe;
import dev.sallyport.data.UserWorker;
import dev.sallyport.data.binding.Access;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.local.StackResource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Why a run that is ready does not move, and what declared events must be. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class StandstillTest {
  /** Nothing. */
  record None() {}

  /** What the event {@code typed} brings. */
  record Typed(int number) {}

  /** One at once, which goes on when it is let. */
  @ApplicationScoped
  static class Narrow implements Workflow<None, String> {
    private final CountDownLatch let = new CountDownLatch(1);

    @Override
    public WorkflowOptions options() {
      return WorkflowOptions.DEFAULT.access(Access.users()).concurrency(1);
    }

    @Override
    public String run(Run run, None none) {
      return run.step(
          "held",
          () -> {
            let.await();
            return "done";
          });
    }

    void letGo() {
      let.countDown();
    }
  }

  /** One in an hour, which waits for a typed event. */
  @ApplicationScoped
  static class Seldom implements Workflow<None, Integer> {
    @Override
    public WorkflowOptions options() {
      return WorkflowOptions.DEFAULT
          .access(Access.users())
          .startRate(1, Duration.ofHours(1))
          .events(Map.of("typed", Typed.class));
    }

    @Override
    public Integer run(Run run, None none) {
      return run.waitFor("typed", Typed.class).number();
    }
  }

  @TestHTTPResource("/")
  URI base;

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject Narrow narrow;
  @Inject Transactions transactions;

  private WorkflowClient bob;

  @BeforeEach
  void call() {
    Probe.until(ready, 200);
    bob = new WorkflowClient(UserWorker.calling(base)).as("bob");
  }

  private Object waitingFor(String path) {
    return await()
        .atMost(WorkflowClient.SOON)
        .until(() -> bob.run(path).get("waitingFor"), why -> why != null);
  }

  @Test
  void aRunBehindAConcurrencyLimitSaysSo() {
    var first = bob.start("narrow", "{}");
    bob.until(first, "running");
    var second = bob.start("narrow", "{}");
    try {
      assertThat(waitingFor(second))
          .isEqualTo(Map.of("kind", "limit", "limit", "concurrency", "of", 1));
    } finally {
      narrow.letGo();
    }
    assertThat(bob.until(second, "complete")).doesNotContainKey("waitingFor");
  }

  @Test
  void aRunBehindAStartRateSaysUntilWhenAndDeclaredEventsMustFit() {
    var first = bob.start("seldom", "{}");
    bob.until(first, "waiting");
    var second = bob.start("seldom", "{}");
    assertThat(waitingFor(second))
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
        .containsEntry("limit", "start-rate")
        .containsEntry("of", 1)
        .containsEntry("per", "PT1H")
        .containsKey("until");
    assertInvalid(bob.post(first + "/events/typed", "{\"number\":\"x\"}"), "body.number");
    assertInvalid(bob.post(first + "/events/typed", "{\"number\":1,\"count\":1}"), "body.count");
    assertThat(bob.post(first + "/events/typed", "{\"number\":7}").statusCode()).isEqualTo(202);
    bob.act(first, "terminate");
    bob.act(second, "terminate");
  }

  @Test
  void aRunWhoseVersionNobodyHasSaysSo() {
    var id = "old-" + UUID.randomUUID();
    transactions.execute(
        """
        INSERT INTO workflow.run (type, id, version, principal, status, due_at, params)
        VALUES ('seldom', $1, 99, 'bob', 'queued', now(), '{}')\
        """,
        id);
    assertThat(waitingFor("seldom/" + id)).isEqualTo(Map.of("kind", "version", "version", 99));
    bob.act("seldom/" + id, "terminate");
  }
}
