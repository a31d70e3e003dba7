package dev.sallyport.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * Chromium without a window. Each page is opened as by another person: with cookies and storage of
 * its own. Confined to one thread.
 */
final class Browser implements AutoCloseable {
  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "chrome");
  private static final Pattern LISTENS = Pattern.compile("DevTools listening on (ws://\\S+)");
  private static final Duration START = Duration.ofSeconds(30);
  private static final Duration STOP = Duration.ofSeconds(10);

  private final Process process;
  private final Path profile;
  private final DevTools tools;

  private Browser(Process process, Path profile, DevTools tools) {
    this.process = process;
    this.profile = profile;
    this.tools = tools;
  }

  /**
   * Starts it. Where there is none the test is skipped and says so, unless {@code
   * SALLYPORT_BROWSER=required} makes that a failure.
   *
   * @param log what the browser itself has to say
   */
  static Browser start(Path log) {
    var program = program();
    var message = "the browser tests need Chromium on the PATH (Debian: chromium)";
    if ("required".equals(System.getenv("SALLYPORT_BROWSER"))) {
      assertThat(program).as(message).isNotEmpty();
    }
    assumeTrue(!program.isEmpty(), message);
    try {
      var profile = Files.createTempDirectory("sallyport-browser-");
      Files.createDirectories(log.toAbsolutePath().getParent());
      var builder = new ProcessBuilder(command(program.getFirst(), profile));
      builder.environment().put("TZ", "UTC");
      var process = builder.redirectErrorStream(true).redirectOutput(log.toFile()).start();
      return new Browser(process, profile, DevTools.connect(address(log)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The first there is, or none. */
  private static List<Path> program() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .flatMap(folder -> NAMES.stream().map(name -> Path.of(folder, name)))
        .filter(Files::isExecutable)
        .limit(1)
        .toList();
  }

  private static List<String> command(Path program, Path profile) {
    var command = new ArrayList<String>();
    command.add(program.toString());
    command.add("--headless=new");
    command.add("--remote-debugging-port=0");
    command.add("--user-data-dir=" + profile);
    command.add("--no-first-run");
    command.add("--disable-gpu");
    command.add("--disable-extensions");
    command.add("--disable-sync");
    command.add("--disable-component-update");
    command.add("--disable-background-networking");
    // In a container /dev/shm may be too small for pages.
    command.add("--disable-dev-shm-usage");
    // Both people look at their pages.
    command.add("--disable-background-timer-throttling");
    command.add("--disable-backgrounding-occluded-windows");
    command.add("--disable-renderer-backgrounding");
    command.add("--lang=en-GB");
    if ("root".equals(System.getProperty("user.name"))) {
      // Its sandbox refuses to run as root. It sees nothing but our own pages.
      command.add("--no-sandbox");
    }
    command.add("about:blank");
    return command;
  }

  private static URI address(Path log) {
    var found = new ArrayList<String>();
    Awaitility.await("Chromium listens, see " + log)
        .atMost(START)
        .until(() -> {
          LISTENS.matcher(Files.readString(log)).results().forEach(one -> found.add(one.group(1)));
          return !found.isEmpty();
        });
    return URI.create(found.getFirst());
  }

  /** An empty page for somebody new, as large as a small laptop's. */
  Page newPerson() {
    var person =
        tools.call("Target.createBrowserContext", Map.of()).required("browserContextId").asText();
    var target =
        tools
            .call("Target.createTarget", Map.of("url", "about:blank", "browserContextId", person))
            .required("targetId")
            .asText();
    var session =
        tools
            .call("Target.attachToTarget", Map.of("targetId", target, "flatten", true))
            .required("sessionId")
            .asText();
    return Page.attached(tools, session);
  }

  @Override
  public void close() {
    tools.close();
    var parts = process.descendants().toList();
    process.destroy();
    try {
      if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
    // They outlive it for a moment, and write into its folder until they end.
    parts.forEach(ProcessHandle::destroyForcibly);
    Awaitility.await("all of Chromium has ended")
        .atMost(STOP)
        .until(() -> parts.stream().noneMatch(ProcessHandle::isAlive));
    try {
      Deployment.delete(profile);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
