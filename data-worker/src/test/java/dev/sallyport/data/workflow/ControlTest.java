package dev.sallyport.data.workflow;

import static dev.sallyport.data.workflow.WorkflowClient.assertInvalid;
import static dev.sallyport.data.workflow.WorkflowClient.assertProblem;
import static dev.sallyport.data.workflow.WorkflowClient.names;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.data.Json;
import dev.sallyport.data.Probe;
import dev.sallyport.data.UserWorker;
import dev.sallyport.data.platform.Transactions;
import dev.sallyport.local.StackResource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What can be done to runs from outside. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class ControlTest {
  @TestHTTPResource("/")
  URI base;

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject Trial trial;
  @Inject Transactions transactions;

  private WorkflowClient bob;

  @BeforeEach
  void call() {
    Probe.until(ready, 200);
    bob = new WorkflowClient(UserWorker.calling(base)).as("bob");
  }

  private String trial(String... acts) {
    return bob.start("trial", "{\"acts\":[\"" + String.join("\",\"", acts) + "\"]}");
  }

  private static String id(String path) {
    return path.substring(path.indexOf('/') + 1);
  }

  private void send(String path, String event, String payload) {
    var answer = bob.post(path + "/events/" + event, payload);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
  }

  @Test
  void aPausedRunDoesNotGoOnUntilItIsResumed() {
    var path = trial("step:a", "wait:go", "step:b");
    bob.until(path, "waiting");
    assertThat(bob.act(path, "pause"))
        .containsEntry("status", "paused")
        .doesNotContainKey("waitingFor");
    send(path, "go", "1");
    assertThat(bob.run(path)).containsEntry("status", "paused");
    assertProblem(bob.post(path + "/pause", null), 409, "conflict");
    bob.act(path, "resume");
    var done = bob.until(path, "complete");
    assertThat(names(done)).containsExactly("a done", "go done", "b done");
    assertThat(trial.did(id(path))).containsExactly("a@1", "b@1");
    for (var action : List.of("pause", "resume", "terminate", "retry")) {
      assertProblem(bob.post(path + "/" + action, null), 409, "conflict");
    }
    assertProblem(bob.post(path + "/events/go", "1"), 409, "conflict");
  }

  @Test
  void terminatingARunTerminatesItsChildren() {
    var path = trial("of:wait:go");
    var childPath = child(path);
    bob.until(childPath, "waiting");
    assertThat(bob.act(path, "terminate"))
        .containsEntry("status", "terminated")
        .doesNotContainKeys("output", "error");
    assertThat(bob.run(childPath)).containsEntry("status", "terminated");
  }

  @Test
  void aParentLearnsThatItsChildWasTerminated() {
    var path = trial("of:wait:go");
    var childPath = child(path);
    bob.until(childPath, "waiting");
    bob.act(childPath, "terminate");
    var parent = bob.until(path, "errored");
    assertThat(String.valueOf(parent.get("error"))).contains("child-failed", "terminated");
  }

  /** The path of the only child, once there is one. */
  private String child(String path) {
    var rows =
        await()
            .atMost(WorkflowClient.SOON)
            .until(
                () ->
                    transactions.execute(
                        """
                        SELECT c.id FROM workflow.run c JOIN workflow.run p ON p.pk = c.parent
                        WHERE p.id = $1\
                        """,
                        id(path)),
                found -> found.size() == 1);
    return "trial/" + rows.iterator().next().getString(0);
  }

  @Test
  void aRestartBeginsAnewAndForgetsWhatWas() {
    var path = trial("step:a", "wait:go", "wait:end");
    bob.until(path, "waiting");
    send(path, "end", "1");
    bob.act(path, "restart");
    var again = bob.until(path, "waiting");
    assertThat(names(again)).containsExactly("a done", "go waiting");
    assertThat(trial.did(id(path))).containsExactly("a@1", "a@1");
    send(path, "go", "1");
    await().atMost(WorkflowClient.SOON).until(() -> names(bob.run(path)).contains("end waiting"));
    send(path, "end", "2");
    assertThat(bob.until(path, "complete")).containsEntry("output", List.of("a", "1", "2"));
    assertThat(bob.act(path, "restart")).doesNotContainKeys("output", "error");
    assertThat(names(bob.until(path, "waiting"))).containsExactly("a done", "go waiting");
  }

  @Test
  void aRetryGoesOnFromTheStepThatFailed() {
    var path = trial("step:a", "fail:c");
    assertThat(String.valueOf(bob.until(path, "errored").get("error"))).contains("step-failed");
    assertThat(trial.did(id(path))).containsExactly("a@1", "c@1", "c@2");
    bob.act(path, "retry");
    bob.until(path, "errored");
    assertThat(trial.did(id(path))).containsExactly("a@1", "c@1", "c@2", "c@1", "c@2");
  }

  @Test
  void aRunWhoseRollbackHasBegunCannotBeRetried() {
    var path = trial("undoable:a", "fail:c");
    bob.until(path, "errored");
    assertProblem(bob.post(path + "/retry", null), 409, "conflict");
    bob.act(path, "restart");
  }

  @Test
  void aForkHasWhatCameBeforeTheStep() {
    var path = trial("step:a", "step:b", "step:a", "step:c");
    bob.until(path, "complete");
    var answer = bob.post(path + "/fork", "{\"fromStep\":\"a#2\"}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    var fork = Json.object(answer.body());
    var forkPath = "trial/" + fork.get("id");
    assertThat(forkPath).isNotEqualTo(path);
    assertThat(bob.until(forkPath, "complete"))
        .containsEntry("output", List.of("a", "b", "a", "c"));
    assertThat(names(bob.run(forkPath))).containsExactly("a done", "b done", "a#2 done", "c done");
    assertThat(trial.did(id(forkPath))).containsExactly("a@1", "c@1");
    assertInvalid(bob.post(path + "/fork", "{\"fromStep\":\"none\"}"), "fromStep");
    assertInvalid(bob.post(path + "/fork", "{}"), "fromStep");
    assertInvalid(bob.post(path + "/fork", "{\"from\":\"a\"}"), "from");
  }

  @Test
  void aForkFromWithinABranchHasWhatWasThereBefore() {
    var path = trial("step:a", "all", "step:b");
    bob.until(path, "complete");
    var answer = bob.post(path + "/fork", "{\"fromStep\":\"right\"}");
    var fork = Json.object(answer.body());
    assertThat(bob.until("trial/" + fork.get("id"), "complete"))
        .containsEntry("output", List.of("a", "[l, r]", "b"));
    assertThat(trial.did(String.valueOf(fork.get("id")))).containsExactly("b@1");
  }

  @Test
  void anEventIsRefusedByWhatItIs() {
    var path = trial("wait:go");
    assertProblem(bob.post(path + "/events/go", ""), 400, "bad-json");
    assertProblem(bob.post(path + "/events/go", "{"), 400, "bad-json");
    assertInvalid(bob.post(path + "/events/a%20b", "1"), "event");
    assertInvalid(bob.post(path + "/events/go", "\"\\u0000\""), "body");
    assertProblem(
        bob.post(path + "/events/go", "\"" + "x".repeat(1024 * 1024) + "\""), 413, "too-large");
    send(path, "go", "null");
    bob.until(path, "complete");
  }

  @Test
  void aRunTakesNoMoreEventsThanItMayKeep() {
    var path = trial("wait:go");
    bob.until(path, "waiting");
    bob.act(path, "pause");
    transactions.execute(
        """
        INSERT INTO workflow.arrival (run, number, name, payload)
        SELECT pk, n, 'other', '1' FROM workflow.run, generate_series(1001, 2000) AS n
        WHERE id = $1\
        """,
        id(path));
    var answer = bob.post(path + "/events/go", "1");
    assertProblem(answer, 503, "overloaded");
    assertThat(answer.headers().firstValue("Retry-After")).isPresent();
  }

  @Test
  void aBatchStartsAllOrNone() {
    var taken = "t-" + UUID.randomUUID();
    var fresh = "f-" + UUID.randomUUID();
    var ok =
        "{\"runs\":[{\"id\":\""
            + taken
            + "\",\"params\":{\"acts\":[]}},{\"params\":{\"acts\":[]}}]}";
    var answer = bob.post("trial/batch", ok);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    var runs = (List<?>) Json.object(answer.body()).get("runs");
    assertThat(runs).hasSize(2);
    bob.until("trial/" + taken, "complete");
    var bad =
        "{\"runs\":[{\"id\":\""
            + fresh
            + "\",\"params\":{\"acts\":[]}},{\"id\":\""
            + taken
            + "\",\"params\":{\"acts\":[]}}]}";
    var refused = bob.post("trial/batch", bad);
    assertProblem(refused, 409, "id-taken");
    assertThat(refused.body()).contains("runs[1].id").doesNotContain("runs[0]");
    assertProblem(bob.get("trial/" + fresh), 404, "not-found");
    assertInvalid(bob.post("trial/batch", "{\"runs\":[]}"), "runs");
    assertInvalid(bob.post("trial/batch", "{}"), "runs");
    assertInvalid(
        bob.post("trial/batch", "{\"runs\":[{\"params\":{\"acts\":1}}]}"), "runs[0].params.acts");
    assertInvalid(
        bob.post(
            "trial/batch",
            ok.replace(
                "{\"params\":{\"acts\":[]}}",
                "{\"id\":\"" + taken + "\",\"params\":{\"acts\":[]}}")),
        "runs[1].id");
    assertProblem(
        bob.post(
            "trial/batch",
            "{\"runs\":["
                + "{\"params\":{\"acts\":[]}},".repeat(100)
                + "{\"params\":{\"acts\":[]}}]}"),
        413,
        "too-large");
  }

  @Test
  void manyRunsAreControlledInOneCall() {
    var eve = new WorkflowClient(UserWorker.calling(base)).as("eve-" + UUID.randomUUID());
    for (int i = 0; i < 3; i++) {
      eve.start("trial", "{\"acts\":[\"wait:go\"]}");
    }
    var done = eve.start("trial", "{\"acts\":[]}");
    eve.until(done, "complete");
    var filter = "\"type\":\"trial\",\"createdAfter\":\"2020-01-01T00:00:00Z\"";
    assertThat(bulk(eve, "{\"action\":\"pause\",\"dryRun\":true," + filter + "}"))
        .isEqualTo(Map.of("matched", 3, "done", 0, "failed", List.of(), "more", false));
    assertThat(bulk(eve, "{\"action\":\"pause\"," + filter + "}"))
        .isEqualTo(Map.of("matched", 3, "done", 3, "failed", List.of(), "more", false));
    assertThat(bulk(eve, "{\"action\":\"terminate\",\"status\":\"paused\"}"))
        .containsEntry("done", 3);
    var byId =
        bulk(
            eve,
            "{\"action\":\"resume\",\"type\":\"trial\",\"ids\":[\"" + id(done) + "\",\"nope\"]}");
    assertThat(byId).containsEntry("matched", 1).containsEntry("done", 0);
    assertThat((List<?>) byId.get("failed")).hasSize(2);
    assertInvalid(eve.post("bulk", "{\"action\":\"terminate\"}"), "type");
    assertInvalid(eve.post("bulk", "{\"action\":\"explode\",\"type\":\"trial\"}"), "action");
    assertInvalid(eve.post("bulk", "{\"action\":\"pause\",\"ids\":[\"a\"]}"), "ids");
    assertInvalid(eve.post("bulk", "{\"action\":\"pause\",\"status\":\"dead\"}"), "status");
    assertThat(bulk(eve, "{\"action\":\"pause\",\"createdBefore\":\"2020-01-01T00:00:00Z\"}"))
        .containsEntry("matched", 0);
  }

  private static Map<String, Object> bulk(WorkflowClient client, String json) {
    var answer = client.post("bulk", json);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.object(answer.body());
  }
}
