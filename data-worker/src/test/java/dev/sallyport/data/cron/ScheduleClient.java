package dev.sallyport.data.cron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.data.Json;
import dev.sallyport.data.UserWorker;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Calls the API of schedules for one user. */
record ScheduleClient(UserWorker worker) {
  private static final String PATH = "/api/internal/schedules";

  HttpResponse<String> get(String path) {
    return worker.get(PATH + path);
  }

  HttpResponse<String> put(String name, String json) {
    return worker.send("PUT", PATH + "/" + name, "application/json", json);
  }

  HttpResponse<String> post(String path) {
    return worker.send("POST", PATH + path, null, null);
  }

  HttpResponse<String> delete(String name) {
    return worker.send("DELETE", PATH + "/" + name, null, null);
  }

  /** Makes or replaces a schedule. */
  Map<String, Object> made(String name, String json) {
    return ok(put(name, json));
  }

  Map<String, Object> schedule(String name) {
    return ok(get("/" + name));
  }

  static Map<String, Object> ok(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isBetween(200, 201);
    return Json.object(answer.body());
  }

  static void assertProblem(HttpResponse<String> answer, int status, String contains) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    assertThat(answer.body()).contains(contains);
  }

  /** Its fires, the newest first. */
  List<Map<String, Object>> runs(String name) {
    return items(ok(get("/" + name + "/runs?limit=100")));
  }

  List<@Nullable Object> statuses(String name) {
    return runs(name).stream().<@Nullable Object>map(fire -> fire.get("status")).toList();
  }

  @SuppressWarnings("unchecked") // as the API has it
  static List<Map<String, Object>> items(Map<String, Object> page) {
    return Objects.requireNonNull((List<Map<String, Object>>) page.get("items"));
  }

  List<Map<String, Object>> until(String name, Predicate<List<Map<String, Object>>> holds) {
    return await().atMost(Duration.ofSeconds(20)).until(() -> runs(name), holds);
  }

  /** The newest fire, once it has this status. */
  Map<String, Object> until(String name, String status) {
    return until(name, runs -> !runs.isEmpty() && status.equals(runs.getFirst().get("status")))
        .getFirst();
  }
}
