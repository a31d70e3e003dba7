package dev.sallyport.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** {@code up} as a process of its own, in a folder with stand-ins for both workers. */
final class UpRun implements AutoCloseable {

  private static final String LAST_LINE = "Ctrl-C stops everything.";
  private static final long END_SECONDS = 60;

  private final Path repository;
  private final Process process;
  private final BufferedReader output;
  private final List<String> lines = new ArrayList<>();

  private UpRun(Path repository, Process process) {
    this.repository = repository;
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Free ports, as the variables that name them. */
  static Map<String, String> freePorts() {
    var variables =
        List.of(
            UpPorts.Variable.USER_WORKER,
            UpPorts.Variable.USER_WORKER_MANAGEMENT,
            UpPorts.Variable.DATA_WORKER,
            UpPorts.Variable.DATA_WORKER_MANAGEMENT,
            UpPorts.Variable.POSTGRES,
            UpPorts.Variable.REDIS,
            UpPorts.Variable.KAFKA);
    var free = StackSettings.freePorts(variables.size());
    var ports = new LinkedHashMap<String, String>();
    for (int i = 0; i < variables.size(); i++) {
      ports.put(variables.get(i), Integer.toString(free.get(i)));
    }
    return ports;
  }

  static UpRun start(Path repository, Map<String, String> environment, String... options)
      throws Exception {
    StandInWorker.install(repository, UpWorkers.USER_WORKER);
    StandInWorker.install(repository, UpWorkers.DATA_WORKER);
    var command = new ArrayList<String>();
    command.add(Platform.java());
    command.add(Up.class.getName());
    command.addAll(List.of(options));
    var builder =
        new ProcessBuilder(command).directory(repository.toFile()).redirectErrorStream(true);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path", ""));
    builder.environment().putAll(environment);
    return new UpRun(repository, builder.start());
  }

  /** Reads until everything is ready; fails with the output when it ends before. */
  UpRun awaitReady() throws IOException {
    assertThat(awaitLine(LAST_LINE::equals)).as("output %s", lines).isTrue();
    return this;
  }

  /** Reads until a line fits; false when the output ends before. */
  boolean awaitLine(Predicate<String> wanted) throws IOException {
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      lines.add(line);
      if (wanted.test(line)) {
        return true;
      }
    }
    return false;
  }

  /** Reads the rest and returns the exit code. */
  int awaitEnd() throws Exception {
    awaitLine(_ -> false);
    assertThat(process.waitFor(END_SECONDS, TimeUnit.SECONDS)).as("output %s", lines).isTrue();
    return process.exitValue();
  }

  List<String> lines() {
    return lines;
  }

  Path file(String name) {
    return repository.resolve(".sallyport").resolve(name);
  }

  long pid() {
    return process.pid();
  }

  /** The process that a pid file names. */
  ProcessHandle running(String name) throws IOException {
    String pid = Files.readString(file("run").resolve(name + ".pid")).strip();
    return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
  }

  /** All five. */
  List<ProcessHandle> running() throws IOException {
    var all = new ArrayList<ProcessHandle>();
    for (String name : List.of("user-worker", "data-worker", "postgres", "redis", "kafka")) {
      all.add(running(name));
    }
    return all;
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().orTimeout(END_SECONDS, TimeUnit.SECONDS).join();
  }
}
