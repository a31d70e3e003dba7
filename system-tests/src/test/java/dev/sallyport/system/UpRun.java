package dev.sallyport.system;

import dev.sallyport.local.StackSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** One {@code ./sallyport up} as somebody types it. Confined to one thread. */
final class UpRun implements AutoCloseable {
  private static final String LAST_LINE = "Ctrl-C stops everything.";
  private static final Duration STOP = Duration.ofSeconds(30);

  private final Path repository;
  private final Path output;
  private final Process process;

  private UpRun(Path repository, Path output, Process process) {
    this.repository = repository;
    this.output = output;
    this.process = process;
  }

  /** Free ports for everything, as variables. */
  static Map<String, String> freePorts() {
    var names =
        List.of(
            "USER_WORKER",
            "USER_WORKER_MANAGEMENT",
            "DATA_WORKER",
            "DATA_WORKER_MANAGEMENT",
            "POSTGRES",
            "REDIS",
            "KAFKA");
    var free = StackSettings.freePorts(names.size());
    var ports = new HashMap<String, String>();
    for (int i = 0; i < names.size(); i++) {
      ports.put("SALLYPORT_" + names.get(i) + "_PORT", Integer.toString(free.get(i)));
    }
    return ports;
  }

  static UpRun start(Path repository, Map<String, String> ports, String... options)
      throws IOException {
    var command = Stream.concat(Stream.of("./sallyport", "up"), Stream.of(options)).toList();
    var output = Files.createTempFile(repository, "up", ".out");
    var builder =
        new ProcessBuilder(command)
            .directory(repository.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(ports);
    return new UpRun(repository, output, builder.start());
  }

  /** Everything it has said so far. */
  List<String> lines() {
    try {
      return Files.readString(output, StandardCharsets.UTF_8).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether it has said that everything runs; fails when it has ended instead. */
  boolean isReady() {
    if (!process.isAlive()) {
      throw new AssertionError("up has ended: " + lines());
    }
    return lines().contains(LAST_LINE);
  }

  /** The commands that it offers to paste. */
  List<String> curls() {
    return lines().stream().filter(line -> line.startsWith("curl ")).toList();
  }

  /** Pastes one and gives what it prints. */
  String paste(String line) throws IOException {
    var shell =
        new ProcessBuilder("sh", "-c", line)
            .directory(repository.toFile())
            .redirectErrorStream(true)
            .start();
    return new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  Path file(String name) {
    return repository.resolve(".sallyport").resolve(name);
  }

  /** The process of each pid file. */
  List<ProcessHandle> processes() throws IOException {
    try (var files = Files.list(file("run"))) {
      return files
          .filter(file -> file.toString().endsWith(".pid"))
          .map(UpRun::pid)
          .map(pid -> ProcessHandle.of(pid).orElseThrow())
          .toList();
    }
  }

  private static long pid(Path file) {
    try {
      return Long.parseLong(Files.readString(file).strip());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Presses Ctrl-C and waits for the end; gives the exit code. */
  int interrupt() throws IOException, InterruptedException {
    var signal = inheritsIgnoredInterrupts() ? "TERM" : "INT";
    new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();
    return awaitEnd();
  }

  /** A shell starts background jobs so, and nothing that they start can be interrupted. */
  private static boolean inheritsIgnoredInterrupts() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/status"))) {
      return lines
          .filter(line -> line.startsWith("SigIgn:"))
          .anyMatch(line -> (Long.parseUnsignedLong(line.substring(8).strip(), 16) & 0b10) != 0);
    }
  }

  int awaitEnd() throws InterruptedException {
    if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("up is still there after " + STOP + ": " + lines());
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().orTimeout(STOP.toSeconds(), TimeUnit.SECONDS).join();
  }
}
