package dev.sallyport.data.queue;

import dev.sallyport.data.queue.Delivery.Origin.Logged;
import dev.sallyport.data.queue.Delivery.Origin.Stored;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a worker knows of a partition that it consumes: what has arrived from the log and is not
 * settled, and which rows are being handled. Does nothing by itself, and asks nobody. Not
 * thread-safe.
 */
final class ShardMemory {
  /** Messages from the log in memory; more stay in the log. */
  static final int HELD_MAX = 2_000;

  /** Their bodies, in bytes. */
  static final long HELD_BYTES_MAX = 8L * 1024 * 1024;

  /**
   * Arrivals that are to be taken in, and what has to be moved to Postgres before them.
   *
   * @param gaps offsets that the log has no records for
   * @param mark when it was taken, among the blocks of keys
   */
  record Intake(List<Arrived> arrived, List<Delivery> toKeep, Offsets gaps, long mark) {
    boolean isEmpty() {
      return arrived.isEmpty() && toKeep.isEmpty() && gaps.isEmpty();
    }
  }

  private final ArrayDeque<Arrived> arrived = new ArrayDeque<>();
  private final Lanes lanes = new Lanes();

  /** What is behind us for good. */
  private final Offsets done;

  /** After the last offset that an earlier owner settled. */
  private final long leftAt;

  private final HeldBytes all;

  /** Rows that are in {@link #lanes} or being handled. */
  private final Set<Long> flying = new HashSet<>();

  private final HeldIds ids = new HeldIds();
  private final HeldUpKeys keys = new HeldUpKeys();
  private Offsets gaps = new Offsets();
  private long expected;
  private int held;
  private long heldBytes;
  private int handedOut;
  private boolean hasRows = true; // until somebody has looked

  /**
   * @param done what is behind us
   * @param all what this one and the others hold
   */
  ShardMemory(Offsets done, HeldBytes all) {
    this.done = done;
    this.all = all;
    this.expected = done.next();
    this.leftAt = done.end();
  }

  /** The lowest offset that is not settled. */
  long next() {
    return done.next();
  }

  /** The offset that is to be read next. */
  long position() {
    return expected;
  }

  /**
   * Whether all is taken in that an earlier owner passed over. Until then a row may be later than
   * messages of its key that are still to be read.
   */
  boolean hasCaughtUp() {
    var first = arrived.peek();
    return expected >= leftAt && (first == null || first.offset() >= leftAt);
  }

  /** Messages from the log that are not settled. */
  int held() {
    return held;
  }

  boolean isFull() {
    return held >= HELD_MAX
        || heldBytes >= HELD_BYTES_MAX
        || (heldBytes >= HeldBytes.LITTLE && all.isTooMuch());
  }

  /** Whether it is worth reading on after it was full. */
  boolean isRoomy() {
    return held < HELD_MAX / 2
        && heldBytes < HELD_BYTES_MAX / 2
        && (heldBytes < HeldBytes.LITTLE / 2 || !all.isTooMuch());
  }

  /**
   * Takes what was read from the log; gives whether that changed anything.
   *
   * @param position where the reader is now: offsets that it has passed and that have no record
   *     never will have one
   */
  boolean arrive(List<Arrived> records, long position) {
    for (var record : records) {
      passTo(record.offset());
      expected = record.offset() + 1;
      if (!done.contains(record.offset())) {
        arrived.add(record);
        held++;
        heldBytes += record.bytes();
        all.add(record.bytes());
      }
    }
    return passTo(position) || !records.isEmpty();
  }

  private boolean passTo(long offset) {
    if (offset <= expected) {
      return false;
    }
    gaps.add(expected, offset);
    expected = offset;
    return true;
  }

  /** What is to be taken in next, at most so many arrivals. Postgres is asked about them after. */
  Intake intake(int max) {
    var some = new ArrayList<Arrived>(Math.min(max, arrived.size()));
    while (some.size() < max && !arrived.isEmpty()) {
      some.add(arrived.remove());
    }
    var intake = new Intake(some, keys.takeLeaving(), gaps, keys.mark());
    gaps = new Offsets();
    ids.look();
    return intake;
  }

  /**
   * Decides about arrivals, with what Postgres knew of them after {@link #intake}: those that can
   * be handled wait in lanes from now on.
   *
   * @return what became of the others, to be settled
   */
  List<Settled> sort(Intake intake, Known known) {
    var settled = new ArrayList<Settled>();
    intake.toKeep().forEach(one -> settled.add(new Settled(one, Outcome.KEPT)));
    var heldUp = keys.heldUp(known.heldUp(), intake.mark(), intake.toKeep());
    for (var record : intake.arrived()) {
      var message = record.message();
      if (message == null) {
        intake.gaps().add(record.offset(), record.offset() + 1);
        forget(0);
        continue;
      }
      var key = MessageKey.of(message);
      var delivery = new Delivery(new Logged(record.offset(), key), message, record.at(), 0);
      var outcome = outcome(delivery, key, known, heldUp);
      if (outcome == null) {
        lanes.add(delivery);
      } else {
        settled.add(new Settled(delivery, outcome));
      }
    }
    return settled;
  }

  private @Nullable Outcome outcome(
      Delivery delivery, MessageKey key, Known known, Set<String> heldUp) {
    var message = delivery.message();
    var seen = known.seen().get(key.id());
    var before = seen != null ? seen : ids.content(key.id());
    if (before != null && before != key.content()) {
      return Outcome.CLASH;
    }
    if (before != null || known.isStored(message)) {
      return Outcome.DUPLICATE;
    }
    ids.take(key);
    if (!message.delay().isZero()) {
      return Outcome.DELAYED;
    }
    boolean waits = known.keepsAll() || (message.key() != null && heldUp.contains(message.key()));
    return waits ? Outcome.KEPT : null;
  }

  /** How many could be handed out. */
  int ready() {
    return lanes.ready();
  }

  /** Hands out at most so many that may be handled now. */
  List<Delivery> take(int max) {
    var taken = lanes.take(max);
    handedOut += taken.size();
    return taken;
  }

  /** What was handed out and is not settled. */
  int handedOut() {
    return handedOut;
  }

  /** Rows that are being handled, or about to be. */
  Set<Long> flying() {
    return Set.copyOf(flying);
  }

  /** Takes rows whose time has come; those whose key is busy are left for later. */
  void load(List<Delivery> rows) {
    for (var row : rows) {
      var key = row.key();
      if (row.origin() instanceof Stored(var pk)
          && (key == null || !lanes.isBusy(key))
          && flying.add(pk)) {
        lanes.add(row);
      }
    }
  }

  /**
   * Gives up all that is not being handled, since nobody here handles it now: what is from the log
   * goes to Postgres with the next {@link #intake}.
   */
  void giveUp() {
    for (var one : lanes.giveUp()) {
      switch (one.origin()) {
        case Logged logged -> keys.leave(one.key(), List.of(one));
        case Stored(var pk) -> flying.remove(pk);
      }
    }
  }

  /** Whether the partition may have rows. */
  boolean hasRows() {
    return hasRows;
  }

  void hasRows(boolean some) {
    hasRows = some;
  }

  /** Outcomes were committed, and these offsets that have no records. */
  void settled(List<Settled> settled, Offsets passed) {
    done.addAll(passed);
    settled.forEach(this::settled);
  }

  private void settled(Settled one) {
    var delivery = one.delivery();
    switch (delivery.origin()) {
      case Logged(var offset, var key) -> {
        done.add(offset, offset + 1);
        forget(delivery.message().body().length);
        if (one.takesId()) {
          ids.settled(key);
        }
      }
      case Stored(var pk) -> flying.remove(pk);
    }
    switch (one.outcome()) {
      case Outcome.Done handled -> handled(delivery);
      case Outcome.Dead dead -> {
        hasRows = true;
        handled(delivery);
      }
      case Outcome.Again again -> {
        hasRows = true;
        handedOut--;
        keys.leave(delivery.key(), lanes.clear(delivery));
      }
      case Outcome.Kept kept -> hasRows = true;
      case Outcome.Delayed delayed -> hasRows = true;
      case Outcome.Clash clash -> hasRows = true;
      case Outcome.Duplicate duplicate -> {}
    }
  }

  private void handled(Delivery delivery) {
    handedOut--;
    lanes.over(delivery);
  }

  private void forget(int bytes) {
    held--;
    heldBytes -= bytes;
    all.add(-bytes);
  }

  /** Nothing of it is needed any more. */
  void drop() {
    all.add(-heldBytes);
    heldBytes = 0;
  }
}
