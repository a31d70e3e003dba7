package dev.sallyport.system;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * A WebSocket (RFC 6455) frame by frame: what is sent is one frame each, pings are not answered by
 * themselves, and nothing is put together. One thread may send while another reads.
 */
final class WsClient implements AutoCloseable {
  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  private static final int HEAD_BYTES_MAX = 14;
  private static final byte[] MASK = {0x12, 0x34, 0x56, 0x78};

  /** One frame. Immutable. */
  record Frame(boolean last, int opcode, Bytes payload) {
    String text() {
      return payload.text();
    }

    /** The code of a close frame, 1005 where it has none. */
    int closeCode() {
      return payload.length() < 2 ? 1005 : payload.buffer().getShort() & 0xffff;
    }
  }

  private final RawSocket socket;
  private final RawAnswer answer;
  private final DataInputStream in;

  private WsClient(RawSocket socket, RawAnswer answer) {
    this.socket = socket;
    this.answer = answer;
    this.in = new DataInputStream(socket.in());
  }

  /**
   * Asks for an upgrade.
   *
   * @param headers lines such as {@code Authorization: Bearer …}
   * @return the client; {@link #upgraded} says whether the server agreed
   */
  static WsClient open(int port, String target, String... headers) {
    return open(RawSocket.connect(port), target, headers);
  }

  static WsClient open(RawSocket socket, String target, String... headers) {
    socket.send(handshake(target, headers));
    return new WsClient(socket, socket.answer());
  }

  /** The bytes of an upgrade request. */
  static String handshake(String target, String... headers) {
    var lines = new ArrayList<String>();
    lines.add("GET " + target + " HTTP/1.1");
    lines.add("Host: localhost");
    lines.add("Connection: Upgrade");
    lines.add("Upgrade: websocket");
    lines.add("Sec-WebSocket-Version: 13");
    lines.add("Sec-WebSocket-Key: " + Base64.getEncoder().encodeToString(new byte[16]));
    lines.addAll(List.of(headers));
    return String.join("\r\n", lines) + "\r\n\r\n";
  }

  boolean upgraded() {
    return answer.status() == 101;
  }

  /** What the server said to the upgrade. */
  RawAnswer answer() {
    return answer;
  }

  WsClient text(String text) {
    return send(true, TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  WsClient binary(byte[] bytes) {
    return send(true, BINARY, bytes);
  }

  WsClient ping(String payload) {
    return send(true, PING, payload.getBytes(StandardCharsets.UTF_8));
  }

  WsClient sayClose(int code, String reason) {
    var text = reason.getBytes(StandardCharsets.UTF_8);
    return send(
        true, CLOSE, ByteBuffer.allocate(2 + text.length).putShort((short) code).put(text).array());
  }

  WsClient send(boolean last, int opcode, byte[] payload) {
    socket.send(encode(last, opcode, payload));
    return this;
  }

  /** The head of a whole message of one frame, without its payload. */
  static byte[] announce(int opcode, int length) {
    var frame = ByteBuffer.allocate(HEAD_BYTES_MAX);
    putHead(frame, true, opcode, length);
    return taken(frame);
  }

  private static void putHead(ByteBuffer frame, boolean last, int opcode, int length) {
    frame.put((byte) ((last ? 0x80 : 0) | opcode));
    if (length < 126) {
      frame.put((byte) (0x80 | length));
    } else if (length <= 0xffff) {
      frame.put((byte) (0x80 | 126)).putShort((short) length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(length);
    }
    frame.put(MASK);
  }

  private static byte[] taken(ByteBuffer frame) {
    byte[] bytes = new byte[frame.position()];
    frame.get(0, bytes);
    return bytes;
  }

  /** The bytes of one masked frame. */
  static byte[] encode(boolean last, int opcode, byte[] payload) {
    var frame = ByteBuffer.allocate(HEAD_BYTES_MAX + payload.length);
    putHead(frame, last, opcode, payload.length);
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ MASK[i % MASK.length]));
    }
    return taken(frame);
  }

  /** The next frame of any kind, or empty where the connection ends first. */
  Optional<Frame> next() {
    try {
      int first = in.read();
      if (first < 0) {
        return Optional.empty();
      }
      int second = in.readUnsignedByte();
      long length =
          switch (second & 0x7f) {
            case 126 -> in.readUnsignedShort();
            case 127 -> in.readLong();
            default -> second & 0x7f;
          };
      byte[] payload = in.readNBytes(Math.toIntExact(length));
      if (payload.length < length) {
        return Optional.empty();
      }
      return Optional.of(new Frame((first & 0x80) != 0, first & 0x0f, Bytes.of(payload)));
    } catch (EOFException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next frame that is not a ping or pong; an exception where the connection ends first. */
  Frame nextFrame() {
    while (true) {
      var frame = next().orElseThrow(() -> new IllegalStateException("the socket has ended"));
      if (frame.opcode() != PING && frame.opcode() != PONG) {
        return frame;
      }
    }
  }

  /** The payload of the next message, its fragments put together. */
  Bytes nextMessage() {
    var message = new ByteArrayOutputStream();
    var frame = nextFrame();
    append(frame, message);
    while (!frame.last()) {
      frame = nextFrame();
      append(frame, message);
    }
    return Bytes.of(message.toByteArray());
  }

  private static void append(Frame frame, ByteArrayOutputStream message) {
    var payload = frame.payload().buffer();
    while (payload.hasRemaining()) {
      message.write(payload.get());
    }
  }

  RawSocket socket() {
    return socket;
  }

  @Override
  public void close() {
    socket.close();
  }
}
