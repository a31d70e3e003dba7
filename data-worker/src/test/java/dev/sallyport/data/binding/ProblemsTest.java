package dev.sallyport.data.binding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.UserWorker;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ProblemsTest {
  private static final String FAULTY = "/api/internal/faulty";

  @TestHTTPResource("/")
  URI base;

  private UserWorker worker;

  @BeforeEach
  void call() {
    worker = UserWorker.calling(base);
  }

  @Test
  void aRefusalSaysWhetherAndWhenToTryAgain() {
    var answer = worker.get(FAULTY + "/refusal");
    assertThat(problem(answer, 503, "overloaded"))
        .containsEntry("retryable", true)
        .containsEntry("retryAfter", 2)
        .containsEntry("requestId", "r-1");
    assertThat(answer.headers().firstValue("Retry-After")).contains("2");
  }

  @Test
  void aBugIsToldInsideOnly() {
    var answer = worker.get(FAULTY + "/bug");
    assertThat(problem(answer, 500, "internal")).containsEntry("requestId", "r-1");
    assertThat(answer.body()).doesNotContain("hunter2", "Exception", "dev.sallyport");
  }

  @Test
  void aStoreThatIsAwayMayBeTriedAgainOnlyWhereNothingCanHaveBeenDone() {
    var away = worker.get(FAULTY + "/store-away");
    assertThat(problem(away, 503, "store-down")).containsEntry("retryable", true);
    assertThat(away.body()).doesNotContain("10.9.8.7");
    var silent = worker.get(FAULTY + "/store-silent");
    assertThat(problem(silent, 503, "store-down")).containsEntry("retryable", false);
  }

  @Test
  void aFieldThatNobodyKnowsIsNotValid() {
    assertInvalid("{\"id\":\"a\",\"total\":1}", "total");
    assertInvalid(
        "{\"id\":\"a\",\"items\":[{\"name\":\"x\",\"count\":1,\"cuont\":1}]}", "items[0].cuont");
  }

  @Test
  void aFieldOfAnotherFormIsNotValid() {
    assertInvalid(
        "{\"id\":\"a\",\"items\":[{\"name\":\"x\",\"count\":\"many\"}]}", "items[0].count");
    assertInvalid("{\"id\":\"a\",\"items\":[{\"name\":\"x\",\"count\":null}]}", "items[0].count");
    assertInvalid("{\"id\":\"a\",\"items\":7}", "items");
    assertInvalid(
        "{\"id\":\"a\",\"items\":[{\"name\":\"x\",\"count\":3000000000}]}", "items[0].count");
    assertInvalid("[]", "");
  }

  @Test
  void whatIsNoJsonIsBadJsonHere() {
    for (var bad : List.of("{\"id\":", "{\"id\":\"a\",\"id\":\"b\"}", "{\"id\":\"a\"} {}")) {
      problem(worker.postJson(FAULTY + "/order", bad), 400, "bad-json");
    }
  }

  @Test
  void aWrongMediaTypeOrMethodIsAProblem() {
    problem(worker.send("POST", FAULTY + "/order", "text/csv", "a"), 415, "unsupported-media-type");
    problem(worker.send("PUT", FAULTY + "/order", null, null), 405, "method-not-allowed");
  }

  @Test
  void whatIsValidComesBack() {
    var order = "{\"id\":\"a\",\"items\":[{\"name\":\"x\",\"count\":1}]}";
    assertThat(worker.postJson(FAULTY + "/order", order).body()).isEqualTo(order);
  }

  private void assertInvalid(String json, String field) {
    var answer = worker.postJson(FAULTY + "/order", json);
    problem(answer, 422, "invalid");
    assertThat(answer.body()).contains("\"errors\":[{\"field\":\"" + field + "\"");
  }

  private static Map<String, Object> problem(HttpResponse<String> answer, int status, String slug) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    var problem = GateTest.problem(answer);
    assertThat(problem).containsEntry("type", "urn:sallyport:problem:" + slug);
    return problem;
  }
}
