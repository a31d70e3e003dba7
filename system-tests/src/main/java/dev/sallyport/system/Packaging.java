package dev.sallyport.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * One way to run both workers. Immutable.
 *
 * @param name for the table
 * @param programs of each worker
 */
record Packaging(String name, Map<WorkerKind, Program> programs) {
  static final String NATIVE = "native";
  static final String CACHED = "JVM with AOT cache";
  static final String PLAIN = "JVM";

  /** The {@code java} that runs us. */
  static final String JAVA = Path.of(System.getProperty("java.home", ""), "bin", "java").toString();

  /**
   * What a pod leaves the heap: half of 256 MiB. Without it a binary would look at the memory of
   * the whole machine.
   */
  private static final String BINARY_HEAP = "-Xmx128m";

  /** The same for a JVM: 40 % of 512 MiB. */
  private static final String JVM_HEAP = "-Xmx205m";

  private static final String DIRECT_MEMORY = "-XX:MaxDirectMemorySize=96m";

  /**
   * How to start one worker, and what it took to have it.
   *
   * @param bytes of all its files, a JVM's own left out
   * @param builtInSeconds the binary from its jars, or the cache from a training run; empty for
   *     jars
   */
  record Program(List<String> command, long bytes, OptionalDouble builtInSeconds) {}

  Packaging {
    programs = Map.copyOf(programs);
  }

  Program of(WorkerKind kind) {
    return programs.getOrDefault(kind, new Program(List.of(), 0, OptionalDouble.empty()));
  }

  /** What the native images start. */
  static Packaging binaries() {
    var programs = new EnumMap<WorkerKind, Program>(WorkerKind.class);
    for (var kind : WorkerKind.values()) {
      var binary = kind.binary();
      programs.put(
          kind, new Program(List.of(binary.toString(), BINARY_HEAP), bytes(binary), report(kind)));
    }
    return new Packaging(NATIVE, programs);
  }

  /** Whether both workers are built as binaries. */
  static boolean hasBinaries() {
    return List.of(WorkerKind.values()).stream()
        .allMatch(kind -> Files.isExecutable(kind.binary()));
  }

  /** What the JVM images would start without their cache. */
  static Packaging plain() {
    var programs = new EnumMap<WorkerKind, Program>(WorkerKind.class);
    for (var kind : WorkerKind.values()) {
      programs.put(
          kind, new Program(java(kind, List.of()), bytes(kind.app()), OptionalDouble.empty()));
    }
    return new Packaging(PLAIN, programs);
  }

  /**
   * What the JVM images start, with caches trained now, as the images' builds do.
   *
   * @param folder for the caches
   */
  static Packaging cached(Path folder) {
    var programs = new EnumMap<WorkerKind, Program>(WorkerKind.class);
    for (var kind : WorkerKind.values()) {
      long began = System.nanoTime();
      var cache = new AotCache(kind, kind.app(), folder.resolve(kind.module() + ".aot")).train();
      double seconds = (System.nanoTime() - began) / 1e9;
      programs.put(
          kind,
          new Program(
              // `on`: a cache that is refused ends the run, and is not measured as a slow start.
              java(kind, List.of(cache.flag(), "-XX:AOTMode=on")),
              bytes(kind.app()) + bytes(cache.file()),
              OptionalDouble.of(seconds)));
    }
    return new Packaging(CACHED, programs);
  }

  private static List<String> java(WorkerKind kind, List<String> more) {
    var command = new ArrayList<String>();
    command.add(JAVA);
    command.addAll(AotCache.IMAGE_FLAGS);
    command.addAll(List.of(JVM_HEAP, DIRECT_MEMORY));
    command.addAll(more);
    command.addAll(List.of("-jar", kind.app().resolve("quarkus-run.jar").toString()));
    return command;
  }

  /** What native-image said of itself beside its work; empty where that is gone. */
  private static OptionalDouble report(WorkerKind kind) {
    var name = kind.binary().getFileName();
    var folder = kind.module() + "-0.1.0-SNAPSHOT-native-image-source-jar";
    var file = kind.binary().resolveSibling(folder).resolve(name + "-build-output-stats.json");
    try {
      var seconds = Json.parse(Files.readString(file)).path("resource_usage").path("total_secs");
      return seconds.isNumber() ? OptionalDouble.of(seconds.asDouble()) : OptionalDouble.empty();
    } catch (IOException gone) {
      return OptionalDouble.empty();
    }
  }

  /** Of a file, or of all in a folder; a cache that lies there is somebody else's. */
  private static long bytes(Path path) {
    try (var files = Files.walk(path)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> Files.isRegularFile(path) || !file.endsWith("app.aot"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
