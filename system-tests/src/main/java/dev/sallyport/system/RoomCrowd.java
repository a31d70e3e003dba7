package dev.sallyport.system;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.BooleanSupplier;

/**
 * Very many members of rooms, each with a socket of its own, who publish at a fixed pace and check
 * every delivery: each must see the offsets of its room one after the other. What is late is
 * counted from the time at which it was due, so a slow server cannot hide the wait of what was not
 * sent yet. One thread with non-blocking sockets. Confined to it.
 */
final class RoomCrowd implements AutoCloseable {
  private static final int READ_BYTES_MAX = 1024 * 1024;

  /** Publishes that may be without an ack. */
  private static final int UNACKNOWLEDGED_MAX = 1 << 18;

  private static final int SHIFT_EVERY = 100;

  /** Between two attempts to come back, with as much again at random. */
  private static final Duration AGAIN_AFTER = Duration.ofMillis(100);

  /**
   * A pace of publishes.
   *
   * @param by who publishes, one after the other
   * @param perSecond of all of them together
   * @param fill what goes into each message beside its time
   */
  record Pace(List<CrowdMember> by, int perSecond, String fill) {}

  private final List<InetSocketAddress> servers;
  private final Selector selector;
  private final CrowdTally tally = new CrowdTally();
  private final List<CrowdMember> members = new ArrayList<>();
  private final ByteBuffer direct = ByteBuffer.allocateDirect(READ_BYTES_MAX);
  private final byte[] bytes = new byte[READ_BYTES_MAX];
  private final long[] dueAt = new long[UNACKNOWLEDGED_MAX];
  private final ArrayDeque<CrowdMember> toConnect = new ArrayDeque<>();
  private final PriorityQueue<Comeback> comebacks =
      new PriorityQueue<>((a, b) -> Long.compare(a.at(), b.at()));
  private final Random random = new Random(1);

  /** No id of another run: a room remembers them. */
  private long sent = System.nanoTime();

  private int connecting;
  private int connectingMax = 256;
  private int in;
  private boolean comesBack;
  private boolean closing;

  private record Comeback(long at, CrowdMember member) {}

  /**
   * @param ports of user-workers, who get the members in turn
   */
  RoomCrowd(int... ports) throws IOException {
    this.servers =
        Arrays.stream(ports)
            .mapToObj(port -> new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .toList();
    this.selector = Selector.open();
  }

  CrowdTally tally() {
    return tally;
  }

  /** How many are in their rooms. */
  int in() {
    return in;
  }

  /** One more, who connects with the next {@link #run}. */
  CrowdMember add(String room, String authorization) {
    // Not in step with rooms that are filled in turn, so that each has members at every server.
    int turn = members.size() + members.size() / SHIFT_EVERY;
    var server = servers.get(turn % servers.size());
    var member = new CrowdMember(this, server, room, authorization);
    members.add(member);
    toConnect.add(member);
    return member;
  }

  /**
   * Whether those who are closed out come back at once, and again after a while where that fails.
   *
   * @param atOnce how many may be on their way in at one moment
   */
  RoomCrowd comesBack(boolean comesBack, int atOnce) {
    this.comesBack = comesBack;
    this.connectingMax = atOnce;
    return this;
  }

  /**
   * Lets all in.
   *
   * @return how long that took; who is refused tries again
   * @throws IOException where it takes longer than that
   */
  Duration enter(Duration within) throws IOException {
    long began = System.nanoTime();
    if (!run(within, () -> in == members.size())) {
      throw new IOException(
          in
              + " of "
              + members.size()
              + " are in after "
              + within
              + ": "
              + tally.events
              + " "
              + tally.refusal);
    }
    return Duration.ofNanos(System.nanoTime() - began);
  }

  /** Sees to the sockets until this is so; gives whether it came to be in time. */
  boolean run(Duration within, BooleanSupplier until) throws IOException {
    long deadline = System.nanoTime() + within.toNanos();
    while (!until.getAsBoolean()) {
      if (System.nanoTime() - deadline > 0) {
        return false;
      }
      turn(10);
    }
    return true;
  }

  /** Publishes at this pace for so long. */
  void publish(Pace pace, Duration length) throws IOException {
    long began = System.nanoTime();
    long count = pace.perSecond() * length.toNanos() / 1_000_000_000L;
    int next = 0;
    for (long i = 0; i < count; i++) {
      long due = began + i * 1_000_000_000L / pace.perSecond();
      while (due - System.nanoTime() > 0) {
        turn(1); // up to so much too late, which counts as the server's
      }
      publish(pace.by().get(next), due, pace.fill());
      next = next + 1 == pace.by().size() ? 0 : next + 1;
      if (i % 64 == 63) {
        turn(0); // a late one still reads
      }
    }
  }

  /** Publishes one message. */
  void publish(CrowdMember by, long due, String fill) {
    long id = ++sent;
    dueAt[(int) (id % UNACKNOWLEDGED_MAX)] = due;
    tally.published++;
    by.text(
        "{\"type\":\"publish\",\"id\":\""
            + id
            + "\",\"data\":{\"t\":"
            + due
            + ",\"fill\":\""
            + fill
            + "\"}}");
  }

  private void turn(int millis) throws IOException {
    while (!toConnect.isEmpty() && connecting < connectingMax) {
      connecting++;
      toConnect.remove().connect(selector);
    }
    if (!comebacks.isEmpty()) {
      long now = System.nanoTime();
      while (!comebacks.isEmpty() && comebacks.peek().at() <= now) {
        toConnect.add(comebacks.remove().member());
      }
    }
    if (millis == 0) {
      selector.selectNow(key -> ((CrowdMember) key.attachment()).ready(direct, bytes));
    } else {
      selector.select(key -> ((CrowdMember) key.attachment()).ready(direct, bytes), millis);
    }
  }

  /** One more was welcomed. */
  void entered() {
    in++;
    connecting--;
    tally.entered(System.nanoTime());
  }

  /**
   * A member's connection is over.
   *
   * @param againAfter what the server asks for; zero for nothing
   */
  void left(CrowdMember member, boolean wasIn, Duration againAfter) {
    if (wasIn) {
      in--;
    } else {
      connecting--;
    }
    if (comesBack && !closing) {
      long least = Math.max(AGAIN_AFTER.toNanos(), againAfter.toNanos());
      long wait = wasIn ? 0 : least + random.nextLong(least);
      comebacks.add(new Comeback(System.nanoTime() + wait, member));
    }
  }

  /** A publish was acknowledged. */
  void acknowledged(long id, long now) {
    tally.ack(dueAt[(int) (id % UNACKNOWLEDGED_MAX)], now);
  }

  @Override
  public void close() throws IOException {
    closing = true;
    members.forEach(CrowdMember::leave);
    selector.close();
  }
}
