package dev.sallyport.local;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How to run one worker. Immutable.
 *
 * @param name for messages
 * @param program {@code quarkus-run.jar} or a native binary
 * @param jvmFlags a binary is given those that bound its heap, such as {@code -Xmx256m}
 * @param environment laid over this JVM's own
 * @param log the worker's output is appended; made with its folder when missing
 * @param pidFile holds the id of the JVM or binary itself while it runs
 */
public record WorkerLaunch(
    String name,
    Path program,
    List<String> jvmFlags,
    Map<String, String> environment,
    Path log,
    Path pidFile) {

  public WorkerLaunch {
    program = program.toAbsolutePath().normalize();
    jvmFlags = List.copyOf(jvmFlags);
    environment = Map.copyOf(environment);
  }

  /** The words of the command line. */
  List<String> command() {
    var command = new ArrayList<String>();
    if (program.toString().endsWith(".jar")) {
      command.add(Platform.java());
      command.addAll(jvmFlags);
      command.add("-jar");
      command.add(program.toString());
    } else {
      command.add(program.toString());
      jvmFlags.stream().filter(flag -> flag.startsWith("-Xm")).forEach(command::add);
    }
    return command;
  }
}
