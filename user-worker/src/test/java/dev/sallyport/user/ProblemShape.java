package dev.sallyport.user;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;

/** What every error answer has and has not. */
public final class ProblemShape {
  private static final List<String> MEMBERS =
      List.of(
          "type", "title", "status", "detail", "requestId", "retryable", "retryAfter", "errors");

  private ProblemShape() {}

  /** Checks the shape, and gives the body for what else is to be checked. */
  public static Map<String, Object> of(HttpResponse<String> answer, int status, String slug) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
    var problem = of(answer.body(), status, slug);
    var headers = answer.headers();
    assertThat(headers.allValues("Content-Type")).containsExactly("application/problem+json");
    assertThat(headers.allValues("X-Request-Id"))
        .containsExactly((String) problem.get("requestId"));
    var retryAfter = problem.get("retryAfter");
    assertThat(headers.allValues("Retry-After"))
        .isEqualTo(retryAfter == null ? List.of() : List.of(retryAfter.toString()));
    assertThat(headers.firstValue("WWW-Authenticate").isPresent()).isEqualTo(status == 401);
    return problem;
  }

  /** The same for a body alone. */
  public static Map<String, Object> of(String body, int status, String slug) {
    var problem = Json.object(body);
    assertThat(MEMBERS).containsAll(problem.keySet());
    assertThat(problem)
        .containsEntry("type", "urn:sallyport:problem:" + slug)
        .containsEntry("status", status)
        .hasEntrySatisfying("title", title -> assertThat(title).asString().isNotBlank())
        .hasEntrySatisfying("detail", detail -> assertThat(detail).asString().isNotBlank())
        .hasEntrySatisfying("requestId", id -> assertThat(id).asString().hasSize(36))
        .hasEntrySatisfying(
            "retryable", retryable -> assertThat(retryable).isInstanceOf(Boolean.class));
    assertThat(body)
        .doesNotContainIgnoringCase("exception")
        .doesNotContain("\tat ", "SELECT", "127.0.0.1");
    return problem;
  }
}
