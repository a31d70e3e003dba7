package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfEnvironmentVariable;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What happens before the first answer, seen by the classes that a JVM loads for it. */
@ExtendWith(SharedDeployment.class)
@DisabledIfEnvironmentVariable(
    named = "SALLYPORT_NATIVE",
    matches = "true",
    disabledReason = "a binary loads no classes; the same code is tested on the JVM")
class FirstAnswerTest {
  private static final String SESSION_FACTORY =
      "org.hibernate.reactive.session.impl.ReactiveSessionFactoryImpl ";

  @TempDir Path folder;

  @Test
  void hibernateStartsAfterTheFirstAnswer(Deployment deployment) throws IOException {
    var loaded = folder.resolve("loaded.log");
    var logging = "-Xlog:class+load:file=" + loaded;

    // Nobody is at that address: what starts Hibernate, the first accounts, waits for it.
    var withoutPostgres =
        Map.of(
            "JAVA_TOOL_OPTIONS",
            logging,
            "QUARKUS_DATASOURCE_REACTIVE_URL",
            "postgresql://127.0.0.1:1/none");
    try (var worker = deployment.anotherWorker(WorkerKind.USER_WORKER, withoutPostgres)) {
      await().until(() -> answers(worker));
      assertThat(Files.readString(loaded))
          .contains("dev.sallyport.user.edge.HealthResource ")
          .doesNotContain(SESSION_FACTORY);
    }

    // The name is right: with Postgres there it is loaded.
    var withPostgres = Map.of("JAVA_TOOL_OPTIONS", logging);
    try (var worker = deployment.anotherWorker(WorkerKind.USER_WORKER, withPostgres)) {
      worker.awaitReady();
      assertThat(Files.readString(loaded)).contains(SESSION_FACTORY);
    }
  }

  private static boolean answers(Worker worker) {
    try {
      return worker.http().get("/health").status() == 200;
    } catch (UncheckedIOException notYet) {
      return false;
    }
  }
}
