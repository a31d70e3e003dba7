package dev.sallyport.data.room;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * The newest messages of a log as frames, for those who come back soon. Confined to the room's
 * event loop.
 */
final class Recent {
  /** Frames that are kept, at most; and their bytes. */
  static final int FRAMES_MAX = 1_000;

  static final int BYTES_MAX = 512 * 1024;

  /** Where memory is short. */
  private static final int BYTES_LITTLE = 16 * 1024;

  @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
  private record Kept(long offset, byte[] frame) {}

  private final RoomMemory memory;
  private final ArrayDeque<Kept> kept = new ArrayDeque<>();
  private long head;
  private int bytes;

  /**
   * @param head the newest offset of the log
   * @param newest the last messages up to that one
   * @param memory told how much this keeps
   */
  Recent(long head, List<Message> newest, RoomMemory memory) {
    this.memory = memory;
    newest.forEach(message -> add(message.offset(), Frames.message(message)));
    this.head = head;
  }

  /** The newest offset. */
  long head() {
    return head;
  }

  void add(long offset, byte[] frame) {
    kept.add(new Kept(offset, frame));
    grow(frame.length);
    head = offset;
    while (kept.size() > FRAMES_MAX
        || bytes > BYTES_MAX
        || (bytes > BYTES_LITTLE && memory.isShort())) {
      grow(-kept.remove().frame().length);
    }
  }

  private void grow(int by) {
    bytes += by;
    memory.add(by);
  }

  /** Keeps nothing any more. */
  void close() {
    kept.clear();
    grow(-bytes);
  }

  /** Whether all that comes after this offset is here. */
  boolean reachesBackTo(long offset) {
    var first = kept.peek();
    return offset == head || (first != null && first.offset() <= offset + 1);
  }

  /** What comes after this offset. */
  List<byte[]> after(long offset) {
    var frames = new ArrayList<byte[]>();
    var all = kept.descendingIterator();
    while (all.hasNext()) {
      var one = all.next();
      if (one.offset() <= offset) {
        break;
      }
      frames.add(one.frame());
    }
    return frames.reversed();
  }
}
