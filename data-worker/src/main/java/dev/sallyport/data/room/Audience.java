package dev.sallyport.data.room;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Those who are in a room, by the event loop that their sockets are on. What is said to all is
 * gathered and encoded once; each event loop then writes the same bytes to each of its sockets, in
 * one call, however many frames they are. Confined to the room's event loop.
 */
final class Audience {
  /** Frames that were not written yet, in the order of the room. */
  private final List<Part> parts = new ArrayList<>();

  private final IdentityHashMap<EventLoop, Group> groups = new IdentityHashMap<>();

  /**
   * A frame for all.
   *
   * @param isMessage whether one who is catching up gets it from the log
   * @param except who said it and does not hear it
   */
  @SuppressWarnings("ArrayRecordComponent") // passed on, never compared
  record Part(byte[] frame, boolean isMessage, @Nullable Member except) {}

  /** Several frames as they go over the network, and where each ends. */
  record Batch(ByteBuf bytes, List<Part> parts, Set<Member> exceptions) {}

  /** The members of one event loop; confined to that. */
  private static final class Group {
    private final List<Member> members = new ArrayList<>();

    void add(Member member) {
      member.place(members.size());
      members.add(member);
    }

    void remove(Member member) {
      int place = member.place();
      if (place >= 0) {
        var last = members.removeLast();
        if (last != member) {
          members.set(place, last);
          last.place(place);
        }
        member.place(-1);
      }
    }

    void write(Batch batch) {
      for (var member : members) {
        member.write(batch);
      }
    }
  }

  /** Says something to all, with the next {@link #send}. */
  void say(Part part) {
    parts.add(part);
  }

  /** Writes what was said to all who are in; gives how many frames that were. */
  int send() {
    int count = parts.size();
    if (count == 0) {
      return 0;
    }
    if (!groups.isEmpty()) {
      var batch = batch();
      groups.forEach((loop, group) -> {
        batch.bytes().retain();
        loop.execute(() -> {
          try {
            group.write(batch);
          } finally {
            batch.bytes().release();
          }
        });
      });
      batch.bytes().release();
    }
    parts.clear();
    return count;
  }

  private Batch batch() {
    int size = 0;
    Set<Member> exceptions = Set.of();
    for (var part : parts) {
      size += part.frame().length;
      if (part.except() != null) {
        exceptions = exceptions.isEmpty() ? new HashSet<>() : exceptions;
        exceptions.add(part.except());
      }
    }
    return new Batch(
        encoded(parts.stream().map(Part::frame).toList(), size), List.copyOf(parts), exceptions);
  }

  /** Whole frames behind each other, outside the heap, where the network takes them from. */
  private static ByteBuf encoded(List<byte[]> frames, int size) {
    var bytes = PooledByteBufAllocator.DEFAULT.directBuffer(size, size);
    frames.forEach(bytes::writeBytes);
    return bytes;
  }

  /** Lets one in: these frames first, then all that is said from now on. */
  void admit(Member member, List<byte[]> first) {
    var group = groups.computeIfAbsent(member.loop(), loop -> new Group());
    member
        .loop()
        .execute(() -> {
          member.write(first);
          if (!member.isClosing()) {
            group.add(member);
          }
        });
  }

  void leave(Member member) {
    var group = groups.get(member.loop());
    if (group != null) {
      member.loop().execute(() -> group.remove(member));
    }
  }

  /** Frames in one buffer. */
  static ByteBuf joined(List<byte[]> frames) {
    return encoded(frames, frames.stream().mapToInt(frame -> frame.length).sum());
  }
}
