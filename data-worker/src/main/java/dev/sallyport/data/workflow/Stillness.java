package dev.sallyport.data.workflow;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Knows when nothing of a run turns any more: each of its threads waits for a time, an arrival, or
 * for branches that do. Then one of them puts the run to rest. Until then a thread waits in memory,
 * so that a timer in one branch is served while a step runs in another.
 *
 * <p>Thread-safe. The lock is held over the commit that puts a run to rest: all of its threads wait
 * then, and whoever brings an arrival may.
 */
final class Stillness {
  /** Writes down that the run waits. */
  @FunctionalInterface
  interface Rest {
    /**
     * Records it.
     *
     * @param seen how many arrivals the run knows of
     * @param entries to be recorded in the same commit
     * @return the arrivals that it did not know of, or null once the run has left memory
     * @throws Leave when the run was taken away
     */
    Ledger.@Nullable Inbox rest(List<Waiting> all, long seen, List<Entry> entries);
  }

  /** How soon a thread that waits beside others looks again by itself. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final InstantSource clock;
  private final Rest rest;
  private final List<Waiting> waits = new ArrayList<>();
  private final Deque<Ledger.Arrival> arrivals = new ArrayDeque<>();
  private final Set<Long> taken = new HashSet<>();
  private long seen;
  private int active = 1;
  private boolean over;

  /**
   * @param inbox what had come when the run was loaded
   */
  Stillness(InstantSource clock, Ledger.Inbox inbox, Rest rest) {
    this.clock = clock;
    this.rest = rest;
    this.seen = inbox.seen();
    this.arrivals.addAll(inbox.arrivals());
  }

  /** Takes the oldest arrival of this name. */
  Ledger.@Nullable Arrival take(String name) {
    lock.lock();
    try {
      for (var each = arrivals.iterator(); each.hasNext(); ) {
        var arrival = each.next();
        if (arrival.name().equals(name)) {
          each.remove();
          taken.add(arrival.number());
          return arrival;
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  /** Puts in what has come since; wakes those who wait for it. */
  void arrived(Ledger.Inbox inbox) {
    lock.lock();
    try {
      putIn(inbox);
    } finally {
      lock.unlock();
    }
  }

  private void putIn(Ledger.Inbox inbox) {
    if (inbox.seen() <= seen) {
      return;
    }
    seen = inbox.seen();
    arrivals.clear();
    for (var arrival : inbox.arrivals()) {
      if (!taken.contains(arrival.number())) {
        arrivals.add(arrival);
      }
    }
    changed.signalAll();
  }

  /** Whether some thread waits for arrivals, so that looking for them is worth a query. */
  boolean isWaitingForArrivals() {
    lock.lock();
    try {
      return waits.stream().anyMatch(wait -> wait.arrival() != null);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until its time has come or what it waits for is there.
   *
   * @param entry recorded together with the rest, if this is the last thread to wait
   * @param early records the entry when others go on; must not block
   * @return whether the entry was recorded; not when the wait was over before it began
   * @throws Leave when the run leaves memory first
   */
  boolean await(Waiting wait, @Nullable Entry entry, Runnable early) {
    lock.lock();
    try {
      boolean recorded = entry == null;
      waits.add(wait);
      active--;
      try {
        while (!isOver(wait)) {
          if (active == 0 && waits.stream().noneMatch(this::isOver)) {
            settle(recorded || entry == null ? List.of() : List.of(entry));
            recorded = true;
          } else {
            if (!recorded) {
              early.run();
              recorded = true;
            }
            pause(wait);
          }
        }
      } finally {
        waits.remove(wait);
        active++;
      }
      return recorded;
    } finally {
      lock.unlock();
    }
  }

  private void settle(List<Entry> entries) {
    var news = rest.rest(List.copyOf(waits), seen, entries);
    if (news == null) {
      leave();
      throw new Leave();
    }
    putIn(news);
  }

  private boolean isOver(Waiting wait) {
    leaveIfOver();
    var until = wait.until();
    var name = wait.arrival();
    return (until != null && !clock.instant().isBefore(until))
        || (name != null && arrivals.stream().anyMatch(arrival -> arrival.name().equals(name)));
  }

  private void pause(Waiting wait) {
    var until = wait.until();
    var left = until == null ? LOOK_AGAIN : Duration.between(clock.instant(), until);
    sleep(left.compareTo(LOOK_AGAIN) < 0 ? left : LOOK_AGAIN);
  }

  @SuppressWarnings("WaitNotInLoop") // callers look at what they wait for, in a loop
  private void sleep(Duration longest) {
    try {
      var _ = changed.await(longest.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      // Either the run is taken away, or a watch meant an attempt that was just over.
      leaveIfOver();
    }
  }

  /** Branches under way, and the thread that waits for the last of them. Guarded by the lock. */
  static final class Fork {
    private int left;

    private Fork(int branches) {
      this.left = branches;
    }
  }

  /** The calling thread stops turning in favour of so many others. */
  Fork fork(int branches) {
    lock.lock();
    try {
      leaveIfOver();
      active += branches - 1;
      return new Fork(branches);
    } finally {
      lock.unlock();
    }
  }

  /** One of them is done; the last one's turn goes back to the thread that waits for them. */
  void done(Fork fork) {
    lock.lock();
    try {
      fork.left--;
      if (fork.left > 0) {
        active--;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for all of them.
   *
   * @throws Leave when the run leaves memory first
   */
  void join(Fork fork) {
    lock.lock();
    try {
      while (fork.left > 0) {
        leaveIfOver();
        sleep(LOOK_AGAIN);
      }
      leaveIfOver();
    } finally {
      lock.unlock();
    }
  }

  /**
   * What its threads wait for, once no more than so many of them turn and none that waits could go
   * on; those that could are told to look again. For whoever moves the clock by hand.
   *
   * @return empty while it is not as still as that
   */
  Optional<List<Waiting>> still(int turning) {
    lock.lock();
    try {
      if (over || active != turning || waits.stream().anyMatch(this::isOver)) {
        changed.signalAll();
        return Optional.empty();
      }
      return Optional.of(List.copyOf(waits));
    } finally {
      lock.unlock();
    }
  }

  /** Takes all threads out. */
  void leave() {
    lock.lock();
    try {
      over = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * @throws Leave when the run has left memory
   */
  void leaveIfOver() {
    lock.lock();
    try {
      if (over) {
        throw new Leave();
      }
    } finally {
      lock.unlock();
    }
  }
}
