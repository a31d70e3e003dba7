package dev.sallyport.system;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * A closed loop over a fixed number of HTTP/1.1 connections: each sends a request as soon as it has
 * its last answer. One thread, non-blocking, requests rendered beforehand, because it runs on the
 * same cores as what it measures. A closed loop hides the wait of requests that were never sent;
 * its latencies are those of this load and no other.
 *
 * <p>Any answer but a 200 with a length ends the run with an exception. Confined to one thread.
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

  /** What is watched from outside while the load lasts. */
  interface Window {
    void begins();

    void ends();
  }

  /**
   * What one run gave.
   *
   * @param latencies in nanoseconds
   */
  record Result(long requests, Duration took, Histogram latencies) {
    double perSecond() {
      return requests / (took.toNanos() / 1e9);
    }
  }

  private final int port;
  private final Requests requests;
  private final int connections;

  LoadGenerator(int port, Requests requests, int connections) {
    this.port = port;
    this.requests = requests;
    this.connections = connections;
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
      var ready = new ArrayList<Connection>(connections);
      long until = began + ANSWERS_WITHIN.toNanos();
      if (run(selector, ready, until, enough, null) < enough) {
        throw new IOException("fewer than " + enough + " answers within " + ANSWERS_WITHIN);
      }
      return Duration.ofNanos(System.nanoTime() - began);
    });
  }

  /** What is done with open connections. */
  private interface Work<T> {
    T with(Selector selector, List<Connection> open) throws IOException;
  }

  private <T> T connected(Work<T> work) throws IOException {
    try (var selector = Selector.open()) {
      var open = new ArrayList<Connection>();
      try {
        for (int i = 0; i < connections; i++) {
          open.add(connect(selector));
        }
        return work.with(selector, open);
      } finally {
        for (var connection : open) {
          connection.channel.close();
        }
      }
    }
  }

  private Connection connect(Selector selector) throws IOException {
    var channel = SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    var connection = new Connection(channel);
    channel.register(selector, SelectionKey.OP_READ, connection);
    return connection;
  }

  private Result load(
      Selector selector, List<Connection> open, Duration rampUp, Duration length, Window window)
      throws IOException {
    var histogram = new Histogram(LATENCY_MAX_NANOS, 3);
    var ready = new ArrayList<Connection>(connections);
    begin(open);
    run(selector, ready, System.nanoTime() + rampUp.toNanos(), Long.MAX_VALUE, null);
    window.begins();
    long began = System.nanoTime();
    long done = run(selector, ready, began + length.toNanos(), Long.MAX_VALUE, histogram);
    long took = System.nanoTime() - began;
    window.ends();
    return new Result(done, Duration.ofNanos(took), histogram);
  }

  private void begin(List<Connection> open) throws IOException {
    for (var connection : open) {
      connection.send(requests.at(System.nanoTime()), System.nanoTime());
    }
  }

  private long run(
      Selector selector,
      List<Connection> ready,
      long until,
      long enough,
      @Nullable Histogram histogram)
      throws IOException {
    long done = 0;
    while (done < enough && System.nanoTime() < until) {
      selector.select(key -> ready.add((Connection) key.attachment()), 100);
      for (var connection : ready) {
        if (connection.answered()) {
          long now = System.nanoTime();
          done++;
          if (histogram != null) {
            histogram.recordValue(Math.min(now - connection.sentAt, LATENCY_MAX_NANOS));
          }
          connection.send(requests.at(now), now);
        }
      }
      ready.clear();
    }
    return done;
  }

  /** One connection and the answer that it is reading. */
  private static final class Connection {
    private static final byte[] END = {'\r', '\n', '\r', '\n'};
    private static final byte[] LENGTH = {
      'c', 'o', 'n', 't', 'e', 'n', 't', '-', 'l', 'e', 'n', 'g', 't', 'h', ':'
    };

    private final SocketChannel channel;
    private final byte[] bytes = new byte[16 * 1024];
    private final ByteBuffer in = ByteBuffer.wrap(bytes);
    private long sentAt;
    private int answerBytes;

    Connection(SocketChannel channel) {
      this.channel = channel;
    }

    void send(byte[] request, long now) throws IOException {
      in.clear();
      answerBytes = -1;
      sentAt = now;
      var out = ByteBuffer.wrap(request);
      while (out.hasRemaining()) {
        channel.write(out); // fits into the empty buffer of a connection that waits for nothing
      }
    }

    /** Reads what is there; true once that completes the answer. */
    boolean answered() throws IOException {
      if (channel.read(in) < 0) {
        throw new IOException("the connection was closed after: " + text());
      }
      if (answerBytes < 0) {
        int end = indexOf(END, 0, in.position());
        if (end < 0) {
          return false;
        }
        answerBytes = end + END.length + contentLength(end);
      }
      if (in.position() > answerBytes || answerBytes > bytes.length) {
        throw new IOException("more than one answer that fits: " + text());
      }
      return in.position() == answerBytes;
    }

    private int contentLength(int end) throws IOException {
      if (bytes[9] != '2' || bytes[10] != '0' || bytes[11] != '0') {
        throw new IOException("not a 200: " + text());
      }
      int at = indexOf(LENGTH, 0, end);
      if (at < 0) {
        throw new IOException("no Content-Length: " + text());
      }
      int length = 0;
      for (at += LENGTH.length; at < end && bytes[at] != '\r'; at++) {
        length = bytes[at] == ' ' ? length : length * 10 + (bytes[at] - '0');
      }
      return length;
    }

    /** The first place of {@code lower} before {@code to}, in any case of letters. */
    private int indexOf(byte[] lower, int from, int to) {
      for (int at = from; at <= to - lower.length; at++) {
        int i = 0;
        while (i < lower.length && lowered(bytes[at + i]) == lower[i]) {
          i++;
        }
        if (i == lower.length) {
          return at;
        }
      }
      return -1;
    }

    private static int lowered(byte b) {
      return b >= 'A' && b <= 'Z' ? b + 32 : b;
    }

    private String text() {
      return Bytes.of(Arrays.copyOf(bytes, in.position())).latin1();
    }
  }
}
