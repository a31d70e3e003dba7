package dev.sallyport.data.room;

import dev.sallyport.data.platform.Ticker;
import dev.sallyport.data.room.Audience.Part;
import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where the members of a room are, and what is said to them: who comes in sees, from its welcome
 * on, all that is said, in one order. Confined to the room's event loop.
 */
final class Floor {
  /** design.md, section 9: frames of one user in a second, and after a rest. */
  static final int USER_FRAMES = 200;

  static final int USER_BURST = 1_000;

  /**
   * Between two writes to all, for each who is there: about what writing to it costs. So a large
   * room under load gathers several frames into each write, and a small one waits for nothing.
   */
  private static final Duration GAP_PER_MEMBER = Duration.ofNanos(50_000);

  private static final Duration GAP_MAX = Duration.ofMillis(50);

  /** Who came and went is said together; the larger the room, the longer it gathers. */
  private static final Duration PRESENCE_GAP = Duration.ofMillis(100);

  private static final Duration PRESENCE_GAP_PER_MEMBER = Duration.ofNanos(100_000);

  private final String name;
  private final String epoch;
  private final Recent recent;
  private final Shared shared;
  private final EventLoop loop;
  private final Ticker ticker;
  private final RoomMeters meters;
  private final BooleanSupplier held;
  private final Presence presence;
  private final Audience audience = new Audience();
  private final Set<Member> members = new HashSet<>();
  private final List<Entering> entering = new ArrayList<>();
  private boolean closed;
  private boolean due;
  private boolean presenceDue;
  private long wroteAt;

  /**
   * One that is let in with the next write.
   *
   * @param missed gives what it gets after the welcome
   * @param in told when it is in, or has left
   */
  private record Entering(
      Member member, boolean recovered, Supplier<List<byte[]>> missed, Runnable in) {}

  /**
   * @param held whether this worker may still speak for the room; asked before anything is said
   */
  Floor(
      String name,
      String epoch,
      Recent recent,
      Shared shared,
      EventLoop loop,
      Ticker ticker,
      RoomMeters meters,
      BooleanSupplier held) {
    this.name = name;
    this.epoch = epoch;
    this.recent = recent;
    this.shared = shared;
    this.loop = loop;
    this.ticker = ticker;
    this.meters = meters;
    this.held = held;
    this.presence = new Presence(() -> new Allowance(ticker, USER_FRAMES, USER_BURST));
    this.wroteAt = ticker.nanos() - GAP_MAX.toNanos();
  }

  boolean has(Member member) {
    return members.contains(member);
  }

  /** Users who are there. */
  Set<String> users() {
    return presence.users();
  }

  /** Whether this user may send one more frame. */
  boolean allows(String user) {
    return presence.allows(user);
  }

  /** Takes a member, which sees nothing before it is {@link #welcome}d. */
  void take(Member member) {
    members.add(member);
    meters.entered(1);
    presence.enters(member.user().id());
    announceSoon();
  }

  /** Lets it in without anything old. */
  void welcome(Member member) {
    enter(new Entering(member, false, List::of, () -> {}));
  }

  /** Lets it in with all that came after this offset, which is there. */
  void welcomeBack(Member member, long offset) {
    enter(new Entering(member, true, () -> recent.after(offset), () -> {}));
  }

  /**
   * Lets in one that gets what it has missed from the log.
   *
   * @param in told when it may be given that
   */
  void welcomeLate(Member member, Runnable in) {
    enter(new Entering(member, true, List::of, in));
  }

  private void enter(Entering one) {
    if (has(one.member())) {
      entering.add(one);
      writeSoon();
    } else {
      one.in().run();
    }
  }

  /**
   * Writes what comes after this offset to one that was let in late, and lets it hear messages from
   * then on, where that can be done without the log.
   *
   * @return whether there is nothing more to be done for it
   */
  boolean caughtUp(Member member, long offset) {
    if (!has(member)) {
      return true;
    }
    if (!recent.reachesBackTo(offset)) {
      return false;
    }
    write();
    var missed = recent.after(offset);
    member
        .loop()
        .execute(() -> {
          member.write(missed);
          member.catchUp(false);
        });
    return true;
  }

  void leave(Member member) {
    if (members.remove(member)) {
      meters.entered(-1);
      entering.removeIf(one -> one.member() == member);
      audience.leave(member);
      presence.leaves(member.user().id());
      announceSoon();
    }
  }

  /** Ends those for whom this holds. */
  void showOut(Predicate<Member> who, Closing why) {
    List.copyOf(members).stream().filter(who).forEach(member -> member.close(why));
  }

  /** Says something to all, soon. */
  void say(byte[] frame, boolean isMessage, @Nullable Member except) {
    audience.say(new Part(frame, isMessage, except));
    writeSoon();
  }

  private void writeSoon() {
    if (!due && !closed) {
      due = true;
      long gap = Math.min(GAP_MAX.toNanos(), members.size() * GAP_PER_MEMBER.toNanos());
      long wait = wroteAt + gap - ticker.nanos();
      if (wait <= 0) {
        loop.execute(this::writeNow);
      } else {
        var _ = loop.schedule(this::writeNow, wait, TimeUnit.NANOSECONDS);
      }
    }
  }

  private void writeNow() {
    due = false;
    if (!closed && held.getAsBoolean()) {
      write();
    }
  }

  /** First what was said, to those who are in, then those who come in with all that was said. */
  private void write() {
    wroteAt = ticker.nanos();
    meters.delivered(members.size() * audience.send());
    if (entering.isEmpty()) {
      return;
    }
    // Encoded once for all who come in together.
    var fresh = entering.stream().allMatch(Entering::recovered) ? null : frame(false);
    var back = entering.stream().anyMatch(Entering::recovered) ? frame(true) : null;
    for (var one : entering) {
      var first = new ArrayList<byte[]>();
      first.add(one.recovered() ? back : fresh);
      first.addAll(one.missed().get());
      audience.admit(one.member(), first);
      one.in().run();
    }
    entering.clear();
  }

  private byte[] frame(boolean recovered) {
    return Frames.welcome(
        name, epoch, recent.head(), recovered, presence.users(), shared.committed());
  }

  private void announceSoon() {
    if (!presenceDue && !closed) {
      presenceDue = true;
      long gap = PRESENCE_GAP.toNanos() + members.size() * PRESENCE_GAP_PER_MEMBER.toNanos();
      var _ = loop.schedule(this::announce, gap, TimeUnit.NANOSECONDS);
    }
  }

  private void announce() {
    presenceDue = false;
    var change = presence.change();
    if (!change.isEmpty() && !closed) {
      say(Frames.presence(change.joined(), change.left()), false, null);
    }
  }

  /** Says nothing any more, and tells all to come back elsewhere. */
  void close() {
    closed = true;
    showOut(all -> true, Closing.MOVED);
    entering.forEach(one -> one.in().run());
    entering.clear();
  }
}
