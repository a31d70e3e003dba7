package dev.sallyport.system;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Reads HTTP/1.1 heads and bodies from a stream, plainly and strictly: what it calls whole is whole
 * by RFC 9112. Confined to one thread.
 */
final class HttpReader {
  private static final int HEAD_BYTES_MAX = 256 * 1024;

  /** A body, and whether it ended as its framing said it would. */
  record Body(Bytes bytes, boolean whole) {}

  private final InputStream in;

  HttpReader(InputStream in) {
    this.in = in;
  }

  /** The lines of the next head, or empty where the stream ends before its first byte. */
  Optional<List<String>> head() throws IOException {
    var bytes = new ByteArrayOutputStream();
    for (int matched = 0; matched < 4; ) {
      int b = in.read();
      if (b < 0) {
        if (bytes.size() == 0) {
          return Optional.empty();
        }
        throw new IOException("the stream ended in mid-head: " + text(bytes.toByteArray()));
      }
      bytes.write(b);
      matched = b == (matched % 2 == 0 ? '\r' : '\n') ? matched + 1 : b == '\r' ? 1 : 0;
      if (bytes.size() > HEAD_BYTES_MAX) {
        throw new IOException("a head of more than " + HEAD_BYTES_MAX + " bytes");
      }
    }
    return Optional.of(List.of(text(bytes.toByteArray()).strip().split("\r\n", -1)));
  }

  /** The lines of the next head; an exception where the stream ends first. */
  List<String> nextHead() {
    try {
      return head().orElseThrow(() -> new IOException("the stream has ended"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A body with a length; not whole where the stream ends before it. */
  Body sized(long length) throws IOException {
    byte[] bytes = in.readNBytes(Math.toIntExact(length));
    return new Body(Bytes.of(bytes), bytes.length == length);
  }

  /** The first bytes of a body. */
  Bytes sizedBody(int length) {
    try {
      return sized(length).bytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A chunked body with its last chunk and trailers; not whole where the stream ends before it. */
  Body chunked() throws IOException {
    var body = new ByteArrayOutputStream();
    while (true) {
      var size = line();
      if (size.isEmpty()) {
        return new Body(Bytes.of(body.toByteArray()), false);
      }
      int length = Integer.parseInt(size.get().split(";", 2)[0].strip(), 16);
      if (length == 0) {
        return new Body(Bytes.of(body.toByteArray()), trailersEnd());
      }
      byte[] chunk = in.readNBytes(length);
      body.writeBytes(chunk);
      if (chunk.length < length || line().isEmpty()) {
        return new Body(Bytes.of(body.toByteArray()), false);
      }
    }
  }

  /** A body that ends with the connection. */
  Body untilClosed() throws IOException {
    return new Body(Bytes.of(in.readAllBytes()), true);
  }

  private boolean trailersEnd() throws IOException {
    for (var line = line(); line.isPresent(); line = line()) {
      if (line.get().isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private Optional<String> line() throws IOException {
    var bytes = new ByteArrayOutputStream();
    for (int b = in.read(); b >= 0; b = in.read()) {
      if (b == '\n') {
        return Optional.of(text(bytes.toByteArray()).stripTrailing());
      }
      bytes.write(b);
    }
    return Optional.empty();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }
}
