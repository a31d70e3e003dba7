package dev.sallyport.system;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * A closed loop over a fixed number of HTTP/1.1 connections: each sends a request as soon as it has
 * its last answer. One thread, non-blocking, requests rendered beforehand, because it runs on the
 * same cores as what it measures. A closed loop hides the wait of requests that were never sent;
 * its latencies are those of this load and no other.
 *
 * <p>Every answer must have a length. Unless it was said what to expect, any but a 200 ends the run
 * with an exception. Confined to one thread.
 */
final class LoadGenerator {
  private static final long LATENCY_MAX_NANOS = 60_000_000_000L;
  private static final Duration ANSWERS_WITHIN = Duration.ofMinutes(5);

  /** The bytes to send next. */
  interface Requests {
    /**
     * A whole request.
     *
     * @param nanoTime now, so that what must stay fresh can be renewed now and then
     */
    byte[] at(long nanoTime);
  }

  /**
   * What every answer must be; one that is not counts as failed.
   *
   * @param part what its body must contain; plain ASCII
   */
  record Expected(int status, String part) {}

  /** What is watched from outside while the load lasts. */
  interface Window {
    void begins();

    void ends();
  }

  /**
   * What one run gave.
   *
   * @param requests that were answered as expected
   * @param failed that were answered, but otherwise
   * @param firstFailure the whole first answer that was not as expected
   * @param latencies in nanoseconds, of all answers
   */
  record Result(
      long requests,
      long failed,
      @Nullable String firstFailure,
      Duration took,
      Histogram latencies) {
    double perSecond() {
      return requests / (took.toNanos() / 1e9);
    }
  }

  private final int port;
  private final Requests requests;
  private final int connections;
  private final @Nullable Expected expected;
  private final byte[] expectedPart;
  private long failed;
  private @Nullable String firstFailure;

  LoadGenerator(int port, Requests requests, int connections) {
    this(port, requests, connections, null);
  }

  /** One that looks at every answer. */
  LoadGenerator(int port, Requests requests, int connections, @Nullable Expected expected) {
    this.port = port;
    this.requests = requests;
    this.connections = connections;
    this.expected = expected;
    this.expectedPart =
        expected == null ? new byte[0] : expected.part().getBytes(StandardCharsets.US_ASCII);
  }

  /** Loads for {@code rampUp}, which does not count, then for {@code length}, which does. */
  Result run(Duration rampUp, Duration length, Window window) throws IOException {
    return connected((selector, open) -> load(selector, open, rampUp, length, window));
  }

  /**
   * Goes on until so many answers are there.
   *
   * @return how long that took
   * @throws IOException also where it takes more than five minutes
   */
  Duration answers(long enough) throws IOException {
    return connected((selector, open) -> {
      long began = System.nanoTime();
      begin(open);
      var ready = new ArrayList<LoadConnection>(connections);
      long until = began + ANSWERS_WITHIN.toNanos();
      if (run(selector, ready, until, enough, null) < enough) {
        throw new IOException("fewer than " + enough + " answers within " + ANSWERS_WITHIN);
      }
      return Duration.ofNanos(System.nanoTime() - began);
    });
  }

  /** What is done with open connections. */
  private interface Work<T> {
    T with(Selector selector, List<LoadConnection> open) throws IOException;
  }

  private <T> T connected(Work<T> work) throws IOException {
    try (var selector = Selector.open()) {
      var open = new ArrayList<LoadConnection>();
      try {
        for (int i = 0; i < connections; i++) {
          open.add(connect(selector));
        }
        return work.with(selector, open);
      } finally {
        for (var connection : open) {
          connection.close();
        }
      }
    }
  }

  private LoadConnection connect(Selector selector) throws IOException {
    var channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    var connection = new LoadConnection(channel, expected == null);
    channel.register(selector, SelectionKey.OP_READ, connection);
    return connection;
  }

  private Result load(
      Selector selector, List<LoadConnection> open, Duration rampUp, Duration length, Window window)
      throws IOException {
    var histogram = new Histogram(LATENCY_MAX_NANOS, 3);
    var ready = new ArrayList<LoadConnection>(connections);
    begin(open);
    run(selector, ready, System.nanoTime() + rampUp.toNanos(), Long.MAX_VALUE, null);
    failed = 0;
    firstFailure = null;
    window.begins();
    long began = System.nanoTime();
    long done = run(selector, ready, began + length.toNanos(), Long.MAX_VALUE, histogram);
    long took = System.nanoTime() - began;
    window.ends();
    return new Result(done - failed, failed, firstFailure, Duration.ofNanos(took), histogram);
  }

  private void begin(List<LoadConnection> open) throws IOException {
    for (var connection : open) {
      connection.send(requests.at(System.nanoTime()), System.nanoTime());
    }
  }

  private long run(
      Selector selector,
      List<LoadConnection> ready,
      long until,
      long enough,
      @Nullable Histogram histogram)
      throws IOException {
    long done = 0;
    while (done < enough && System.nanoTime() < until) {
      selector.select(key -> ready.add((LoadConnection) key.attachment()), 100);
      for (var connection : ready) {
        if (connection.answered()) {
          long now = System.nanoTime();
          done++;
          look(connection);
          if (histogram != null) {
            histogram.recordValue(Math.min(now - connection.sentAt(), LATENCY_MAX_NANOS));
          }
          connection.send(requests.at(now), now);
        }
      }
      ready.clear();
    }
    return done;
  }

  private void look(LoadConnection connection) {
    if (expected != null && !connection.is(expected.status(), expectedPart)) {
      failed++;
      firstFailure = firstFailure == null ? connection.text() : firstFailure;
    }
  }
}
