package dev.sallyport.system;

import java.io.BufferedInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One TCP connection on which a test says exactly the bytes it means and reads the answers plainly.
 * No read takes longer than {@link #within}. One thread may write while another reads.
 */
final class RawSocket implements AutoCloseable {
  private static final Duration BOUND = Duration.ofSeconds(10);

  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;
  private final HttpReader reader;

  private RawSocket(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(new EndingStream(socket.getInputStream()), 64 * 1024);
    this.out = socket.getOutputStream();
    this.reader = new HttpReader(in);
  }

  /** Opens a connection to a port of this machine. */
  static RawSocket connect(int port) {
    return connect(port, 0);
  }

  /**
   * Opens a connection.
   *
   * @param receiveBuffer bytes that the kernel may hold unread, 0 for its own choice
   */
  static RawSocket connect(int port, int receiveBuffer) {
    try {
      var socket = new Socket();
      if (receiveBuffer > 0) {
        socket.setReceiveBufferSize(receiveBuffer);
      }
      socket.setTcpNoDelay(true);
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), port), (int) BOUND.toMillis());
      return new RawSocket(socket).within(BOUND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bounds each later read. */
  RawSocket within(Duration bound) {
    try {
      socket.setSoTimeout(Math.toIntExact(bound.toMillis()));
      return this;
    } catch (SocketException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends characters up to U+00FF as one byte each, nothing added. */
  RawSocket send(String text) {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  RawSocket send(byte[] bytes) {
    try {
      out.write(bytes);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A head as on the wire: the request line, {@code Host}, each line that is not empty, the end.
   */
  static String head(String requestLine, String... lines) {
    var head = new StringBuilder(requestLine).append("\r\nHost: localhost\r\n");
    for (var line : lines) {
      if (!line.isEmpty()) {
        head.append(line).append("\r\n");
      }
    }
    return head.append("\r\n").toString();
  }

  /** The next answer; an exception where none comes. */
  RawAnswer answer() {
    return answer(false);
  }

  RawAnswer answer(boolean head) {
    try {
      return RawAnswer.read(reader, head)
          .orElseThrow(() -> new IOException("the connection was closed without an answer"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Every answer until the other side closes.
   *
   * @throws AssertionError when the connection is still open at the bound
   */
  List<RawAnswer> answersUntilClosed() {
    var answers = new ArrayList<RawAnswer>();
    try {
      for (var next = RawAnswer.read(reader, false);
          next.isPresent();
          next = RawAnswer.read(reader, false)) {
        answers.add(next.get());
      }
    } catch (SocketTimeoutException e) {
      throw new AssertionError("still open after these answers: " + statuses(answers), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return answers;
  }

  private static List<Integer> statuses(List<RawAnswer> answers) {
    return answers.stream().map(RawAnswer::status).toList();
  }

  /** Whether the other side closes (or resets) within the bound, whatever it still sends. */
  boolean closes() {
    try {
      in.transferTo(OutputStream.nullOutputStream());
      return true;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The unread bytes, for callers with a protocol of their own. */
  InputStream in() {
    return in;
  }

  OutputStream out() {
    return out;
  }

  /** Tells the other side that no more comes; answers can still be read. */
  RawSocket finish() {
    try {
      socket.shutdownOutput();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A reset ends the stream like a close: a server that closes with unread bytes in its hands sends
   * one, and what was cut is seen by the framing.
   */
  private static final class EndingStream extends FilterInputStream {
    EndingStream(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      try {
        return super.read();
      } catch (SocketException e) {
        return -1;
      }
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      try {
        return super.read(bytes, offset, length);
      } catch (SocketException e) {
        return -1;
      }
    }
  }
}
