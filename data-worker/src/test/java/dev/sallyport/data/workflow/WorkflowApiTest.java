package dev.sallyport.data.workflow;

import static dev.sallyport.data.workflow.WorkflowClient.assertInvalid;
import static dev.sallyport.data.workflow.WorkflowClient.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.Json;
import dev.sallyport.data.Probe;
import dev.sallyport.data.UserWorker;
import dev.sallyport.local.StackResource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Starting runs and looking at them. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class WorkflowApiTest {
  @TestHTTPResource("/")
  URI base;

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject Workflows workflows;

  private WorkflowClient admin;
  private WorkflowClient bob;

  @BeforeEach
  void call() {
    Probe.until(ready, 200);
    admin = new WorkflowClient(UserWorker.calling(base));
    bob = admin.as("bob");
  }

  @Test
  void aRunIsCreatedAndFoundAtItsLocation() {
    var answer = bob.post("sample-steps", "{\"params\":{\"steps\":2}}");
    assertThat(answer.statusCode()).isEqualTo(201);
    var run = Json.object(answer.body());
    assertThat(run)
        .containsEntry("type", "sample-steps")
        .containsEntry("version", 1)
        .containsEntry("params", Map.of("steps", 2))
        .containsEntry("steps", List.of())
        .doesNotContainKeys("output", "error", "waitingFor");
    assertThat(Instant.parse((String) run.get("createdAt"))).isNotNull();
    assertThat(UUID.fromString((String) run.get("id")).version()).isEqualTo(7);
    var location = answer.headers().firstValue("Location").orElseThrow();
    assertThat(location).isEqualTo("/api/internal/workflows/sample-steps/" + run.get("id"));
    var done = bob.until("sample-steps/" + run.get("id"), "complete");
    assertThat(done).containsEntry("output", Map.of("steps", 2));
    assertThat(WorkflowClient.names(done)).containsExactly("step-1 done", "step-2 done");
    assertThat(WorkflowClient.steps(done).getFirst())
        .containsOnlyKeys("name", "kind", "status", "attempts", "startedAt", "endedAt", "output")
        .containsEntry("attempts", 1)
        .containsEntry("kind", "step");
  }

  @Test
  void whoWaitsGetsTheFinishedRunWithItsSteps() {
    var answer = bob.post("sample-steps?wait=PT8S", "{\"params\":{\"steps\":3}}");
    assertThat(answer.statusCode()).isEqualTo(201);
    var run = Json.object(answer.body());
    assertThat(run).containsEntry("status", "complete").containsEntry("output", Map.of("steps", 3));
    assertThat(WorkflowClient.names(run))
        .containsExactly("step-1 done", "step-2 done", "step-3 done");
    var later = bob.run("sample-steps/" + run.get("id"));
    later.remove("updatedAt");
    run.remove("updatedAt");
    assertThat(run).isEqualTo(later);
  }

  @Test
  void whoWaitsTooShortGetsTheRunAsItIs() {
    var answer = bob.post("sample-approval?wait=PT0.2S", "{}");
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(Json.object(answer.body())).containsEntry("status", "waiting");
    var path = "sample-approval/" + Json.object(answer.body()).get("id");
    assertThat(bob.get(path + "?wait=PT0S").statusCode()).isEqualTo(200);
    for (var bad : List.of("1", "-PT1S", "soon")) {
      assertInvalid(bob.get(path + "?wait=" + bad), "wait");
    }
    assertThat(bob.post(path + "/events/approval", "{\"by\":\"eve\"}").statusCode()).isEqualTo(202);
    var done = Json.object(bob.get(path + "?wait=PT8S").body());
    assertThat(done)
        .containsEntry("status", "complete")
        .containsEntry("output", Map.of("approved", Map.of("by", "eve")));
  }

  @Test
  void aWaitingRunSaysForWhat() {
    var path = bob.start("sample-approval", "{}");
    var run = bob.until(path, "waiting");
    assertThat(run.get("waitingFor"))
        .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
        .containsEntry("kind", "event")
        .containsEntry("event", "approval")
        .containsKey("until");
  }

  @Test
  void anIdInUseIsTakenWhoeverHasIt() {
    var body = "{\"id\":\"order-" + UUID.randomUUID() + "\",\"params\":{\"steps\":1}}";
    assertThat(bob.post("sample-steps", body).statusCode()).isEqualTo(201);
    assertProblem(bob.post("sample-steps", body), 409, "id-taken");
    assertProblem(admin.as("eve").post("sample-steps", body), 409, "id-taken");
  }

  @Test
  void theSameKeyWithTheSameContentGivesTheSameRun() {
    var key = UUID.randomUUID().toString();
    var worker = new WorkflowClient(bob.worker().withIdempotencyKey(key));
    var body = "{\"params\":{\"steps\":1}}";
    var first = worker.post("sample-steps", body);
    var again = worker.post("sample-steps?wait=PT8S", body);
    assertThat(first.statusCode()).isEqualTo(201);
    assertThat(again.statusCode()).as(again.body()).isEqualTo(200);
    assertThat(Json.object(again.body()))
        .containsEntry("id", Json.object(first.body()).get("id"))
        .containsEntry("status", "complete");
    assertInvalid(worker.post("sample-steps", "{\"params\":{\"steps\":2}}"), "Idempotency-Key");
    var eve = new WorkflowClient(admin.as("eve").worker().withIdempotencyKey(key));
    assertThat(eve.post("sample-steps", body).statusCode()).isEqualTo(201);
  }

  @Test
  void whatIsNotThereIsNotFound() {
    assertProblem(bob.post("unheard-of", "{}"), 404, "not-found");
    assertProblem(bob.get("sample-steps/none"), 404, "not-found");
    assertProblem(bob.get("unheard-of/none"), 404, "not-found");
    assertProblem(admin.get("unheard-of/none"), 404, "not-found");
    assertProblem(bob.get("sample-steps/%00"), 404, "not-found");
    assertProblem(bob.post("sample-steps/none/pause", null), 404, "not-found");
    assertProblem(bob.post("sample-steps/none/events/go", "1"), 404, "not-found");
    assertProblem(bob.post("sample-steps/none/fork", "{\"fromStep\":\"a\"}"), 404, "not-found");
  }

  @Test
  void aClosedTypeLooksAsIfItWereNotThere() {
    assertProblem(bob.post("closed", "{}"), 404, "not-found");
    assertProblem(admin.post("closed", "{}"), 404, "not-found");
    var id = workflows.start(Closed.class, "bob", new Closed.Nothing());
    assertProblem(bob.get("closed/" + id), 404, "not-found");
    assertThat(admin.get("closed/" + id).statusCode()).isEqualTo(200);
  }

  @Test
  void anothersRunIsNotFoundButForAnAdmin() {
    var path = bob.start("sample-approval", "{}");
    var eve = admin.as("eve");
    assertProblem(eve.get(path), 404, "not-found");
    assertProblem(eve.post(path + "/terminate", null), 404, "not-found");
    assertProblem(eve.post(path + "/events/approval", "1"), 404, "not-found");
    assertThat(admin.get(path).statusCode()).isEqualTo(200);
    assertProblem(new WorkflowClient(bob.worker().forNobody()).get(path), 401, "unauthenticated");
  }

  @Test
  void whatDoesNotFitIsRefusedByItsName() {
    assertInvalid(bob.post("sample-steps", "{\"params\":{\"steps\":\"x\"}}"), "params.steps");
    assertInvalid(bob.post("sample-steps", "{\"params\":{}}"), "params.steps");
    assertInvalid(bob.post("sample-steps", "{}"), "params.steps");
    assertInvalid(bob.post("sample-steps", "{\"params\":null}"), "params");
    assertInvalid(bob.post("sample-steps", "{\"params\":{\"steps\":0}}"), "params");
    assertInvalid(bob.post("sample-steps", "{\"params\":{\"steps\":1,\"to\":1}}"), "params.to");
    assertInvalid(bob.post("sample-steps", "{\"param\":{\"steps\":1}}"), "param");
    assertInvalid(bob.post("sample-steps", "[]"), "body");
    assertInvalid(bob.post("sample-steps", "{\"id\":7,\"params\":{\"steps\":1}}"), "id");
    assertInvalid(bob.post("sample-steps", "{\"id\":\"a/b\",\"params\":{\"steps\":1}}"), "id");
    assertInvalid(bob.post("sample-steps", "{\"id\":\"\",\"params\":{\"steps\":1}}"), "id");
    assertInvalid(
        bob.post("sample-count", "{\"params\":{\"key\":\"a\\u0000b\",\"times\":1}}"), "params");
    assertInvalid(
        new WorkflowClient(bob.worker().withIdempotencyKey("a b"))
            .post("sample-steps", "{\"params\":{\"steps\":1}}"),
        "Idempotency-Key");
  }

  @Test
  void whatIsNotJsonIsBadJson() {
    for (var bad : List.of("", "{", "{} {}", "{\"params\":1,\"params\":2}", "nul")) {
      assertProblem(bob.post("sample-steps", bad), 400, "bad-json");
    }
    assertProblem(
        bob.post("sample-steps", "{\"params\":\"" + "x".repeat(1024 * 1024) + "\"}"),
        413,
        "too-large");
  }

  @Test
  void parametersAreKeptAsTheyWereWritten() {
    var params = "{ \"steps\" : 1,\n \"sleepMs\":0 }";
    var answer = bob.post("sample-steps", "{\"params\": " + params + " , \"id\":null}");
    assertThat(answer.body()).contains("\"params\":" + params + ",");
    assertThat(bob.get("sample-steps/" + Json.object(answer.body()).get("id")).body())
        .contains("\"params\":" + params + ",");
  }

  @Test
  void theShortFormStartsARunToo() {
    var answer =
        bob.worker()
            .postJson(
                "/api/internal/trigger-workflow",
                "{\"workflow\":\"sample-steps\",\"params\":{\"steps\":1}}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    var body = Json.object(answer.body());
    assertThat(body).containsOnlyKeys("success", "id").containsEntry("success", true);
    bob.until("sample-steps/" + body.get("id"), "complete");
    assertInvalid(
        bob.worker().postJson("/api/internal/trigger-workflow", "{\"params\":{}}"), "workflow");
    assertProblem(
        bob.worker().postJson("/api/internal/trigger-workflow", "{\"workflow\":\"x\"}"),
        404,
        "not-found");
  }

  @Test
  void countersCountEachTransactionOnce() {
    var key = "k-" + UUID.randomUUID();
    var counter = "/api/internal/sample/counters/" + key;
    assertThat(Json.object(bob.worker().get(counter).body()))
        .isEqualTo(Map.of("key", key, "value", 0));
    var answer =
        bob.post("sample-count?wait=PT8S", "{\"params\":{\"key\":\"" + key + "\",\"times\":5}}");
    assertThat(Json.object(answer.body())).containsEntry("output", Map.of("key", key, "value", 5));
    assertThat(Json.object(bob.worker().get(counter).body())).containsEntry("value", 5);
    assertProblem(bob.worker().get("/api/internal/sample/counters/%00"), 422, "invalid");
  }

  @Test
  void attemptsThatFailAreCounted() {
    var answer =
        bob.post(
            "sample-steps?wait=PT8S",
            "{\"params\":{\"steps\":1,\"failAttempts\":2,\"sleepMs\":10}}");
    var run = Json.object(answer.body());
    assertThat(run).containsEntry("status", "complete");
    assertThat(WorkflowClient.steps(run).getFirst()).containsEntry("attempts", 3);
  }
}
