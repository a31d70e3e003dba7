package dev.sallyport.system;

import java.time.Duration;
import java.util.UUID;
import org.HdrHistogram.Histogram;

/**
 * Messages that are sent over HTTP and asked after until they have taken effect, each as soon as
 * the last one has; one at a time over one connection. Confined to one thread.
 */
final class HandledMessages {
  private static final long LATENCY_MAX_NANOS = 60_000_000_000L;

  /** Else a message that never takes effect would keep the bench for ever. */
  private static final int ASKED_MAX = 100_000;

  private final Deployment deployment;
  private final String bearer;

  HandledMessages(Deployment deployment, String bearer) {
    this.deployment = deployment;
    this.bearer = bearer;
  }

  /** From before the send to the first answer that shows the effect, in nanoseconds. */
  Histogram run(Duration length) {
    var latencies = new Histogram(LATENCY_MAX_NANOS, 3);
    try (var socket = RawSocket.connect(deployment.userWorker().port())) {
      long began = System.nanoTime();
      for (long now = began; now - began < length.toNanos(); now = System.nanoTime()) {
        one(socket);
        latencies.recordValue(Math.min(System.nanoTime() - now, LATENCY_MAX_NANOS));
      }
    }
    return latencies;
  }

  private void one(RawSocket socket) {
    var key = UUID.randomUUID().toString();
    var sent =
        socket
            .send(
                WorkflowBench.post(
                    "/api/queues/sample/messages", bearer, "{\"body\":{\"key\":\"" + key + "\"}}"))
            .answer();
    if (sent.status() != 202) {
      throw new IllegalStateException("not sent: " + sent);
    }
    var ask =
        RawSocket.head(
            "GET /api/internal/sample/counters/" + key + " HTTP/1.1", "Authorization: " + bearer);
    for (int asked = 0; !socket.send(ask).answer().text().contains("\"value\":1"); asked++) {
      if (asked > ASKED_MAX) {
        throw new IllegalStateException("never handled: " + key);
      }
    }
  }
}
