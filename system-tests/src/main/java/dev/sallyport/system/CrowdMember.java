package dev.sallyport.system;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One socket of a {@link RoomCrowd} in one room. It looks at what it is told byte by byte and
 * builds nothing, because it shares the cores with what it measures: a frame must have its fields
 * in the order in which docs/rooms.md shows them. Confined to the crowd's thread.
 */
final class CrowdMember {
  /** What comes before a frame's type, and the first letter of that. */
  private static final int TYPE_AT = "{\"type\":\"".length();

  private static final byte[] OFFSET = ascii("\"offset\":");
  private static final byte[] DUE = ascii("\"t\":");
  private static final byte[] ID = ascii("\"id\":\"");
  private static final byte[] EPOCH = ascii("\"epoch\":\"");
  private static final byte[] RECOVERED = ascii("\"recovered\":true");
  private static final byte[] RETRY_AFTER = ascii("retry-after: ");
  private static final byte[] HEAD_END = ascii("\r\n\r\n");
  private static final byte[] SWITCHED = ascii("HTTP/1.1 101 ");
  private static final int NO_CODE = 1005;

  /** Where it is with its connection. */
  enum Phase {
    AWAY,
    CONNECTING,
    UPGRADING,
    JOINING,
    IN
  }

  private final RoomCrowd crowd;
  private final CrowdTally tally;
  private final InetSocketAddress server;
  private final String room;
  private final String authorization;
  private @Nullable SocketChannel channel;
  private @Nullable SelectionKey key;
  private @Nullable ByteBuffer unsent;
  private byte[] rest = new byte[0];
  private Phase phase = Phase.AWAY;
  private @Nullable String epoch;
  private long next;
  private long againAfterSeconds;

  /** Offsets that were passed over; null while there are none. */
  private @Nullable Set<Long> missing;

  CrowdMember(RoomCrowd crowd, InetSocketAddress server, String room, String authorization) {
    this.crowd = crowd;
    this.server = server;
    this.tally = crowd.tally();
    this.room = room;
    this.authorization = authorization;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  String room() {
    return room;
  }

  boolean isIn() {
    return phase == Phase.IN;
  }

  /** The offset of the last message that it has seen. */
  long seen() {
    return next - 1;
  }

  /** Begins to connect; where it was before, it resumes. */
  void connect(Selector selector) throws IOException {
    rest = new byte[0];
    unsent = null;
    channel = SocketChannel.open();
    channel.configureBlocking(false);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    phase = Phase.CONNECTING;
    key = channel.register(selector, SelectionKey.OP_CONNECT, this);
    if (channel.connect(server)) {
      connected();
    }
  }

  /** The connection is ready for something. */
  void ready(ByteBuffer direct, byte[] bytes) {
    try {
      if (key().isConnectable() && channel().finishConnect()) {
        connected();
      }
      if (key().isValid() && key().isWritable()) {
        flush();
      }
      if (key().isValid() && key().isReadable()) {
        read(direct, bytes);
      }
    } catch (IOException e) {
      left("connection " + (phase == Phase.CONNECTING ? "refused" : "broken"));
    }
  }

  private SelectionKey key() {
    if (key == null) {
      throw new IllegalStateException("never connected");
    }
    return key;
  }

  private SocketChannel channel() {
    if (channel == null) {
      throw new IllegalStateException("never connected");
    }
    return channel;
  }

  private void connected() throws IOException {
    phase = Phase.UPGRADING;
    key().interestOps(SelectionKey.OP_READ);
    var resume = epoch == null ? "" : "?epoch=" + epoch + "&offset=" + seen();
    write(
        ascii(
            WsClient.handshake(
                "/api/internal/rooms/" + room + "/socket" + resume,
                "Sec-WebSocket-Protocol: sallyport.room.v1",
                "Authorization: " + authorization)));
  }

  /** Sends a text frame of plain ASCII. */
  void text(String text) {
    try {
      write(WsClient.encode(true, WsClient.TEXT, ascii(text)));
    } catch (IOException e) {
      left("connection broken");
    }
  }

  private void write(byte[] bytes) throws IOException {
    if (unsent != null) {
      unsent = ByteBuffer.allocate(unsent.remaining() + bytes.length).put(unsent).put(bytes).flip();
      return;
    }
    var out = ByteBuffer.wrap(bytes);
    channel().write(out);
    if (out.hasRemaining()) {
      unsent = out;
      key().interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
    }
  }

  private void flush() throws IOException {
    if (unsent != null) {
      channel().write(unsent);
      if (unsent.hasRemaining()) {
        return;
      }
      unsent = null;
    }
    key().interestOps(SelectionKey.OP_READ);
  }

  private void read(ByteBuffer direct, byte[] bytes) throws IOException {
    direct.clear().limit(bytes.length - rest.length);
    int count = channel().read(direct);
    if (count < 0) {
      left("connection closed");
      return;
    }
    long now = System.nanoTime();
    System.arraycopy(rest, 0, bytes, 0, rest.length);
    direct.flip().get(bytes, rest.length, count);
    int end = rest.length + count;
    int at = phase == Phase.UPGRADING ? upgraded(bytes, end) : 0;
    while (phase != Phase.AWAY && phase != Phase.UPGRADING) {
      int behind = frame(bytes, at, end, now);
      if (behind == at) {
        break;
      }
      at = behind;
    }
    if (at < end || rest.length > 0) {
      rest = Arrays.copyOfRange(bytes, at, end);
    }
  }

  /** Reads the answer to the upgrade; gives where it ends, or 0. */
  private int upgraded(byte[] bytes, int end) {
    int headEnd = find(HEAD_END, bytes, 0, end);
    if (headEnd < 0) {
      return 0;
    }
    if (!Arrays.equals(bytes, 0, SWITCHED.length, SWITCHED, 0, SWITCHED.length)) {
      againAfterSeconds = number(RETRY_AFTER, bytes, 0, headEnd);
      tally.refusal(new String(bytes, 0, end, StandardCharsets.UTF_8));
      left("answered " + new String(bytes, 9, 3, StandardCharsets.US_ASCII));
      return 0;
    }
    phase = Phase.JOINING;
    return headEnd + HEAD_END.length;
  }

  /** Reads one frame; gives where it ends, or where it begins while it is not all there. */
  private int frame(byte[] bytes, int at, int end, long now) {
    if (end - at < 2) {
      return at;
    }
    int length = bytes[at + 1] & 0x7f;
    int payload = at + 2;
    if (length >= 126) {
      int digits = length == 126 ? 2 : 8;
      if (end - payload < digits) {
        return at;
      }
      length = 0;
      for (int i = 0; i < digits; i++) {
        length = length << 8 | (bytes[payload++] & 0xff);
      }
    }
    int behind = payload + length;
    if (behind > bytes.length) {
      left("frame too large");
      return at;
    }
    if (behind > end) {
      return at;
    }
    switch (bytes[at] & 0x0f) {
      case WsClient.TEXT -> heard(bytes, payload, behind, now);
      case WsClient.PING -> pong(Arrays.copyOfRange(bytes, payload, behind));
      case WsClient.CLOSE ->
          left(
              "closed "
                  + (length < 2
                      ? NO_CODE
                      : (bytes[payload] & 0xff) << 8 | (bytes[payload + 1] & 0xff)));
      default -> tally.event("frame of another kind");
    }
    return behind;
  }

  private void pong(byte[] payload) {
    try {
      write(WsClient.encode(true, WsClient.PONG, payload));
    } catch (IOException e) {
      left("connection broken");
    }
  }

  private void heard(byte[] bytes, int from, int end, long now) {
    switch (bytes[from + TYPE_AT]) {
      case 'm' -> {
        seen(number(OFFSET, bytes, from, end));
        tally.delivery(number(DUE, bytes, from, end), now);
      }
      case 'a' -> crowd.acknowledged(number(ID, bytes, from, end), now);
      case 'w' -> welcome(bytes, from, end);
      case 'p' -> tally.event("presence");
      case 'e' ->
          tally.event("error " + new String(bytes, from, end - from, StandardCharsets.UTF_8));
      default -> tally.event("text of another kind");
    }
  }

  private void seen(long offset) {
    if (offset == next) {
      next++;
    } else if (offset > next) {
      missing = missing == null ? new HashSet<>() : missing;
      for (; next < offset; next++) {
        missing.add(next);
        tally.lost++;
      }
      next++;
    } else if (missing != null && missing.remove(offset)) {
      tally.lost--;
      tally.misordered++;
    } else {
      tally.doubled++;
    }
  }

  private void welcome(byte[] bytes, int from, int end) {
    boolean recovered = find(RECOVERED, bytes, from, end) >= 0;
    if (epoch != null) {
      tally.event(recovered ? "recovered" : "not recovered");
    }
    if (!recovered) {
      next = number(OFFSET, bytes, from, end) + 1;
    }
    int at = find(EPOCH, bytes, from, end) + EPOCH.length;
    int to = at;
    while (bytes[to] != '"') {
      to++;
    }
    epoch = new String(bytes, at, to - at, StandardCharsets.US_ASCII);
    phase = Phase.IN;
    crowd.entered();
  }

  /** The whole number behind the first such name; 0 for none. */
  private static long number(byte[] name, byte[] bytes, int from, int end) {
    int at = find(name, bytes, from, end);
    if (at < 0) {
      return 0;
    }
    long number = 0;
    for (at += name.length; at < end && bytes[at] >= '0' && bytes[at] <= '9'; at++) {
      number = number * 10 + (bytes[at] - '0');
    }
    return number;
  }

  private static int find(byte[] part, byte[] bytes, int from, int end) {
    byte first = part[0];
    for (int at = from; at <= end - part.length; at++) {
      if (bytes[at] == first && Arrays.equals(bytes, at, at + part.length, part, 0, part.length)) {
        return at;
      }
    }
    return -1;
  }

  private void left(String why) {
    if (phase != Phase.AWAY) {
      boolean wasIn = isIn();
      leave();
      tally.event(why);
      crowd.left(this, wasIn, Duration.ofSeconds(againAfterSeconds));
      againAfterSeconds = 0;
    }
  }

  /** Ends the connection without a word. */
  void leave() {
    phase = Phase.AWAY;
    try {
      if (channel != null) {
        channel.close();
      }
    } catch (IOException e) {
      tally.event("not closed: " + e.getMessage());
    }
  }
}
