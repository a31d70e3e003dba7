package dev.sallyport.data.room;

import dev.sallyport.data.binding.Caller;
import dev.sallyport.data.binding.OpenSocket;
import io.netty.channel.EventLoop;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.WebSocketFrame;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * One socket in a room. Confined to the socket's event loop, but for what says otherwise.
 *
 * <p>Both directions are bounded: of what the client sends so much is on its way through the room,
 * and no more is read; of what it does not read so much waits, and it is told to come back later.
 */
final class Member {
  /** design.md, section 9. */
  static final long UNSENT_BYTES_MAX = 1024L * 1024;

  /** Frames of one socket that are on their way through the room. */
  static final int UNDER_WAY_MAX = 100;

  static final int UNDER_WAY_BYTES_MAX = 256 * 1024;

  /** So many more frames of a socket may be refused than are taken before it is closed. */
  static final int REFUSED_MAX = 2_000;

  /** How long one that was too slow has to read what waits for it, and why it ends. */
  private static final Duration SLOW_LINGER = Duration.ofSeconds(30);

  private static final Duration LINGER = Duration.ofSeconds(2);

  /** One frame counts as so much in {@link #underWay}: both bounds are in one number. */
  private static final int FRAME_BYTES = UNDER_WAY_BYTES_MAX / UNDER_WAY_MAX;

  private final OpenSocket socket;
  private final Caller.User user;
  private final OpenRoom room;
  private Buffer partial = Buffer.buffer();
  private final AtomicLong underWay = new AtomicLong();
  private boolean inParts;
  private boolean held;
  private boolean closing;
  private boolean catchingUp;
  private int place = -1;

  /** Confined to the room's event loop. */
  private int refused;

  Member(OpenSocket socket, Caller.User user, OpenRoom room) {
    this.socket = socket;
    this.user = user;
    this.room = room;
  }

  /** Never changes. */
  Caller.User user() {
    return user;
  }

  /** Never changes. */
  EventLoop loop() {
    return socket.loop();
  }

  /** Where its group keeps it; negative where it is in none. */
  int place() {
    return place;
  }

  void place(int now) {
    place = now;
  }

  boolean isClosing() {
    return closing;
  }

  /** Until it is told otherwise, messages come to it from the log. */
  void catchUp(boolean now) {
    catchingUp = now;
  }

  /** Begins to listen. */
  void begin() {
    socket.onFrame(this::read);
    socket.onClose(() -> {
      closing = true;
      room.execute(() -> room.leave(this));
    });
  }

  private void read(WebSocketFrame frame) {
    if (closing) {
      return;
    }
    if (frame.isBinary()) {
      close(Closing.BINARY);
    } else if (frame.isFinal() && !inParts) {
      heard(frame.textData());
    } else if (partial.length() + frame.binaryData().length() > Publishing.DATA_BYTES_MAX) {
      close(Closing.TOO_LARGE);
    } else {
      partial.appendBuffer(frame.binaryData());
      inParts = !frame.isFinal();
      if (!inParts) {
        var whole = partial.toString(StandardCharsets.UTF_8);
        partial = Buffer.buffer();
        heard(whole);
      }
    }
  }

  private void heard(String text) {
    long weight = weight(text);
    if (underWay.addAndGet(weight) > UNDER_WAY_BYTES_MAX) {
      held = true;
      socket.hold();
    }
    room.hear(this, text);
  }

  private static long weight(String text) {
    return (long) FRAME_BYTES + text.length();
  }

  /** A frame has been seen to. From any thread. */
  void seenTo(String text) {
    if (underWay.addAndGet(-weight(text)) <= UNDER_WAY_BYTES_MAX / 2) {
      loop()
          .execute(() -> {
            if (held && underWay.get() <= UNDER_WAY_BYTES_MAX / 2) {
              held = false;
              socket.release();
            }
          });
    }
  }

  /** One more frame that was refused; gives whether that is too many. On the room's event loop. */
  boolean refusedOneMore() {
    return ++refused > REFUSED_MAX;
  }

  /** On the room's event loop. */
  void took() {
    refused = Math.max(0, refused - 1);
  }

  /** Says something to this one alone. From any thread. */
  void tell(byte[] frame) {
    loop().execute(() -> write(List.of(frame)));
  }

  /** Writes whole frames. */
  void write(List<byte[]> frames) {
    if (isSlow() || frames.isEmpty()) {
      return;
    }
    socket.writeEncoded(Audience.joined(frames));
  }

  /** Writes what is said to all. */
  void write(Audience.Batch batch) {
    if (isSlow()) {
      return;
    }
    if (!catchingUp && !batch.exceptions().contains(this)) {
      socket.writeEncoded(batch.bytes().retainedDuplicate());
      return;
    }
    int at = 0;
    int from = 0;
    for (var part : batch.parts()) {
      boolean skip = (catchingUp && part.isMessage()) || part.except() == this;
      int end = at + part.frame().length;
      if (skip) {
        slice(batch, from, at);
        from = end;
      }
      at = end;
    }
    slice(batch, from, at);
  }

  private void slice(Audience.Batch batch, int from, int end) {
    if (from < end) {
      socket.writeEncoded(batch.bytes().retainedSlice(from, end - from));
    }
  }

  private boolean isSlow() {
    if (!closing && socket.unsentBytes() > UNSENT_BYTES_MAX) {
      room.tools().meters().tooSlow();
      close(Closing.TOO_SLOW);
    }
    return closing;
  }

  /** How much waits for the client to read. */
  long unsentBytes() {
    return socket.unsentBytes();
  }

  /** Ends it. From any thread. */
  void close(Closing why) {
    if (loop().inEventLoop()) {
      end(why);
    } else {
      loop().execute(() -> end(why));
    }
  }

  private void end(Closing why) {
    if (!closing) {
      closing = true;
      socket.closeBehind(why.code(), why.reason(), why == Closing.TOO_SLOW ? SLOW_LINGER : LINGER);
      room.execute(() -> room.leave(this));
    }
  }
}
