package dev.sallyport.data.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.Json;
import dev.sallyport.data.Probe;
import dev.sallyport.data.RawConnection;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Following a run by server-sent events. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class ProgressTest {
  @TestHTTPResource("/")
  URI base;

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject Transactions transactions;

  private WorkflowClient bob;

  @BeforeEach
  void call() {
    Probe.until(ready, 200);
    bob = new WorkflowClient(UserWorker.calling(base)).as("bob");
  }

  /** One event as it came. */
  private record Event(String name, @Nullable String id, Map<String, Object> data) {}

  private RawConnection follow(String path, @Nullable String lastEventId) {
    var target = WorkflowClient.PATH + path;
    var headers = new LinkedHashMap<>(bob.worker().headers("GET", target, null));
    headers.put("Accept", "text/event-stream");
    if (lastEventId != null) {
      headers.put("Last-Event-ID", lastEventId);
    }
    return RawConnection.to(bob.worker().port()).head("GET " + target, headers);
  }

  /** All events of a stream that ends. */
  private List<Event> events(String path, @Nullable String lastEventId) {
    try (var connection = follow(path, lastEventId)) {
      return events(connection.readUntil("\r\n0\r\n\r\n"));
    }
  }

  private static List<Event> events(String answer) {
    var events = new ArrayList<Event>();
    String name = "";
    String id = null;
    for (var line : answer.lines().toList()) {
      if (line.startsWith("event: ")) {
        name = line.substring(7);
        id = null;
      } else if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("data: ")) {
        events.add(new Event(name, id, Json.object(line.substring(6))));
      }
    }
    return events;
  }

  private static List<String> told(List<Event> events) {
    return events.stream()
        .map(event ->
            event.name()
                + (event.name().equals("reset")
                    ? ""
                    : " " + event.data().get(event.name().equals("run") ? "status" : "name")))
        .toList();
  }

  @Test
  void aFinishedRunIsReplayedAndTheStreamEnds() {
    var path = bob.start("sample-steps", "{\n\"steps\":3}");
    bob.until(path, "complete");
    var events = events(path, null);
    assertThat(told(events))
        .containsExactly("step step-1", "step step-2", "step step-3", "run complete");
    var numbers = events.stream().map(event -> Long.parseLong(String.valueOf(event.id()))).toList();
    assertThat(numbers).isSorted().doesNotHaveDuplicates();
    assertThat(events.getLast().data())
        .containsEntry("output", Map.of("steps", 3))
        .doesNotContainKey("steps");
    assertThat(events.getFirst().data()).containsEntry("status", "done").containsEntry("output", 1);
  }

  @Test
  void whoComesBackGetsWhatItMissed() {
    var path = bob.start("sample-steps", "{\"steps\":3}");
    bob.until(path, "complete");
    var all = events(path, null);
    assertThat(told(events(path, all.get(1).id()))).containsExactly("step step-3", "run complete");
    assertThat(told(events(path, all.getLast().id()))).containsExactly("run complete");
  }

  @Test
  void anIdThatIsOfNoUseIsToldSo() {
    var path = bob.start("sample-steps", "{\"steps\":1}");
    bob.until(path, "complete");
    var last = events(path, null).getLast().id();
    for (var id : List.of("garbage", "999999", "-5")) {
      assertThat(told(events(path, id))).containsExactly("reset", "step step-1", "run complete");
    }
    bob.act(path, "restart");
    bob.until(path, "complete");
    assertThat(told(events(path, last))).containsExactly("reset", "step step-1", "run complete");
  }

  @Test
  void aStreamFollowsARunAsItGoesOn() {
    var path = bob.start("sample-approval", "{}");
    bob.until(path, "waiting");
    try (var connection = follow(path, null)) {
      var first = connection.readUntil("\"waitingFor\"");
      assertThat(first).contains("text/event-stream", "no-store").contains("event: step");
      bob.post(path + "/events/approval", "\"yes\"");
      var rest = connection.readUntil("\r\n0\r\n\r\n");
      assertThat(rest).contains("\"status\":\"complete\"", "{\"approved\":\"yes\"}");
    }
  }

  @Test
  void aStreamIsForThoseWhoSeeTheRun() {
    var path = bob.start("sample-approval", "{}");
    var eve = bob.as("eve").worker();
    var target = WorkflowClient.PATH + path;
    var request = eve.request("GET", target, null, null).header("Accept", "text/event-stream");
    eve.headers("GET", target, null).forEach(request::header);
    WorkflowClient.assertProblem(eve.send(request), 404, "not-found");
    bob.act(path, "terminate");
    assertThat(told(events(path, null))).endsWith("run terminated");
  }

  @Test
  void aJournalOfManyPagesIsToldWhole() {
    var path = bob.start("sample-steps", "{\"steps\":1}");
    bob.until(path, "complete");
    transactions.execute(
        """
        INSERT INTO workflow.entry (run, generation, branch, ordinal, kind, key, status, attempts,
          result, started_at, ended_at, seq)
        SELECT pk, 1, '', n, 'step', 'more-' || n, 'done', 1,
          '"' || repeat('x', CASE WHEN n % 500 = 0 THEN 300000 ELSE 10 END) || '"',
          now(), now(), seq + n
        FROM workflow.run, generate_series(1, 2500) AS n WHERE id = $1\
        """,
        path.substring(path.indexOf('/') + 1));
    transactions.execute(
        "UPDATE workflow.run SET seq = seq + 3000 WHERE id = $1",
        path.substring(path.indexOf('/') + 1));
    var events = events(path, null);
    assertThat(events).hasSize(2502);
    assertThat(told(events)).contains("step more-1", "step more-2500").endsWith("run complete");
  }

  @Test
  void resultsThatAreTooMuchForOneAnswerAreLeftOut() {
    var path = bob.start("sample-steps", "{\"steps\":1}");
    bob.until(path, "complete");
    transactions.execute(
        """
        INSERT INTO workflow.entry (run, generation, branch, ordinal, kind, key, status, attempts,
          result, started_at, ended_at, seq)
        SELECT pk, 1, '', n, 'step', 'more-' || n, 'done', 1, '"' || repeat('x', 600000) || '"',
          now(), now(), seq + n
        FROM workflow.run, generate_series(1, 3) AS n WHERE id = $1\
        """,
        path.substring(path.indexOf('/') + 1));
    var steps = WorkflowClient.steps(bob.run(path));
    assertThat(steps.get(1)).containsKey("output").doesNotContainKey("outputOmitted");
    assertThat(steps.get(2)).doesNotContainKey("output").containsEntry("outputOmitted", true);
  }
}
