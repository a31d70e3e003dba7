package dev.sallyport.data.queue;

import dev.sallyport.data.platform.Tx;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A partition that this worker consumes. One that was dropped is never used again; whatever it held
 * is read once more by whoever claims the partition next.
 *
 * <p>Thread-safe. Nothing here blocks but {@link #settle}, {@link #commit} and {@link
 * #awaitStillness}.
 */
final class Shard {
  /** What is told of what happens here; must not block. */
  interface Listener {
    /** There is something to take in, to load or to hand out. */
    void changed(Shard shard);

    /** There is room again for what the log has. */
    void roomy(Shard shard);

    /** The claim is lost, or nobody knows: it must be claimed anew. */
    void lost(Shard shard, RuntimeException why);
  }

  /**
   * How long a batch that is not full waits for more.
   *
   * @param ring asked for another look after that time
   */
  record Waiting(Duration longest, Consumer<Duration> ring) {}

  private final PartitionClaim claim;
  private final Declared queue;
  private final SettleSql sql;
  private final BooleanSupplier leased;
  private final Listener listener;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition settledSome = lock.newCondition();

  // All below is guarded by the lock.

  private final ShardMemory memory;

  /** Since when there is something for a batch that is not full. */
  private @Nullable Long readySince;

  /** Whether the reader was told to stop. */
  private boolean full;

  private boolean closing;
  private boolean dropped;

  /**
   * @param leased whether this worker may still act on its claims
   * @param all what all partitions of this worker hold
   */
  Shard(
      PartitionSql.Claimed claimed,
      Declared queue,
      SettleSql sql,
      BooleanSupplier leased,
      HeldBytes all,
      Listener listener) {
    this.claim = claimed.claim();
    this.queue = queue;
    this.sql = sql;
    this.leased = leased;
    this.listener = listener;
    this.memory = new ShardMemory(claimed.done(), all);
  }

  PartitionClaim claim() {
    return claim;
  }

  Declared queue() {
    return queue;
  }

  private <T> T locked(Supplier<T> what) {
    lock.lock();
    try {
      return what.get();
    } finally {
      lock.unlock();
    }
  }

  /** The lowest offset that is not settled. */
  long next() {
    return locked(memory::next);
  }

  /** The offset that is to be read next. */
  long position() {
    return locked(memory::position);
  }

  /** Takes what was read from the log, see {@link ShardMemory#arrive}. */
  void arrive(List<Arrived> records, long position) {
    boolean changed =
        locked(() -> {
          if (dropped || closing || !memory.arrive(records, position)) {
            return false;
          }
          full |= memory.isFull();
          return true;
        });
    if (changed) {
      listener.changed(this);
    }
  }

  /** Whether more should stay in the log for now. */
  boolean isFull() {
    return locked(() -> full);
  }

  /** Whether rows may be loaded, see {@link ShardMemory#hasCaughtUp}. */
  boolean hasCaughtUp() {
    return locked(memory::hasCaughtUp);
  }

  /** Messages from the log that are not settled. */
  int held() {
    return locked(memory::held);
  }

  /** What is to be taken in next, at most so many arrivals. */
  ShardMemory.Intake intake(int max) {
    return locked(() -> memory.intake(max));
  }

  /** Decides about arrivals, see {@link ShardMemory#sort}. */
  List<Settled> sort(ShardMemory.Intake intake, Known known) {
    return locked(() -> memory.sort(intake, known));
  }

  /** Hands out at most so many that may be handled now; none while they wait for more. */
  List<Delivery> take(int max, Waiting waiting, long now) {
    return locked(() -> {
      if (dropped || closing || memory.ready() == 0 || !leased.getAsBoolean()) {
        return List.of();
      }
      if (memory.ready() < max && waiting.longest().isPositive()) {
        readySince = readySince == null ? Long.valueOf(now) : readySince;
        long left = waiting.longest().toNanos() - (now - readySince);
        if (left > 0) {
          waiting.ring().accept(Duration.ofNanos(left));
          return List.of();
        }
      }
      readySince = null;
      return memory.take(max);
    });
  }

  /** How many could be handed out. */
  int ready() {
    return locked(() -> dropped || closing ? 0 : memory.ready());
  }

  /** How many are in the hands of the consumer. */
  int inFlight() {
    return locked(() -> dropped ? 0 : memory.handedOut());
  }

  /** Rows that are being handled, or about to be. */
  Set<Long> flying() {
    return locked(memory::flying);
  }

  /** Takes rows whose time has come; those whose key is busy are left for later. */
  void load(List<Delivery> rows) {
    lock.lock();
    try {
      memory.load(rows);
    } finally {
      lock.unlock();
    }
  }

  /** Gives up all that is not being handled, see {@link ShardMemory#giveUp}. */
  void giveUp() {
    lock.lock();
    try {
      memory.giveUp();
    } finally {
      lock.unlock();
    }
  }

  /** Whether the partition may have rows. */
  boolean hasRows() {
    return locked(memory::hasRows);
  }

  void hasRows(boolean some) {
    lock.lock();
    try {
      memory.hasRows(some);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Records outcomes in a transaction of their own, and goes on from there. Blocks.
   *
   * @param passed offsets that have no records
   */
  void settle(List<Settled> settled, Offsets passed) {
    sql.settle(claim, settled, passed);
    settled(settled, passed);
  }

  /** Records outcomes as the last statements of a transaction; {@link #settled} comes after it. */
  void commit(Tx tx, List<Settled> settled) {
    sql.settle(tx, claim, settled, new Offsets());
  }

  /** Outcomes were committed. */
  void settled(List<Settled> settled, Offsets passed) {
    boolean roomy;
    lock.lock();
    try {
      if (!dropped) {
        memory.settled(settled, passed);
      }
      roomy = full && !dropped && memory.isRoomy();
      full = full && !roomy;
      settledSome.signalAll();
    } finally {
      lock.unlock();
    }
    if (roomy) {
      listener.roomy(this);
    }
    listener.changed(this);
  }

  /** Nothing more is taken in or handed out. */
  void close() {
    lock.lock();
    try {
      closing = true;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until all that was handed out is settled, at most so long. */
  boolean awaitStillness(long nanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long left = nanos;
      while (memory.handedOut() > 0 && !dropped && left > 0) {
        left = settledSome.awaitNanos(left);
      }
      return memory.handedOut() == 0;
    } finally {
      lock.unlock();
    }
  }

  /** The claim is lost: nothing that is under way here counts any more. */
  void drop() {
    lock.lock();
    try {
      if (!dropped) {
        dropped = true;
        memory.drop();
      }
      settledSome.signalAll();
    } finally {
      lock.unlock();
    }
  }

  boolean isDropped() {
    return locked(() -> dropped);
  }

  /** Says that the claim is lost, or that nobody knows what was committed. */
  void lose(RuntimeException why) {
    drop();
    listener.lost(this, why);
  }
}
