package dev.sallyport.system;

import java.nio.file.Files;
import java.nio.file.Path;

/** The two workers and where the build puts their programs. */
enum WorkerKind {
  USER_WORKER("user-worker"),
  DATA_WORKER("data-worker");

  private final String module;

  WorkerKind(String module) {
    this.module = module;
  }

  /**
   * The worker of this name.
   *
   * @throws IllegalArgumentException with the names there are
   */
  static WorkerKind named(String module) {
    for (var kind : values()) {
      if (kind.module.equals(module)) {
        return kind;
      }
    }
    throw new IllegalArgumentException(
        "'" + module + "' is no worker: say user-worker or data-worker");
  }

  /** The module's name, which is also the worker's. */
  String module() {
    return module;
  }

  /**
   * The jar, or with {@code SALLYPORT_NATIVE=true} in the environment (or {@code
   * -Dsallyport.native=true}) the native binary, below the folder {@code -Dsallyport.home}
   * (default: the working directory).
   *
   * @throws IllegalStateException with the command that builds it, when it is not there
   */
  Path program() {
    boolean binary =
        Boolean.getBoolean("sallyport.native")
            || Boolean.parseBoolean(System.getenv("SALLYPORT_NATIVE"));
    var program = binary ? binary() : app().resolve("quarkus-run.jar");
    if (!Files.isRegularFile(program)) {
      throw new IllegalStateException(
          program
              + " is not there: run "
              + (binary ? "./sallyport native" : "mvn package -DskipTests"));
    }
    return program;
  }

  /** Where the native binary is, if it is built. */
  Path binary() {
    return target().resolve(module + "-0.1.0-SNAPSHOT-runner");
  }

  /** The folder with the jar, and all that it needs. */
  Path app() {
    return target().resolve("quarkus-app");
  }

  private Path target() {
    return Path.of(System.getProperty("sallyport.home", "."), module, "target")
        .toAbsolutePath()
        .normalize();
  }
}
