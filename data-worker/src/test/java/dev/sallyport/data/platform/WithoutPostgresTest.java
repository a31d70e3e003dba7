package dev.sallyport.data.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.Probe;
import dev.sallyport.data.UserWorker;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import org.junit.jupiter.api.Test;

/** Where these tests' settings look for Postgres there is none. */
@QuarkusTest
class WithoutPostgresTest {
  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @TestHTTPResource(value = "/health/live", management = true)
  URI live;

  @TestHTTPResource("/")
  URI base;

  @Test
  void aWorkerWithoutPostgresIsAliveAndNotReady() {
    assertThat(Probe.until(live, 200)).contains("UP");
    assertThat(Probe.until(ready, 503)).contains("\"reachable\": false", "not migrated yet");
  }

  @Test
  void whatNeedsNoStoreIsServedWithoutPostgres() {
    assertThat(UserWorker.calling(base).get("/api/internal/ping").statusCode()).isEqualTo(200);
  }
}
