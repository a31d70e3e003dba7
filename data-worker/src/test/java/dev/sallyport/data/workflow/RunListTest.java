package dev.sallyport.data.workflow;

import static dev.sallyport.data.workflow.WorkflowClient.assertInvalid;
import static dev.sallyport.data.workflow.WorkflowClient.assertProblem;
import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pages of runs, and what they cost. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class RunListTest {
  private static final String RUNS = "/api/internal/workflows";

  @TestHTTPResource("/")
  URI base;

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject Transactions transactions;

  private UserWorker admin;

  @BeforeEach
  void call() {
    Probe.until(ready, 200);
    admin = UserWorker.calling(base);
  }

  private Map<String, Object> page(UserWorker worker, String query) {
    var answer = worker.get(RUNS + query);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.object(answer.body());
  }

  @SuppressWarnings("unchecked") // as the API has it
  private static List<Map<String, Object>> items(Map<String, Object> page) {
    return Objects.requireNonNull((List<Map<String, Object>>) page.get("items"));
  }

  @Test
  void aPageHasTheNewestRunsAndLeadsToTheNext() {
    var user = admin.forUser("lister-" + UUID.randomUUID(), "user");
    var client = new WorkflowClient(user);
    var ids = new ArrayList<Object>();
    for (int i = 0; i < 5; i++) {
      var type = i % 2 == 0 ? "sample-approval" : "sample-steps";
      var params = i % 2 == 0 ? "{}" : "{\"steps\":1}";
      var path = client.start(type, params);
      client.until(path, "waiting", "complete");
      ids.addFirst(path.substring(path.indexOf('/') + 1));
    }
    var seen = new ArrayList<Object>();
    var query = "?limit=2";
    while (true) {
      var page = page(user, query);
      items(page).forEach(run -> seen.add(run.get("id")));
      if (page.get("next") == null) {
        break;
      }
      query = "?limit=2&cursor=" + page.get("next");
    }
    assertThat(seen).isEqualTo(ids);
    assertThat(items(page(user, "")).getFirst())
        .containsOnlyKeys("id", "type", "version", "status", "createdAt", "updatedAt");
    assertThat(items(page(user, "?status=complete"))).hasSize(2);
    assertThat(items(page(user, "?type=sample-approval"))).hasSize(3);
    assertThat(items(page(user, "?type=sample-approval&status=complete"))).isEmpty();
    assertThat(items(page(admin, "?limit=100"))).extracting(run -> run.get("id")).containsAll(ids);
    assertThat(items(page(admin.forUser("nobody-else", "user"), ""))).isEmpty();
  }

  @Test
  void whatIsAskedForWronglyIsRefused() {
    for (var bad : List.of("0", "101", "-1", "x")) {
      assertInvalid(admin.get(RUNS + "?limit=" + bad), "limit");
    }
    assertInvalid(admin.get(RUNS + "?status=dead"), "status");
    assertInvalid(admin.get(RUNS + "?cursor=abc"), "cursor");
    assertInvalid(admin.get(RUNS + "?cursor=%2B"), "cursor");
    assertProblem(admin.forUser("bob", "user").get(RUNS + "?type=unheard-of"), 404, "not-found");
    assertProblem(admin.forNobody().get(RUNS), 401, "unauthenticated");
  }

  @Test
  void aPageCostsTheSameHoweverManyRunsThereAre() {
    for (int i = 0; i < 20; i++) { // each well within the time that a statement has
      transactions.execute(
          """
          INSERT INTO workflow.run (type, id, version, principal, status, params)
          SELECT 'closed', 'many-' || n, 1, 'user-' || n % 100,
            (ARRAY['complete', 'errored', 'terminated'])[1 + n % 3], '{}'
          FROM generate_series($1::int * 5000 + 1, $1::int * 5000 + 5000) AS n\
          """,
          i);
    }
    transactions.execute("ANALYZE workflow.run");
    var statuses = "ARRAY['complete', 'errored', 'terminated', 'paused']";
    for (var sql : List.of(RunListSql.OF_OWNER, RunListSql.OF_ALL)) {
      var plan =
          explain(
              sql.replace("$1", "ARRAY['closed', 'sample-steps']")
                  .replace("$2", statuses)
                  .replace("$3", "9223372036854775807")
                  .replace("$4", "51")
                  .replace("$5", "'user-7'"));
      assertThat(plan).doesNotContain("Seq Scan on run", "Bitmap");
      assertThat(plan)
          .containsPattern("Index (Only )?Scan Backward using run_of_(principal|status) on run");
      var read = plan.lines().filter(line -> line.contains("Buffers: shared")).findFirst();
      assertThat(read).isPresent();
      assertThat(buffers(read.get())).as(plan).isLessThan(1000);
    }
  }

  /** Pages of the database that the whole statement looked at. */
  private static int buffers(String line) {
    int sum = 0;
    for (var part : line.replace("Buffers: shared ", "").trim().split(" ", -1)) {
      if (part.startsWith("hit=") || part.startsWith("read=")) {
        sum += Integer.parseInt(part.substring(part.indexOf('=') + 1));
      }
    }
    return sum;
  }

  private String explain(String sql) {
    var plan = new StringBuilder();
    transactions
        .execute("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) " + sql)
        .forEach(row -> plan.append(row.getString(0)).append('\n'));
    return plan.toString();
  }
}
