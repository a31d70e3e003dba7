package dev.sallyport.local;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * {@code ./sallyport up}: the stores and both workers in the foreground, in the folder {@code
 * .sallyport} of the current one.
 *
 * <p>{@code --fresh} forgets earlier runs first; {@code --environment} only writes the workers'
 * environment files. Ends with 130 after Ctrl-C and 143 after SIGTERM, as a shell expects; with 1
 * and one sentence when something cannot start or a worker crashes.
 */
@AllowedHere("a program ends with its exit code")
public final class Up {

  private static final int FAILED = 1;
  private static final String CALLED_FROM = "sallyport.called-from";

  private final Console console;
  private final Map<String, String> environment;
  private final UpFolder folder;
  private final UpWorkers workers;

  private Up(Console console, Map<String, String> environment, Path repository) {
    this.console = console;
    this.environment = environment;
    folder = new UpFolder(repository);
    workers =
        new UpWorkers(
            folder,
            UpPorts.from(environment),
            Boolean.parseBoolean(environment.get("SALLYPORT_NATIVE")));
  }

  /** Runs until it is told to stop. */
  public static void main(String[] arguments) {
    var console = new Console();
    try {
      List<String> options = List.of(arguments);
      if (!List.of("--fresh", "--environment").containsAll(options)) {
        throw StackError.badSetting("Usage: ./sallyport up [--fresh]");
      }
      var up = new Up(console, System.getenv(), Path.of(""));
      if (options.contains("--environment")) {
        up.writeEnvironment();
        return;
      }
      up.run(options.contains("--fresh"));
    } catch (StackError e) {
      console.fail(e.sentence());
    } catch (IOException e) {
      console.fail(StackError.failed("use .sallyport", e).sentence());
    }
    System.exit(FAILED);
  }

  /** Returns when something crashed; all is stopped by the shutdown hook. */
  private void run(boolean fresh) throws IOException {
    folder.create();
    var lock = DirectoryLock.take(folder.path());
    try {
      start(fresh, lock);
    } catch (StackError | UncheckedIOException e) {
      throw folder.explained(e);
    }
  }

  private void start(boolean fresh, DirectoryLock lock) throws IOException {
    for (String worker : List.of(UpWorkers.USER_WORKER, UpWorkers.DATA_WORKER)) {
      Leftover.end(folder.pidFile(worker), workers.target(worker).toString(), "TERM");
    }
    var stack = LocalStack.prepare(settings());
    stack.servers().forEach(StoreServer::endLeftover);
    if (fresh) {
      folder.forget();
      stack = LocalStack.prepare(settings());
    }
    workers.ports().requireFree();
    folder.requireSpace();

    var session = new UpSession(console, stack, lock);
    console.say("Starting Sallyport, with data in " + folder.path());
    session.startStores();
    var credentials = Credentials.in(folder.credentials());
    folder.createCookieJar();
    session.startWorkers(workers, keepEnvironments(stack, credentials), environment);
    session.awaitSignIn(workers.signIn(credentials));
    console.step("ready");
    Welcome.lines(folder, workers.address(), credentials, calledFrom()).forEach(console::say);
    session.awaitCrash();
  }

  private void writeEnvironment() throws IOException {
    folder.create();
    var stack = LocalStack.prepare(settings());
    keepEnvironments(stack, Credentials.in(folder.credentials()));
    console.say("Wrote " + folder.environmentFile("{user-worker,data-worker}"));
  }

  private Map<String, Map<String, String>> keepEnvironments(
      LocalStack stack, Credentials credentials) throws IOException {
    var environments =
        Map.of(
            UpWorkers.USER_WORKER,
            workers.userWorkerEnvironment(stack.userWorkerEnvironment(), credentials),
            UpWorkers.DATA_WORKER,
            workers.dataWorkerEnvironment(stack.dataWorkerEnvironment()));
    for (var entry : environments.entrySet()) {
      workers.keep(entry.getKey(), entry.getValue());
    }
    return environments;
  }

  private StackSettings settings() {
    UpPorts ports = workers.ports();
    return new StackSettings(folder.path(), ports.postgres(), ports.redis(), ports.kafka());
  }

  /** The folder of the person's shell; the launcher may have changed to another. */
  private Path calledFrom() {
    return Path.of(System.getProperty(CALLED_FROM, "")).toAbsolutePath().normalize();
  }
}
