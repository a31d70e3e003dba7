package dev.sallyport.data.workflow;

import dev.sallyport.data.platform.Schema;
import java.time.Duration;
import org.awaitility.Awaitility;

/** Waits until the worker under test has its tables. */
final class UsableSchema {
  private UsableSchema() {}

  static void await(Schema schema) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(() -> schema.state() instanceof Schema.State.Usable);
  }
}
