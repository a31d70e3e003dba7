package dev.sallyport.system;

import java.time.Duration;
import java.util.regex.Pattern;
import org.HdrHistogram.Histogram;

/**
 * Runs that are started by one call and asked after by others, each as soon as the last is
 * answered, until they are complete; one at a time over one connection. Confined to one thread.
 */
final class PolledRuns {
  private static final long LATENCY_MAX_NANOS = 60_000_000_000L;
  private static final Pattern ID = Pattern.compile("\"id\":\"([^\"]+)\"");

  /** Else a run that never ends would keep the bench for ever. */
  private static final int ASKED_MAX = 100_000;

  private final Deployment deployment;
  private final String bearer;

  PolledRuns(Deployment deployment, String bearer) {
    this.deployment = deployment;
    this.bearer = bearer;
  }

  LoadGenerator.Result run(Duration rampUp, Duration length, LoadGenerator.Window window) {
    try (var socket = RawSocket.connect(deployment.userWorker().port())) {
      many(socket, rampUp);
      window.begins();
      var result = many(socket, length);
      window.ends();
      return result;
    }
  }

  private LoadGenerator.Result many(RawSocket socket, Duration length) {
    var latencies = new Histogram(LATENCY_MAX_NANOS, 3);
    long began = System.nanoTime();
    long done = 0;
    for (long now = began; now - began < length.toNanos(); now = System.nanoTime()) {
      one(socket);
      latencies.recordValue(Math.min(System.nanoTime() - now, LATENCY_MAX_NANOS));
      done++;
    }
    return new LoadGenerator.Result(
        done, 0, null, Duration.ofNanos(System.nanoTime() - began), latencies);
  }

  private void one(RawSocket socket) {
    var answer =
        socket
            .send(WorkflowBench.post(WorkflowBench.STARTS, bearer, WorkflowBench.PARAMS))
            .answer();
    var id = ID.matcher(answer.text());
    if (answer.status() != 201 || !id.find()) {
      throw new IllegalStateException("not a run: " + answer);
    }
    var ask =
        RawSocket.head(
            "GET " + WorkflowBench.STARTS + "/" + id.group(1) + " HTTP/1.1",
            "Authorization: " + bearer);
    for (int asked = 0; !answer.text().contains(WorkflowBench.COMPLETE); asked++) {
      if (answer.status() >= 300 || asked > ASKED_MAX) {
        throw new IllegalStateException("not complete, but " + answer);
      }
      answer = socket.send(ask).answer();
    }
  }
}
