package dev.sallyport.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpFolderTest {

  @TempDir Path repository;

  @Test
  void aFullDiskIsOneSentenceWhereverItShowed() {
    var folder = new UpFolder(repository);
    var written = new UncheckedIOException(new IOException("x: No space left on device"));
    var logged = StackError.died("postgres", 1, repository, "FATAL: No space left on device");
    for (RuntimeException failure : List.of(written, logged)) {
      var explained = (StackError) folder.explained(failure);
      assertThat(explained.code()).isEqualTo(StackError.Code.DISK_FULL);
      assertThat(explained.sentence()).contains(folder.path().toString()).doesNotContain("\n");
    }
    var other = StackError.unsupported("Something else.");
    assertThat(folder.explained(other)).isSameAs(other);
  }

  @Test
  void aShellReadsTheSameValuesThatWeDo() throws Exception {
    var variables = new LinkedHashMap<String, String>();
    variables.put("PLAIN", "value");
    variables.put("HARD", "it's $HOME `x` \"y\" \\ = #");
    variables.put("EMPTY", "");
    Path file = repository.resolve("a.env");
    ShellVariables.write(file, variables);

    assertThat(ShellVariables.read(file)).isEqualTo(variables);
    Process shell =
        new ProcessBuilder("sh", "-c", ". ./a.env; printf '%s\\n' \"$PLAIN\" \"$HARD\" \"$EMPTY\"")
            .directory(repository.toFile())
            .start();
    assertThat(shell.inputReader().lines()).containsExactlyElementsOf(variables.values());
  }

  @Test
  void theCommandsCanBePastedWhereUpWasCalled() throws Exception {
    Path home = Files.createDirectories(repository.resolve("my project"));
    var folder = new UpFolder(home);
    var credentials = new Credentials("secret-a", "secret-d");

    assertThat(Welcome.lines(folder, "http://127.0.0.1:8080", credentials, home))
        .contains(
            "curl -s http://127.0.0.1:8080/auth/login -H 'Content-Type: application/json'"
                + " -c .sallyport/cookies"
                + " -d '{\"email\":\"demo@sallyport.local\",\"password\":\"secret-d\"}'",
            "curl -s http://127.0.0.1:8080/api/internal/ping -b .sallyport/cookies",
            "curl -s http://127.0.0.1:8080/api/internal/echo -b .sallyport/cookies"
                + " -H 'Origin: http://127.0.0.1:8080' -H 'Content-Type: application/json'"
                + " -d '{\"hello\":\"keep\"}'");
    assertThat(Welcome.lines(folder, "http://127.0.0.1:8080", credentials, repository))
        .contains("curl -s http://127.0.0.1:8080/api/internal/ping -b '" + folder.cookies() + "'");
  }

  @Test
  void passwordsAndSecretsAreNotPrinted() throws Exception {
    var folder = new UpFolder(repository);
    folder.create();
    var credentials = Credentials.in(folder.credentials());
    assertThat(credentials.toString()).doesNotContain(credentials.demoPassword());
    assertThat(credentials.demoPassword()).matches("[A-Za-z0-9_-]{24}");
    assertThat(Credentials.in(folder.credentials())).isEqualTo(credentials);
  }

  @Test
  void eachWorkerIsToldAllItNeedsToStartAlone() {
    var workers = new UpWorkers(new UpFolder(repository), UpPorts.from(Map.of()), false);
    var credentials = new Credentials("a", "d");
    assertThat(workers.userWorkerEnvironment(Map.of("STORE", "s"), credentials))
        .containsEntry("STORE", "s")
        .containsEntry("QUARKUS_PROFILE", "local")
        .containsEntry("QUARKUS_HTTP_HOST", "127.0.0.1")
        .containsEntry("QUARKUS_HTTP_PORT", "8080")
        .containsEntry("QUARKUS_MANAGEMENT_HOST", "127.0.0.1")
        .containsEntry("QUARKUS_MANAGEMENT_PORT", "9000")
        .containsEntry("SALLYPORT_BINDINGS_BACKEND_SERVICE_URL", "http://127.0.0.1:8081")
        .containsEntry("SALLYPORT_BOOTSTRAP_ADMIN_EMAIL", "admin@sallyport.local")
        .containsEntry("SALLYPORT_BOOTSTRAP_DEMO_PASSWORD", "d");
    assertThat(workers.dataWorkerEnvironment(Map.of()))
        .containsEntry("QUARKUS_HTTP_PORT", "8081")
        .doesNotContainKey("SALLYPORT_BOOTSTRAP_DEMO_PASSWORD");
  }
}
