package dev.sallyport.system;

import dev.sallyport.model.WorkerHeaders;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

/**
 * A user-worker in front of a {@link Recorder} instead of a data-worker, and somebody signed in
 * there: shows what leaves for what came.
 */
final class Gate implements AutoCloseable {
  static final Duration TIMEOUT = Duration.ofSeconds(1);

  /** A run of all tests is longer than the 15 minutes that a token holds. */
  private static final Duration SIGN_IN_AGAIN_AFTER = Duration.ofMinutes(8);

  private final Worker userWorker;
  private final Recorder recorder;
  private final Accounts accounts;
  private Accounts.Session session;
  private long signedInAt = System.nanoTime();

  private Gate(Worker userWorker, Recorder recorder) {
    this.userWorker = userWorker;
    this.recorder = recorder;
    this.accounts = new Accounts(userWorker.http());
    this.session = accounts.newSession();
  }

  static Gate open(Deployment deployment) {
    var recorder = Recorder.start();
    var worker =
        deployment.anotherUserWorker(
            "user-worker-before-recorder",
            recorder.url(),
            Map.of("SALLYPORT_BINDINGS_BACKEND_SERVICE_TIMEOUT", TIMEOUT.toString()));
    return new Gate(worker, recorder);
  }

  /** Gives the private side {@link #TIMEOUT} to answer. */
  Worker userWorker() {
    return userWorker;
  }

  Recorder recorder() {
    return recorder;
  }

  /** Of one account; a new one at times. */
  synchronized Accounts.Session session() {
    if (System.nanoTime() - signedInAt > SIGN_IN_AGAIN_AFTER.toNanos()) {
      session = accounts.login(session.account());
      signedInAt = System.nanoTime();
    }
    return session;
  }

  /** A word that occurs in one test's requests only. */
  static String marker() {
    return "m" + UUID.randomUUID().toString().replace("-", "");
  }

  /** A new connection from a client. */
  RawSocket connect() {
    return RawSocket.connect(userWorker.port());
  }

  /** The header line by which the client is let in. */
  String authorization() {
    return "Authorization: " + session().bearer();
  }

  /** A call by an ordinary client. */
  Answer get(String target) {
    return userWorker.http().get(target, "Authorization", session().bearer());
  }

  /**
   * A head as on the wire: the request line, {@code Host}, {@code Authorization}, exactly these
   * lines, and the empty one.
   */
  String head(String requestLine, String... lines) {
    return RawSocket.head(requestLine, authorization(), String.join("\r\n", lines));
  }

  /** Whether a header's name is one of those that only the user-worker may write. */
  static boolean isOurs(String name) {
    return WorkerHeaders.ADDED_BY_USER_WORKER.stream().anyMatch(name::equalsIgnoreCase);
  }

  @Override
  public void close() {
    recorder.close();
  }
}
