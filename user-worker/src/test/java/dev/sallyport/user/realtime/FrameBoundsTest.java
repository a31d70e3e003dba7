package dev.sallyport.user.realtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameBoundsTest {
  private static final int TEXT = 0x81;
  private static final int FIRST_FRAGMENT = 0x01;
  private static final int CONTINUATION = 0x00;
  private static final int PING = 0x89;
  private static final int CLOSE = 0x88;

  private static Buffer frame(int first, boolean masked, int length) {
    var frame = Buffer.buffer().appendByte((byte) first);
    int mask = masked ? 0x80 : 0;
    if (length < 126) {
      frame.appendByte((byte) (mask | length));
    } else if (length <= 0xffff) {
      frame.appendByte((byte) (mask | 126)).appendUnsignedShort(length);
    } else {
      frame.appendByte((byte) (mask | 127)).appendLong(length);
    }
    if (masked) {
      frame.appendInt(0x88888888);
    }
    // A payload that looks like close frames all over.
    var payload = new byte[length];
    Arrays.fill(payload, (byte) 0x88);
    return frame.appendBytes(payload);
  }

  /** Where frames end, found with the bytes cut into these pieces. */
  private static List<Integer> ends(FrameBounds bounds, List<Buffer> pieces) {
    var ends = new ArrayList<Integer>();
    int before = 0;
    for (var piece : pieces) {
      int at = 0;
      while (at < piece.length()) {
        at = bounds.followFrame(piece, at);
        if (bounds.isBetween()) {
          ends.add(before + at);
        }
      }
      before += piece.length();
    }
    return ends;
  }

  @ParameterizedTest
  @CsvSource({"true", "false"})
  void framesEndWhereTheyEndHoweverTheyAreCutInTwo(boolean masked) {
    var bytes = Buffer.buffer();
    var ends = new ArrayList<Integer>();
    for (int length : new int[] {0, 1, 125, 126, 127, 0, 300}) {
      bytes.appendBuffer(frame(length == 1 ? PING : TEXT, masked, length));
      ends.add(bytes.length());
    }
    for (int cut = 0; cut <= bytes.length(); cut++) {
      var bounds = new FrameBounds();
      assertThat(ends(bounds, List.of(bytes.slice(0, cut), bytes.slice(cut, bytes.length()))))
          .as("cut at %d", cut)
          .isEqualTo(ends);
      assertThat(bounds.hasClose()).isFalse();
    }
  }

  @Test
  void andByteForByteOrCutAtRandom() {
    var random = new Random(7217);
    for (int round = 0; round < 300; round++) {
      var bytes = Buffer.buffer();
      var ends = new ArrayList<Integer>();
      for (int i = 0; i < 8; i++) {
        int length = random.nextInt(4) == 0 ? random.nextInt(70_000) : random.nextInt(130);
        int first = List.of(TEXT, FIRST_FRAGMENT, CONTINUATION, PING).get(random.nextInt(4));
        bytes.appendBuffer(frame(first, random.nextBoolean(), length));
        ends.add(bytes.length());
      }
      int most = round % 10 == 0 ? 1 : 1 + random.nextInt(2000);
      var pieces = new ArrayList<Buffer>();
      for (int at = 0; at < bytes.length(); ) {
        int next = Math.min(bytes.length(), at + 1 + random.nextInt(most));
        pieces.add(bytes.slice(at, next));
        at = next;
      }
      assertThat(ends(new FrameBounds(), pieces)).as("round %d", round).isEqualTo(ends);
      var whole = new FrameBounds();
      pieces.forEach(whole::follow);
      assertThat(whole.isBetween()).isTrue();
    }
  }

  @Test
  void aFrameThatIsUnderWayIsNoBoundary() {
    var bytes = frame(TEXT, false, 300);
    for (int sent = 1; sent < bytes.length(); sent++) {
      var bounds = new FrameBounds();
      bounds.follow(bytes.slice(0, sent));
      assertThat(bounds.isBetween()).as("%d bytes", sent).isFalse();
      assertThat(bounds.followFrame(bytes, sent)).isEqualTo(bytes.length());
      assertThat(bounds.isBetween()).isTrue();
    }
  }

  @Test
  void aCloseFrameIsKnownFromItsFirstByte() {
    for (var before : List.of(Buffer.buffer(), frame(TEXT, true, 200), frame(PING, false, 5))) {
      var bounds = new FrameBounds();
      bounds.follow(before);
      assertThat(bounds.hasClose()).isFalse();
      var close = frame(CLOSE, false, 2);
      bounds.follow(close.slice(0, 1));
      assertThat(bounds.hasClose()).isTrue();
      assertThat(bounds.isBetween()).isFalse();
      bounds.follow(close.slice(1, close.length()));
      assertThat(bounds.hasClose()).isTrue();
      assertThat(bounds.isBetween()).isTrue();
    }
  }

  @Test
  void nothingIsABoundaryAndNoClose() {
    var bounds = new FrameBounds();
    bounds.follow(Buffer.buffer());
    assertThat(bounds.isBetween()).isTrue();
    assertThat(bounds.hasClose()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MAX_VALUE, Long.MAX_VALUE - 2, Long.MIN_VALUE, -1, 1L << 33})
  void aFrameOfAnAbsurdLengthDoesNotEnd(long length) {
    var bounds = new FrameBounds();
    bounds.follow(Buffer.buffer(new byte[] {(byte) TEXT, (byte) 0xff}).appendLong(length));
    bounds.follow(Buffer.buffer(new byte[100_000]));
    assertThat(bounds.isBetween()).isFalse();
  }

  @Test
  void aFrameOfMoreThanFourGibibytesEnds() {
    var bounds = new FrameBounds();
    long length = (1L << 32) + 5;
    bounds.follow(Buffer.buffer(new byte[] {(byte) TEXT, 127}).appendLong(length));
    var piece = Buffer.buffer(new byte[1 << 20]);
    for (int i = 0; i < 4096; i++) {
      bounds.follow(piece);
    }
    assertThat(bounds.isBetween()).isFalse();
    bounds.follow(piece.slice(0, 5));
    assertThat(bounds.isBetween()).isTrue();
  }
}
