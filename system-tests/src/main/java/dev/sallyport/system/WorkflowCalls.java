package dev.sallyport.system;

import java.time.InstantSource;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Calls to the workflows of one data-worker, signed for one user. Thread-safe. */
final class WorkflowCalls {
  private static final String WORKFLOWS = "/api/internal/workflows/";
  private static final String JSON = "application/json";

  private final Http http;
  private final InnerCalls calls;

  WorkflowCalls(Http http, InnerCalls calls) {
    this.http = http;
    this.calls = calls;
  }

  /** To this worker of the deployment, as a user of this id. */
  static WorkflowCalls to(Deployment deployment, Worker worker, String userId) {
    return new WorkflowCalls(
        worker.http(), new InnerCalls(deployment.signingKeys(), InstantSource.system(), userId));
  }

  Answer start(String type, String id, Object params) {
    return post(type, Json.write(Map.of("id", id, "params", params)));
  }

  /** Starts one under an id that the worker chooses, and waits for its end for up to 5 s. */
  Answer startAndWait(String type, Object params) {
    return post(type + "?wait=PT5S", Json.write(Map.of("params", params)));
  }

  /** Starts many. */
  Answer batch(String type, Object runs) {
    return post(type + "/batch", Json.write(Map.of("runs", runs)));
  }

  Answer get(String type, String id) {
    return call("GET", WORKFLOWS + type + "/" + id, null);
  }

  /** {@code pause}, {@code resume}, {@code terminate}, {@code restart} or {@code retry}. */
  Answer control(String type, String id, String verb) {
    return call("POST", WORKFLOWS + type + "/" + id + "/" + verb, null);
  }

  Answer event(String type, String id, String event, Object payload) {
    return post(type + "/" + id + "/events/" + event, Json.write(payload));
  }

  /** The sample's counter row. */
  long counter(String key) {
    var answer = call("GET", "/api/internal/sample/counters/" + key, null);
    if (answer.status() != 200) {
      throw new IllegalStateException("no counter: " + answer);
    }
    return answer.json().required("value").asLong();
  }

  /** The headers of a call, names and values in turn. */
  String[] headers(String method, String target, @Nullable String contentType) {
    return calls.headers(method, target, contentType).stream()
        .filter(field -> !field.name().equals("Content-Type")) // the client sets it
        .flatMap(field -> Stream.of(field.name(), field.value()))
        .toArray(String[]::new);
  }

  private Answer post(String below, String json) {
    return call("POST", WORKFLOWS + below, json);
  }

  private Answer call(String method, String target, @Nullable String json) {
    return http.send(method, target, json, headers(method, target, json == null ? null : JSON));
  }
}
