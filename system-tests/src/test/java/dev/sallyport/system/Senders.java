package dev.sallyport.system;

import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * Clients that have 1 added to actors in transactions of a service, whatever happens to workers and
 * stores meanwhile, each time under no key: the row that counts in the same transaction says what
 * must be served. Thread-safe.
 */
final class Senders {
  private static final int CLIENTS = 4;
  private static final int ACTORS = 20;
  private static final int ACCEPTED = 202;
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final TallyCalls calls;
  private final List<URI> workers;
  private final long seed;
  private final String scope = "sent-" + UUID.randomUUID().toString().substring(0, 8);
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicLong acknowledged = new AtomicLong();
  private volatile boolean stopped;

  Senders(TallyCalls calls, List<URI> workers, long seed) {
    this.calls = calls;
    this.workers = workers;
    this.seed = seed;
  }

  Senders start() {
    for (int i = 0; i < CLIENTS; i++) {
      var random = new Random(seed - i - 1);
      threads.add(Thread.ofVirtual().name("sender-" + i).start(() -> run(random)));
    }
    return this;
  }

  /** Begins nothing new, and waits for what was begun; false where that takes longer. */
  boolean finish(Duration within) throws InterruptedException {
    stopped = true;
    long until = System.nanoTime() + within.toNanos();
    for (var thread : threads) {
      if (!thread.join(Duration.ofNanos(Math.max(1, until - System.nanoTime())))) {
        threads.forEach(Thread::interrupt);
        return false;
      }
    }
    return true;
  }

  /** How many were answered with 202. */
  long acknowledged() {
    return acknowledged.get();
  }

  /** How many were committed; those that nobody was told of, too. */
  long committed() {
    return calls.committed(workers.getFirst()).json().required("value").asLong();
  }

  /** How many the actors have counted. */
  long served() {
    long all = 0;
    for (int i = 0; i < ACTORS; i++) {
      var answer = calls.getAnywhere(workers.getFirst(), scope + "-" + i);
      all += answer.json().required("value").asLong();
    }
    return all;
  }

  private void run(RandomGenerator random) {
    while (!stopped) {
      try {
        var worker = workers.get(random.nextInt(workers.size()));
        var answer = calls.addLater(worker, scope + "-" + random.nextInt(ACTORS));
        if (answer.status() == ACCEPTED) {
          acknowledged.incrementAndGet();
          continue;
        }
      } catch (UncheckedIOException unanswered) {
        // It may have been committed or not: the row knows.
        LockSupport.parkNanos(PAUSE.toNanos());
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }
}
