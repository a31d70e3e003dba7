package dev.sallyport.system;

import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Clients that add 1 to {@code counter} actors, each add under a key of its own and again under the
 * same key until it is acknowledged, whatever happens to workers and stores meanwhile; and look now
 * and then whether what was acknowledged is there. Thread-safe.
 */
final class Adders {
  private static final int CLIENTS = 12;
  private static final int ACTORS = 20;
  private static final int READS_ONE_OF = 5;
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final Counters calls;
  private final List<URI> workers;
  private final long seed;
  private final List<Counter> counters;
  private final List<Thread> threads = new ArrayList<>();
  private final Map<String, Integer> inVain = new ConcurrentHashMap<>();
  private final AtomicLong longest = new AtomicLong();
  private final AtomicInteger read = new AtomicInteger();
  private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
  private volatile boolean stopped;

  /**
   * One actor.
   *
   * @param values what adds were acknowledged with
   * @param greatest of them
   */
  private record Counter(String key, Set<Long> values, AtomicLong greatest) {
    void acknowledged(long value) {
      if (!values.add(value)) {
        throw new IllegalStateException(key + " gave two adds the value " + value);
      }
      greatest.accumulateAndGet(value, Math::max);
    }
  }

  /** An attempt of a call. */
  private interface Attempt {
    Answer at(URI worker);
  }

  Adders(Counters calls, List<URI> workers, long seed) {
    this.calls = calls;
    this.workers = workers;
    this.seed = seed;
    var scope = UUID.randomUUID().toString().substring(0, 8);
    this.counters =
        IntStream.range(0, ACTORS)
            .mapToObj(
                i -> new Counter(scope + "-" + i, ConcurrentHashMap.newKeySet(), new AtomicLong()))
            .toList();
  }

  Adders start() {
    for (int i = 0; i < CLIENTS; i++) {
      var random = new Random(seed + i);
      threads.add(Thread.ofVirtual().name("adder-" + i).start(() -> run(random)));
    }
    return this;
  }

  /** Begins nothing new, and waits for what was begun; false where that takes longer. */
  boolean finish(Duration within) throws InterruptedException {
    stopped = true;
    long until = System.nanoTime() + within.toNanos();
    for (var thread : threads) {
      long left = Math.max(1, until - System.nanoTime());
      if (!thread.join(Duration.ofNanos(left))) {
        threads.forEach(Thread::interrupt);
        return false;
      }
    }
    return true;
  }

  /** What should not have happened, in words. */
  List<String> wrong() {
    return List.copyOf(wrong);
  }

  /** How many adds were acknowledged, by actor. */
  Map<String, Long> acknowledged() {
    var all = new ConcurrentHashMap<String, Long>();
    counters.forEach(counter -> all.put(counter.key(), (long) counter.values().size()));
    return all;
  }

  /** How often something had to be tried again, by what came instead of a 200. */
  Map<String, Integer> inVain() {
    return new TreeMap<>(inVain);
  }

  /** The longest that anything took until it was served. */
  Duration longest() {
    return Duration.ofNanos(longest.get());
  }

  /** How often a value was read while adds went on. */
  int read() {
    return read.get();
  }

  /** What each of them says now. */
  Map<String, Long> values() {
    var all = new ConcurrentHashMap<String, Long>();
    for (var counter : counters) {
      var answer = calls.getAnywhere(workers.getFirst(), counter.key());
      all.put(counter.key(), answer.status() == 200 ? value(answer) : -answer.status());
    }
    return all;
  }

  private void run(RandomGenerator random) {
    try {
      while (!stopped) {
        var counter = counters.get(random.nextInt(ACTORS));
        if (random.nextInt(READS_ONE_OF) == 0) {
          read(counter, random);
        } else {
          var key = UUID.randomUUID().toString();
          counter.acknowledged(
              value(untilServed(worker -> calls.addAnywhere(worker, counter.key(), key), random)));
        }
      }
    } catch (RuntimeException e) {
      wrong.add(e.toString());
    }
  }

  private void read(Counter counter, RandomGenerator random) {
    // Each attempt begins anew: what it must see is what was acknowledged before.
    var before = new AtomicLong();
    var answer =
        untilServed(
            worker -> {
              before.set(counter.greatest().get());
              return calls.getAnywhere(worker, counter.key());
            },
            random);
    read.incrementAndGet();
    if (value(answer) < before.get()) {
      throw new IllegalStateException(
          counter.key() + " is " + value(answer) + " after it was " + before.get());
    }
  }

  private Answer untilServed(Attempt attempt, RandomGenerator random) {
    long began = System.nanoTime();
    while (true) {
      try {
        var answer = attempt.at(workers.get(random.nextInt(workers.size())));
        if (answer.status() == 200) {
          longest.accumulateAndGet(System.nanoTime() - began, Math::max);
          return answer;
        }
        if (answer.status() != ActorCalls.MISDIRECTED && answer.status() < 500) {
          throw new IllegalStateException("refused: " + answer);
        }
        inVain.merge(Integer.toString(answer.status()), 1, Integer::sum);
      } catch (UncheckedIOException unanswered) {
        // It may have arrived or not: it is sent again under the same key.
        inVain.merge("none", 1, Integer::sum);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  private static long value(Answer answer) {
    return answer.json().required("value").asLong();
  }
}
