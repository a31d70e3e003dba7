package dev.sallyport.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;

/**
 * One TCP connection, for what no HTTP client would do: stop in mid-body, never read, look at the
 * end of a connection. Confined to one thread, but for one that reads beside one that writes.
 */
public final class RawConnection implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final SocketChannel channel;

  private RawConnection(SocketChannel channel) {
    this.channel = channel;
  }

  public static RawConnection to(int port) {
    try {
      var channel = SocketChannel.open(new InetSocketAddress("localhost", port));
      channel.configureBlocking(false);
      return new RawConnection(channel);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends a request's head; {@code first} is its first line without the protocol. */
  public RawConnection head(String first, Map<String, String> headers) {
    var head = new StringBuilder(first).append(" HTTP/1.1\r\nHost: localhost\r\n");
    headers.forEach((name, value) -> head.append(name + ": " + value + "\r\n"));
    write(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  public void write(byte[] bytes) {
    var left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      if (!writeSome(left, PATIENCE)) {
        throw new AssertionError("the other side takes no more");
      }
    }
  }

  /** Writes what fits; false when not a byte has fitted for {@code patience}. */
  public boolean writeSome(ByteBuffer bytes, Duration patience) {
    try {
      return channel.write(bytes) > 0 || await(SelectionKey.OP_WRITE, patience);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Some bytes, or none when the other side has closed. */
  public byte[] readSome() {
    try {
      var bytes = ByteBuffer.allocate(64 * 1024);
      int read = channel.read(bytes);
      while (read == 0) {
        if (!await(SelectionKey.OP_READ, PATIENCE)) {
          throw new AssertionError("the other side says nothing");
        }
        read = channel.read(bytes);
      }
      var some = new byte[Math.max(read, 0)];
      bytes.flip().get(some);
      return some;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Everything until the other side closes. */
  public String readToEnd() {
    var all = new ByteArrayOutputStream();
    for (var some = readSome(); some.length > 0; some = readSome()) {
      all.writeBytes(some);
    }
    return all.toString(StandardCharsets.ISO_8859_1);
  }

  /** Everything up to and with {@code end}. */
  public String readUntil(String end) {
    var all = new StringBuilder();
    while (all.indexOf(end) < 0) {
      var some = readSome();
      if (some.length == 0) {
        throw new AssertionError("closed after: " + all);
      }
      all.append(new String(some, StandardCharsets.ISO_8859_1));
    }
    return all.toString();
  }

  private boolean await(int operation, Duration patience) throws IOException {
    try (var selector = Selector.open()) {
      channel.register(selector, operation);
      return selector.select(patience.toMillis()) > 0;
    }
  }

  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
