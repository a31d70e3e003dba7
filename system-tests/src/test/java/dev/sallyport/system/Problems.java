package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;

/** What every refusal looks like (RFC 9457 and design.md, section 5). */
final class Problems {
  private Problems() {}

  /** Asserts that an answer is a whole problem of this status and kind, and gives its body. */
  static JsonNode assertProblem(Answer answer, int status, String kind) {
    var body = assertProblem(answer, status);
    assertThat(body.required("type").asText()).isEqualTo("urn:sallyport:problem:" + kind);
    return body;
  }

  /** The same, whatever its kind. */
  static JsonNode assertProblem(Answer answer, int status) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(status);
    assertThat(answer.header("Content-Type").orElse("none")).startsWith("application/problem+json");
    var body = answer.json();
    assertThat(body.required("type").asText()).startsWith("urn:sallyport:problem:");
    assertThat(body.required("title").asText()).isNotBlank();
    assertThat(body.required("status").asInt()).isEqualTo(status);
    assertThat(body.required("detail").asText()).isNotBlank();
    var requestId = body.required("requestId").asText();
    assertThat(requestId).isNotBlank();
    assertThat(answer.headers().all("X-Request-Id")).allMatch(requestId::equals);
    assertThat(body.required("retryable").isBoolean()).isTrue();
    assertThat(answer.body()).doesNotContain("Exception", "\tat ", "dev.sallyport", "SELECT");
    return body;
  }
}
