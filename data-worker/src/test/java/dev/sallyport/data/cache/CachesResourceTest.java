package dev.sallyport.data.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.Eventually;
import dev.sallyport.data.Json;
import dev.sallyport.data.UserWorker;
import dev.sallyport.local.StackResource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class CachesResourceTest {
  private static final String CACHES = "/api/internal/caches";

  @TestHTTPResource("/")
  URI base;

  @Inject Caches caches;

  @Test
  void anAdminSeesWhatEachCacheOfThisWorkerCounted() {
    var cache = caches.named("counted", String.class, CacheOptions.freshFor(Duration.ofMinutes(1)));
    warm();
    cache.get("pear", () -> "one");
    cache.get("pear", () -> "two");
    var page = Json.object(UserWorker.calling(base).get(CACHES).body());
    assertThat(page).containsEntry("worker", "w-test");
    assertThat((List<?>) page.get("items"))
        .map(item -> (Map<?, ?>) item)
        .filteredOn(item -> "counted".equals(item.get("name")))
        .singleElement()
        .satisfies(item -> {
          assertThat(item.get("misses")).isEqualTo(1);
          assertThat(item.get("loads")).isEqualTo(1);
          assertThat(item.get("hitRatio")).isEqualTo(0.5);
          assertThat(item.get("freshFor")).isEqualTo("PT1M");
        });
  }

  /** The first connection takes longer than a cache waits. */
  private void warm() {
    var other = caches.named("warm", String.class, CacheOptions.freshFor(Duration.ofMinutes(1)));
    Eventually.is(
        "Redis answers",
        () -> {
          other.get("plum", () -> "one");
          return other.stats().answers(CacheStats.Source.HOT) > 3;
        });
  }

  @Test
  void forOthersItIsNotThere() {
    var user = UserWorker.calling(base).forUser("bob", "user");
    assertThat(user.get(CACHES).statusCode()).isEqualTo(404);
    assertThat(user.forNobody().get(CACHES).statusCode()).isEqualTo(401);
  }
}
