package dev.sallyport.system;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/**
 * One connection of a {@link LoadGenerator} and the answer that it is reading. Confined to one
 * thread.
 */
final class LoadConnection {
  private static final byte[] END = {'\r', '\n', '\r', '\n'};
  private static final byte[] LENGTH = {
    'c', 'o', 'n', 't', 'e', 'n', 't', '-', 'l', 'e', 'n', 'g', 't', 'h', ':'
  };

  private final SocketChannel channel;
  private final boolean strict;
  private final byte[] bytes = new byte[16 * 1024];
  private final ByteBuffer in = ByteBuffer.wrap(bytes);
  private long sentAt;
  private int bodyAt;
  private int answerBytes;

  /**
   * @param strict whether an answer that is no 200 is an exception
   */
  LoadConnection(SocketChannel channel, boolean strict) {
    this.channel = channel;
    this.strict = strict;
  }

  /** Whether the answer is of this status and has this in its body. */
  boolean is(int status, byte[] part) {
    int found = (bytes[9] - '0') * 100 + (bytes[10] - '0') * 10 + (bytes[11] - '0');
    return found == status && contains(part);
  }

  private boolean contains(byte[] part) {
    for (int at = bodyAt; at <= in.position() - part.length; at++) {
      if (Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
        return true;
      }
    }
    return false;
  }

  /** When the last request was sent, as {@link System#nanoTime} counts. */
  long sentAt() {
    return sentAt;
  }

  void close() throws IOException {
    channel.close();
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
      bodyAt = end + END.length;
      answerBytes = bodyAt + contentLength(end);
    }
    if (in.position() > answerBytes || answerBytes > bytes.length) {
      throw new IOException("more than one answer that fits: " + text());
    }
    return in.position() == answerBytes;
  }

  private int contentLength(int end) throws IOException {
    if (strict && (bytes[9] != '2' || bytes[10] != '0' || bytes[11] != '0')) {
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

  /** What was read so far. */
  String text() {
    return Bytes.of(Arrays.copyOf(bytes, in.position())).latin1();
  }
}
