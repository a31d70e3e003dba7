package dev.sallyport.system;

import dev.sallyport.model.WorkerHeaders;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;

/**
 * A user-worker in front of a {@link Recorder} instead of a data-worker, and somebody signed in
 * there: shows what leaves for what came.
 *
 * @param userWorker gives the private side {@link #TIMEOUT} to answer
 */
record Gate(Worker userWorker, Recorder recorder, Accounts.Session session)
    implements AutoCloseable {
  static final Duration TIMEOUT = Duration.ofSeconds(1);

  static Gate open(Deployment deployment) {
    var recorder = Recorder.start();
    var worker =
        deployment.anotherUserWorker(
            "user-worker-before-recorder",
            recorder.url(),
            Map.of("SALLYPORT_BINDINGS_BACKEND_SERVICE_TIMEOUT", TIMEOUT.toString()));
    return new Gate(worker, recorder, new Accounts(worker.http()).newSession());
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
    return "Authorization: " + session.bearer();
  }

  /** A call by an ordinary client. */
  Answer get(String target) {
    return userWorker.http().get(target, "Authorization", session.bearer());
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
