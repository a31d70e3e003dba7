package dev.sallyport.user;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/** One TCP connection, for what no HTTP client would send. Confined to one thread. */
public final class RawClient implements AutoCloseable {
  private static final int PATIENCE_MILLIS = 20_000;
  private static final Pattern LENGTH = Pattern.compile("(?im)^content-length: *([0-9]+)$");

  private final Socket socket;
  private final InputStream in;

  /**
   * One answer.
   *
   * @param head status line and headers, each with its CR LF
   */
  public record Answer(String head, String body) {
    public int status() {
      return Integer.parseInt(head.substring(9, 12));
    }

    /** How often a header is there. */
    public long count(String header) {
      return head.lines()
          .filter(line ->
              line.toLowerCase(Locale.ROOT).startsWith(header.toLowerCase(Locale.ROOT) + ":"))
          .count();
    }
  }

  public RawClient(int port) {
    try {
      socket = new Socket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout(PATIENCE_MILLIS);
      socket.setTcpNoDelay(true);
      in = new BufferedInputStream(socket.getInputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends each character as one byte. */
  public RawClient send(String text) {
    return send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  public RawClient send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads up to and with the empty line. */
  public String readHead() {
    var head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int next = read();
      if (next < 0) {
        throw new AssertionError("closed after: " + head.toString(StandardCharsets.ISO_8859_1));
      }
      head.write(next);
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  /** Reads an answer with a length. */
  public Answer readAnswer() {
    var head = readHead();
    var length = LENGTH.matcher(head);
    if (!length.find()) {
      throw new AssertionError("no length: " + head);
    }
    return new Answer(head, text(readBytes(Integer.parseInt(length.group(1)))));
  }

  public byte[] readBytes(int count) {
    try {
      return in.readNBytes(count);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is left until the other side closes; a reset counts as closed. */
  public String readToEnd() {
    var rest = new ByteArrayOutputStream();
    try {
      for (int next = in.read(); next >= 0; next = in.read()) {
        rest.write(next);
      }
    } catch (java.net.SocketException reset) {
      return text(rest.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text(rest.toByteArray());
  }

  private int read() {
    try {
      return in.read();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
