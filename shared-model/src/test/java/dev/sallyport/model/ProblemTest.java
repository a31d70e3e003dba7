package dev.sallyport.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProblemTest {
  @Test
  void aProblemSaysAllThatRfc9457AndWeAskFor() {
    var problem = Problem.retryable(ProblemType.BINDING_DOWN, "Later.", Duration.ofMillis(1100));
    assertThat(problem.toJson("r-1"))
        .isEqualTo(
            """
            {"type":"urn:sallyport:problem:binding-down",\
            "title":"The private service cannot be reached","status":503,"detail":"Later.",\
            "requestId":"r-1","retryable":true,"retryAfter":2}\
            """);
    assertThat(problem.retryAfterSeconds()).isEqualTo("2");
  }

  @Test
  void wrongFieldsAreNamed() {
    var problem = Problem.invalid(List.of(new Problem.FieldError("email", "is missing")));
    assertThat(problem.toJson("r"))
        .contains("\"status\":422")
        .endsWith("\"errors\":[{\"field\":\"email\",\"message\":\"is missing\"}]}");
    assertThat(problem.retryAfterSeconds()).isNull();
  }

  @Test
  void whatCameFromOutsideCannotBreakTheJson() {
    var problem = Problem.of(ProblemType.BAD_REQUEST, "a\"b\\c\n\0\ud83d\ude00\ud83d");
    assertThat(problem.toJson("r")).contains("\"a\\\"b\\\\c\\u000a\\u0000😀\\ud83d\"");
  }

  @Test
  void aProblemOfASendSaysUnderWhichIdsToSendAgain() {
    var problem = Problem.retryable(ProblemType.STORE_DOWN, "Not now.", Duration.ofSeconds(1));
    assertThat(problem.with(new Problem.SendAgain.One("a\"b")).toJson("r"))
        .endsWith(",\"retryable\":true,\"retryAfter\":1,\"id\":\"a\\\"b\"}");
    assertThat(problem.with(new Problem.SendAgain.All(List.of("a", "b"))).toJson("r"))
        .endsWith(",\"ids\":[\"a\",\"b\"]}");
  }
}
