package dev.sallyport.data.service.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.data.Json;
import dev.sallyport.data.Probe;
import dev.sallyport.data.UserWorker;
import dev.sallyport.local.StackResource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A service and a workflow that call actors, over HTTP. */
@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class TallyTest {
  private static final Duration SOON = Duration.ofSeconds(20);

  @TestHTTPResource("/")
  URI base;

  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  private final String key = "t-" + UUID.randomUUID();
  private UserWorker bob;

  @BeforeEach
  void call() {
    Probe.until(ready, 200);
    bob = UserWorker.calling(base).forUser("bob", "user");
    await().atMost(SOON).until(() -> bob.get(path("")).statusCode() == 200);
  }

  private String path(String more) {
    return "/api/internal/sample/tallies/" + key + more;
  }

  private static Object value(HttpResponse<String> answer) {
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return Json.object(answer.body()).getOrDefault("value", "none");
  }

  @Test
  void aServiceAddsAndSeesIt() {
    assertThat(value(bob.postJson(path(""), ""))).isEqualTo(1);
    assertThat(value(bob.postJson(path(""), ""))).isEqualTo(2);
    assertThat(value(bob.get(path("")))).isEqualTo(2);
  }

  @Test
  void theSameKeyOfTheSameUserAddsOnce() {
    var once = bob.withIdempotencyKey("k1");
    assertThat(value(once.postJson(path(""), ""))).isEqualTo(1);
    assertThat(value(once.postJson(path(""), ""))).isEqualTo(1);
    var eve = UserWorker.calling(base).forUser("eve", "user").withIdempotencyKey("k1");
    assertThat(value(eve.postJson(path(""), ""))).isEqualTo(2);
  }

  @Test
  void whatIsLeftInATransactionIsAddedSoon() {
    assertThat(bob.postJson(path("/later"), "").statusCode()).isEqualTo(202);
    await().atMost(SOON).until(() -> value(bob.get(path(""))).equals(1));
  }

  @Test
  void aWorkflowAddsAsOftenAsItWasTold() {
    var started =
        bob.postJson(
            "/api/internal/workflows/sample-tally",
            "{\"params\":{\"key\":\"" + key + "\",\"times\":5}}");
    assertThat(started.statusCode()).as(started.body()).isEqualTo(201);
    var run = "/api/internal/workflows/sample-tally/" + Json.object(started.body()).get("id");
    await()
        .atMost(SOON)
        .until(() -> "complete".equals(Json.object(bob.get(run).body()).get("status")));
    assertThat(Json.object(bob.get(run).body()).get("output"))
        .isEqualTo(Map.of("key", key, "value", 5));
    assertThat(value(bob.get(path("")))).isEqualTo(5);
  }
}
