package dev.sallyport.data.service.echo;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.data.RawConnection;
import dev.sallyport.data.UserWorker;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Speaks the bytes of RFC 6455 itself, to see each frame as it is. */
@QuarkusTest
class EchoSocketTest {
  private static final String SOCKET = "/api/internal/echo/socket";
  private static final int CONTINUATION = 0x0;
  private static final int TEXT = 0x1;
  private static final int BINARY = 0x2;
  private static final int CLOSE = 0x8;
  private static final int PING = 0x9;
  private static final int PONG = 0xA;

  @TestHTTPResource("/")
  URI base;

  private RawConnection raw;
  private byte[] unread = {};

  @BeforeEach
  void open() {
    var worker = UserWorker.calling(base);
    raw = RawConnection.to(worker.port());
    var headers = worker.headers("GET", SOCKET, null);
    headers.put("Connection", "Upgrade");
    headers.put("Upgrade", "websocket");
    headers.put("Sec-WebSocket-Version", "13");
    headers.put("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==");
    headers.put("Sec-WebSocket-Extensions", "permessage-deflate");
    raw.head("GET " + SOCKET, headers);
    assertThat(raw.readUntil("\r\n\r\n"))
        .startsWith("HTTP/1.1 101 ")
        // Compression would cost each idle socket a window.
        .doesNotContainIgnoringCase("permessage-deflate");
  }

  @AfterEach
  void close() {
    raw.close();
  }

  @Test
  void textAndBinaryFramesComeBackAsTheyWere() {
    send(true, TEXT, "grüß".getBytes(UTF_8));
    assertFrame(true, TEXT, "grüß".getBytes(UTF_8));
    send(true, BINARY, new byte[] {0, -1, 1});
    assertFrame(true, BINARY, new byte[] {0, -1, 1});
    send(true, TEXT, new byte[0]);
    assertFrame(true, TEXT, new byte[0]);
  }

  @Test
  void theFragmentsOfAMessageComeBackAsFragments() {
    // The two bytes of one character, in two frames.
    send(false, TEXT, new byte[] {(byte) 0xc3});
    assertFrame(false, TEXT, new byte[] {(byte) 0xc3});
    send(true, CONTINUATION, new byte[] {(byte) 0xbc});
    assertFrame(true, CONTINUATION, new byte[] {(byte) 0xbc});
  }

  @Test
  void aTextThatIsNoUtf8ClosesTheSocket() {
    send(true, TEXT, "grüß".getBytes(ISO_8859_1));
    var closed = frame();
    assertThat(closed.opcode()).isEqualTo(CLOSE);
    assertThat(closed.payload()).as("1007 in two bytes").startsWith("\u0003\u00ef");
  }

  @Test
  void aPingIsAnsweredWithItsContent() {
    send(true, PING, new byte[] {1, 2});
    assertFrame(true, PONG, new byte[] {1, 2});
  }

  @Test
  void aCloseComesBackWithItsCodeAndEndsTheConnection() {
    send(true, CLOSE, new byte[] {0x0f, (byte) 0xa1, 'b', 'y', 'e'});
    assertFrame(true, CLOSE, new byte[] {0x0f, (byte) 0xa1, 'b', 'y', 'e'});
    assertThat(raw.readToEnd()).isEmpty();
  }

  @Test
  void aCloseWithoutACodeIsAnsweredAsANormalOne() {
    send(true, CLOSE, new byte[0]);
    assertFrame(true, CLOSE, new byte[] {0x03, (byte) 0xe8});
    assertThat(raw.readToEnd()).isEmpty();
  }

  @Test
  void aFrameOfSixtyFourKibibytesIsTakenAndALargerOneClosesTheSocket() {
    var largest = new byte[64 * 1024];
    Arrays.fill(largest, (byte) 7);
    send(true, BINARY, largest);
    assertFrame(true, BINARY, largest);
    send(true, BINARY, new byte[64 * 1024 + 1]);
    var closed = frame();
    assertThat(closed.opcode()).isEqualTo(CLOSE);
    assertThat(closed.payload()).as("1009 in two bytes").startsWith("\u0003\u00f1");
  }

  @Test
  void whoSendsAndNeverReadsIsStopped() {
    assertThat(accepted(raw, masked(true, BINARY, new byte[32 * 1024])))
        .isLessThan(64L * 1024 * 1024);
  }

  @Test
  void whoPingsAndNeverReadsIsStoppedToo() {
    assertThat(accepted(raw, masked(true, PING, new byte[125]))).isLessThan(64L * 1024 * 1024);
  }

  /** How many bytes the other side takes, written over and over, until it takes none for 2 s. */
  static long accepted(RawConnection raw, byte[] again) {
    long limit = 512L * 1024 * 1024;
    long written = 0;
    var bytes = ByteBuffer.wrap(again);
    while (written < limit && raw.writeSome(bytes, Duration.ofSeconds(2))) {
      if (!bytes.hasRemaining()) {
        written += again.length;
        bytes.rewind();
      }
    }
    return written;
  }

  /** One frame; its payload's bytes as characters. */
  private record Frame(boolean last, int opcode, String payload) {}

  private void assertFrame(boolean last, int opcode, byte[] payload) {
    assertThat(frame()).isEqualTo(new Frame(last, opcode, new String(payload, ISO_8859_1)));
  }

  private void send(boolean last, int opcode, byte[] payload) {
    raw.write(masked(last, opcode, payload));
  }

  /** RFC 6455, section 5.2, with a mask of zeroes. */
  private static byte[] masked(boolean last, int opcode, byte[] payload) {
    var frame = ByteBuffer.allocate(14 + payload.length);
    frame.put((byte) ((last ? 0x80 : 0) | opcode));
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else if (payload.length < 65536) {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(payload.length);
    }
    frame.putInt(0).put(payload);
    return Arrays.copyOf(frame.array(), frame.position());
  }

  /** The next frame but for the pings that every socket has, whenever their time comes. */
  private Frame frame() {
    var next = nextOfAll();
    while (next.opcode() == PING) {
      next = nextOfAll();
    }
    return next;
  }

  private Frame nextOfAll() {
    var head = ByteBuffer.wrap(take(2));
    int first = head.get() & 0xff;
    int length = head.get() & 0xff;
    if (length == 126) {
      length = ByteBuffer.wrap(take(2)).getShort() & 0xffff;
    } else if (length == 127) {
      length = (int) ByteBuffer.wrap(take(8)).getLong();
    }
    return new Frame((first & 0x80) != 0, first & 0xf, new String(take(length), ISO_8859_1));
  }

  private byte[] take(int count) {
    while (unread.length < count) {
      var some = raw.readSome();
      assertThat(some).as("the connection has ended").isNotEmpty();
      var more = Arrays.copyOf(unread, unread.length + some.length);
      System.arraycopy(some, 0, more, unread.length, some.length);
      unread = more;
    }
    var taken = Arrays.copyOf(unread, count);
    unread = Arrays.copyOfRange(unread, count, unread.length);
    return taken;
  }
}
