package dev.sallyport.data.workflow;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What attempts of steps do in place of their bodies. Rules go by an attempt's number, so that an
 * attempt which a crash repeats does the same again. Thread-safe.
 */
final class Script {
  /** One attempt of a step, wherever it is repeated. */
  record Place(long run, int generation, String branch, String key, int attempt) {}

  private record Value(@Nullable Object what) {}

  private record Failures(int times, Exception what) {}

  /** What becomes of an attempt that is held. */
  private enum Hold {
    UNTIL_RELEASED,
    UNTIL_TIMED_OUT,
    /** Pays no heed to its interrupt. */
    STUBBORN
  }

  /** An attempt that does not get on. */
  static final class Held {
    final Execution execution;
    final Place place;
    final long deadline;
    final boolean timesOut;
    final boolean isStubborn;
    private final CountDownLatch released = new CountDownLatch(1);

    private Held(Execution execution, Place place, long deadline, Hold how) {
      this.execution = execution;
      this.place = place;
      this.deadline = deadline;
      this.timesOut = how == Hold.UNTIL_TIMED_OUT;
      this.isStubborn = how == Hold.STUBBORN;
    }

    private void await() throws InterruptedException {
      while (true) {
        try {
          released.await();
          return;
        } catch (InterruptedException e) {
          if (!isStubborn) {
            throw e;
          }
        }
      }
    }
  }

  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Value> values = new HashMap<>();
  private final Map<String, Failures> failures = new HashMap<>();
  private final Map<String, Hold> holds = new HashMap<>();
  private final Map<Place, Hold> holdsAt = new HashMap<>();
  private final List<Held> held = new ArrayList<>();
  private final List<String> ran = new ArrayList<>();
  private final Set<List<String>> asked = new HashSet<>();
  private final Runnable onHeld;
  private boolean holdsAll;

  /**
   * @param onHeld told when an attempt is held
   */
  Script(Runnable onHeld) {
    this.onHeld = onHeld;
  }

  void value(String key, @Nullable Object what) {
    locked(() -> values.put(key, new Value(what)));
  }

  void failure(String key, int times, Exception what) {
    locked(() -> failures.put(key, new Failures(times, what)));
  }

  void hold(String key) {
    locked(() -> holds.put(key, Hold.UNTIL_RELEASED));
  }

  /** Runs no body at all. */
  void holdAll() {
    locked(() -> holdsAll = true);
  }

  /** The code asks for something. */
  void ask(String branch, String key) {
    locked(() -> asked.add(List.of(branch, key)));
  }

  boolean asked(String branch, String key) {
    lock.lock();
    try {
      return asked.contains(List.of(branch, key));
    } finally {
      lock.unlock();
    }
  }

  void holdStubbornly(String key) {
    locked(() -> holds.put(key, Hold.STUBBORN));
  }

  void timeOut(String key) {
    locked(() -> holds.put(key, Hold.UNTIL_TIMED_OUT));
  }

  /** Keys and attempts of all bodies that were run, replaced or not, such as {@code add#2@1}. */
  List<String> ran() {
    lock.lock();
    try {
      return List.copyOf(ran);
    } finally {
      lock.unlock();
    }
  }

  /** Whether a transaction needs no transaction. */
  boolean replaces(String key) {
    lock.lock();
    try {
      return values.containsKey(key) || failures.containsKey(key);
    } finally {
      lock.unlock();
    }
  }

  /** Attempts that are held, of one execution or, with null, of all. */
  List<Held> held(@Nullable Execution of) {
    lock.lock();
    try {
      return held.stream().filter(each -> of == null || each.execution.equals(of)).toList();
    } finally {
      lock.unlock();
    }
  }

  /** Counts it as going on, before it does. */
  void letGo(Held attempt) {
    locked(() -> held.remove(attempt));
  }

  /** Lets attempts of this key go on to their bodies. */
  void release(String key) {
    lock.lock();
    try {
      holds.remove(key);
      holdsAt.keySet().removeIf(place -> place.key().equals(key));
      for (var attempt : List.copyOf(held)) {
        if (attempt.place.key().equals(key)) {
          held.remove(attempt);
          attempt.released.countDown();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Does an attempt. */
  @Nullable Object attempt(
      Execution execution, Place place, long deadline, Callable<? extends @Nullable Object> body)
      throws Exception {
    var stop = begin(execution, place, deadline);
    if (stop != null) {
      onHeld.run();
      stop.await();
    }
    Failures failing;
    Value value;
    lock.lock();
    try {
      failing = failures.get(place.key());
      value = values.get(place.key());
    } finally {
      lock.unlock();
    }
    if (failing != null && place.attempt() <= failing.times()) {
      throw failing.what();
    }
    return value == null ? body.call() : value.what();
  }

  private @Nullable Held begin(Execution execution, Place place, long deadline) {
    lock.lock();
    try {
      ran.add(place.key() + "@" + place.attempt());
      var how = holds.get(place.key());
      if (how == Hold.UNTIL_TIMED_OUT || how == Hold.STUBBORN) {
        holds.remove(place.key()); // one attempt alone, whenever it is made
        holdsAt.put(place, how);
      }
      how = how == null ? holdsAt.get(place) : how;
      how = holdsAll ? Hold.UNTIL_RELEASED : how;
      if (how == null) {
        return null;
      }
      var stop = new Held(execution, place, deadline, how);
      held.add(stop);
      return stop;
    } finally {
      lock.unlock();
    }
  }

  private void locked(Runnable work) {
    lock.lock();
    try {
      work.run();
    } finally {
      lock.unlock();
    }
  }
}
