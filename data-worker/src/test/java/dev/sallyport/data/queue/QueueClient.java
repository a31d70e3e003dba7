package dev.sallyport.data.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.Json;
import dev.sallyport.data.UserWorker;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Operates one queue over HTTP. */
record QueueClient(UserWorker worker, String queue) {
  static final String PATH = "/api/internal/queues";

  HttpResponse<String> call(String path, @Nullable String json) {
    return json == null
        ? worker.send("POST", PATH + "/" + queue + path, null, null)
        : worker.postJson(PATH + "/" + queue + path, json);
  }

  HttpResponse<String> look(String path) {
    return worker.get(PATH + "/" + queue + path);
  }

  Map<String, Object> get(String path) {
    return ok(look(path));
  }

  Map<String, Object> post(String path, @Nullable String json) {
    return ok(call(path, json));
  }

  private static Map<String, Object> ok(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.object(answer.body());
  }

  List<Map<String, Object>> pull(String json) {
    return list(post("/pull", json), "messages");
  }

  /** What became of each receipt. */
  List<String> settle(String how, String more, List<String> receipts) {
    var quoted = receipts.stream().map(one -> '"' + one + '"').collect(Collectors.joining(","));
    var answer = post("/" + how, "{\"receipts\":[" + quoted + "]" + more + "}");
    return list(answer, "results").stream().map(one -> (String) one.get("status")).toList();
  }

  static List<String> receipts(List<Map<String, Object>> messages) {
    return messages.stream().map(one -> (String) one.get("receipt")).toList();
  }

  static List<String> ids(List<Map<String, Object>> messages) {
    return messages.stream().map(one -> (String) one.get("id")).toList();
  }

  /** One of its statistics. */
  long number(String name) {
    return number(get(""), name);
  }

  static long number(Map<String, Object> answer, String name) {
    return ((Number) Objects.requireNonNull(answer.get(name))).longValue();
  }

  @SuppressWarnings("unchecked") // as the API has it
  static List<Map<String, Object>> list(Map<String, Object> answer, String name) {
    return Objects.requireNonNull((List<Map<String, Object>>) answer.get(name));
  }

  static void assertProblem(HttpResponse<String> answer, int status) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(Json.object(answer.body())).containsEntry("status", status);
  }
}
