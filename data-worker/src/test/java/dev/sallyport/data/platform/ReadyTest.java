package dev.sallyport.data.platform;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.Probe;
import dev.sallyport.local.StackResource;
import io.quarkus.test.common.TestResourceScope;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import org.junit.jupiter.api.Test;

@QuarkusTest
@WithTestResource(value = StackResource.class, scope = TestResourceScope.RESTRICTED_TO_CLASS)
class ReadyTest {
  @TestHTTPResource(value = "/health/ready", management = true)
  URI ready;

  @Inject Postgres postgres;

  @Test
  void aWorkerIsReadyOncePostgresHasItsTables() throws Exception {
    var answer = Probe.until(ready, 200);
    assertThat(answer).contains("\"reachable\": true", "\"schema\": \"usable\"");
    var row =
        postgres
            .execute("SELECT version FROM data_platform.schema_version")
            .toCompletionStage()
            .toCompletableFuture()
            .get()
            .iterator()
            .next();
    assertThat(row.getInteger("version")).isEqualTo(Schema.MIGRATIONS.newest());
  }
}
