package dev.sallyport.user.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.local.StackResource;
import dev.sallyport.user.Json;
import dev.sallyport.user.ProblemShape;
import dev.sallyport.user.Visitor;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of remote calls at the edge, in front of a service that says what it saw. */
@QuarkusTest
@QuarkusTestResource(
    value = StackResource.class,
    initArgs = @ResourceArg(name = StackResource.WORKER, value = "user-worker"))
@WithTestResource(value = FakeService.class, scope = TestResourceScope.MATCHING_RESOURCES)
class RemoteCallsTest {
  private static final String PATH = "/api/rpc";

  @TestHTTPResource("/")
  URI base;

  private Visitor visitor;
  private Visitor.SignedIn ada;

  @BeforeEach
  void signIn() {
    visitor = new Visitor(base);
    ada = visitor.signUp();
  }

  @Test
  void aBatchCrossesAsItIsInOneCall() {
    var batch = "[" + "1,".repeat(20_000) + "2]";
    for (var target : List.of(PATH, PATH + "?x=1")) {
      var answer = visitor.post(target, batch, ada.byToken());
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      assertThat(answer.headers().firstValue("X-Service-Binding-Time")).isPresent();
      assertThat(answer.headers().firstValue("Server-Timing")).isPresent();
      assertThat(answer.headers().firstValue("X-Request-Id")).isPresent();
      assertThat(Json.object(answer.body()))
          .containsEntry("method", "POST")
          .containsEntry("target", "/api/internal/rpc")
          .containsEntry("bodyBytes", batch.length());
    }
  }

  @Test
  void onlyWhoIsSignedInCalls() {
    ProblemShape.of(visitor.post(PATH, "[]"), 401, "unauthenticated");
    ProblemShape.of(visitor.post(PATH, "[]", ada.byCookie()), 403, "origin-refused");
  }

  @Test
  void whatIsNoRemoteCallDoesNotCross() {
    ProblemShape.of(visitor.get(PATH, ada.byToken()), 405, "method-not-allowed");
    ProblemShape.of(
        visitor.send(
            "POST",
            PATH,
            BodyPublishers.ofString("{}"),
            "Authorization",
            "Bearer " + ada.token(),
            "Content-Type",
            "text/plain"),
        415,
        "unsupported-media-type");
    ProblemShape.of(
        visitor.post(PATH, "\"" + "x".repeat(1024 * 1024) + "\"", ada.byToken()), 413, "too-large");
  }
}
