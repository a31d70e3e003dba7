package dev.sallyport.data.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.data.platform.Transactions;
import dev.sallyport.local.StackResource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.sqlclient.Row;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Whole runs against a real Postgres. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class EngineTest {
  private static final Duration SOON = Duration.ofSeconds(15);

  @Inject Workflows workflows;
  @Inject Trial trial;
  @Inject Transactions transactions;
  @Inject JournalSql journal;

  private String start(String... acts) {
    return await()
        .atMost(SOON)
        .ignoreExceptions()
        .until(
            () -> workflows.start(Trial.class, "ada", new Trial.Plan(List.of(acts))), id -> true);
  }

  private Row row(String id) {
    return transactions.execute("SELECT * FROM workflow.run WHERE id = $1", id).iterator().next();
  }

  private Row finished(String id) {
    return await()
        .atMost(SOON)
        .until(() -> row(id), row -> RunStatus.ofWire(row.getString("status")).isFinished());
  }

  private List<String> keys(String id) {
    var keys = new ArrayList<String>();
    transactions
        .execute(
            "SELECT key, status FROM workflow.entry WHERE run = $1 ORDER BY branch, ordinal",
            row(id).getLong("pk"))
        .forEach(row -> keys.add(row.getString(0) + " " + row.getString(1)));
    return keys;
  }

  private void assertCompletes(String id, String output) {
    var row = finished(id);
    assertThat(row.getString("error")).isNull();
    assertThat(row.getString("status")).isEqualTo("complete");
    assertThat(row.getString("output")).isEqualTo(output);
    assertThat(row.getLong("owner")).isNull();
  }

  @Test
  void stepsRunOnceAndInOrder() {
    var id = start("step:a", "step:b", "step:a");
    assertCompletes(id, "[\"a\",\"b\",\"a\"]");
    assertThat(trial.did(id)).containsExactly("a@1", "b@1", "a@1");
    assertThat(keys(id)).containsExactly("a done", "b done", "a#2 done");
  }

  @Test
  void aSleepingRunGoesOnAndRepeatsNoStep() {
    var id = start("step:a", "sleep:300", "step:b");
    assertCompletes(id, "[\"a\",\"slept\",\"b\"]");
    assertThat(trial.did(id)).containsExactly("a@1", "b@1");
    assertThat(keys(id)).containsExactly("a done", "pause done", "b done");
  }

  @Test
  void aStepThatFailsIsTriedAgain() {
    var id = start("flaky:a", "step:b");
    assertCompletes(id, "[\"a\",\"b\"]");
    assertThat(trial.did(id)).containsExactly("a@1", "a@2", "a@3", "b@1");
  }

  @Test
  void aStepThatGoesOnFailingEndsTheRunAndUndoesWhatWasDone() {
    var id = start("undoable:a", "undoable:b", "fail:c");
    var row = finished(id);
    assertThat(row.getString("status")).isEqualTo("errored");
    assertThat(row.getString("error"))
        .contains("\"code\":\"step-failed\"", "\"step\":\"c\"", "no c");
    assertThat(trial.did(id)).containsExactly("a", "b", "c@1", "c@2", "undo b", "undo a");
  }

  @Test
  void anEventIsTakenWhetherItComesEarlyOrLate() throws Exception {
    var id = start("wait:go", "wait:go");
    await().atMost(SOON).until(() -> row(id).getString("status").equals("waiting"));
    for (int i = 1; i <= 2; i++) {
      var payload = "{\"n\":" + i + "}";
      transactions.call(tx -> {
        journal.deliver(tx, row(id).getLong("pk"), "go", payload, false);
        return true;
      });
    }
    assertCompletes(id, "[\"{n=1}\",\"{n=2}\"]");
  }

  @Test
  void aChildIsARunOfItsOwn() {
    var id = start("child:x", "step:y");
    assertCompletes(id, "[\"[x]\",\"y\"]");
  }

  @Test
  void branchesRunSideBySide() {
    var id = start("all", "step:y");
    assertCompletes(id, "[\"[l, r]\",\"y\"]");
  }
}
