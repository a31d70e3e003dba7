package dev.sallyport.data.workflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.data.Json;
import dev.sallyport.data.UserWorker;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Calls the API of workflows for one user. */
record WorkflowClient(UserWorker worker) {
  static final String PATH = "/api/internal/workflows/";
  static final Duration SOON = Duration.ofSeconds(15);

  WorkflowClient as(String user) {
    return new WorkflowClient(worker.forUser(user, "user"));
  }

  HttpResponse<String> post(String path, @Nullable String json) {
    return json == null
        ? worker.send("POST", PATH + path, null, null)
        : worker.postJson(PATH + path, json);
  }

  HttpResponse<String> get(String path) {
    return worker.get(PATH + path);
  }

  /** Starts a run and gives its path below {@link #PATH}. */
  String start(String type, String params) {
    var answer = post(type, "{\"params\":" + params + "}");
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
    return type + "/" + Json.object(answer.body()).get("id");
  }

  Map<String, Object> run(String path) {
    var answer = get(path);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.object(answer.body());
  }

  /** The run once it has one of these statuses. */
  Map<String, Object> until(String path, String... statuses) {
    return await()
        .atMost(SOON)
        .until(() -> run(path), run -> List.of(statuses).contains(run.get("status")));
  }

  /** Does something to a run that must work; gives the run. */
  Map<String, Object> act(String path, String action) {
    var answer = post(path + "/" + action, null);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.object(answer.body());
  }

  @SuppressWarnings("unchecked") // as the API has it
  static List<Map<String, Object>> steps(Map<String, Object> run) {
    return Objects.requireNonNull((List<Map<String, Object>>) run.get("steps"));
  }

  static List<String> names(Map<String, Object> run) {
    return steps(run).stream().map(step -> step.get("name") + " " + step.get("status")).toList();
  }

  static void assertProblem(HttpResponse<String> answer, int status, String slug) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(Json.object(answer.body()))
        .containsEntry("type", "urn:sallyport:problem:" + slug)
        .containsEntry("status", status);
  }

  /** 422 about this field. */
  static void assertInvalid(HttpResponse<String> answer, String field) {
    assertProblem(answer, 422, "invalid");
    assertThat(answer.body()).contains("\"field\":\"" + field + "\"");
  }
}
