package dev.sallyport.data.queue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.data.platform.StoreFailure;
import dev.sallyport.data.platform.Ticker;
import dev.sallyport.data.platform.Transactions;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Where the messages of one queue are handled: hands batches of its shards to the consumer, in
 * turns, as many at once as its concurrency allows, each on a virtual thread. Thread-safe; does not
 * block.
 */
final class Desk {
  private static final Logger LOG = Logger.getLogger(Desk.class);

  /** How long a consumer that was interrupted may take to notice. */
  private static final Duration NOTICE = Duration.ofSeconds(1);

  private final Declared queue;
  private final Declared.Handler handler;
  private final Transactions transactions;
  private final ObjectMapper mapper;
  private final Pauses pauses;
  private final Ticker ticker;
  private final QueueMeters meters;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock.

  private final LinkedHashSet<Turn> turns = new LinkedHashSet<>();
  private int free;

  /** A shard that may have something to hand out. */
  record Turn(Shard shard, ShardLoop loop) {}

  Desk(
      Declared queue,
      Declared.Handler handler,
      Transactions transactions,
      ObjectMapper mapper,
      Pauses pauses,
      Ticker ticker,
      QueueMeters meters) {
    this.queue = queue;
    this.handler = handler;
    this.transactions = transactions;
    this.mapper = mapper;
    this.pauses = pauses;
    this.ticker = ticker;
    this.meters = meters;
    this.free = queue.options().concurrency();
  }

  /** This shard may have something to hand out. */
  void offer(Turn turn) {
    if (turn.shard().ready() == 0) {
      return;
    }
    lock.lock();
    try {
      turns.add(turn);
    } finally {
      lock.unlock();
    }
    handOut();
  }

  private void handOut() {
    while (true) {
      Turn turn;
      List<Delivery> batch;
      lock.lock();
      try {
        if (free == 0 || turns.isEmpty()) {
          return;
        }
        turn = turns.removeFirst();
        batch = turn.shard().take(queue.options().batching().size(), wait(turn), ticker.nanos());
        if (batch.isEmpty()) {
          continue;
        }
        free--;
        turns.add(turn); // at the end: others come first
      } finally {
        lock.unlock();
      }
      Thread.ofVirtual()
          .name("queue-" + queue.name())
          .start(() -> {
            try {
              handle(turn.shard(), batch);
            } finally {
              giveBack();
            }
          });
    }
  }

  private Shard.Waiting wait(Turn turn) {
    return new Shard.Waiting(queue.options().batching().longestWait(), turn.loop()::ringIn);
  }

  private void giveBack() {
    lock.lock();
    try {
      free++;
    } finally {
      lock.unlock();
    }
    handOut();
  }

  private void handle(Shard shard, List<Delivery> deliveries) {
    var batch = new BatchRun(shard, transactions);
    deliveries.forEach(one -> batch.add(one, mapper, handler.body()));
    @Nullable Throwable failure = batch.isEmpty() ? null : consume(batch);
    if (shard.isDropped()) {
      return; // whoever has the partition next begins with these again
    }
    var rest = batch.end(failure, queue.options(), pauses);
    try {
      if (!rest.isEmpty()) {
        shard.settle(rest, new Offsets());
      }
      meters.handled(queue, deliveries, rest);
      report(failure, rest);
    } catch (FencedException | StoreFailure e) {
      shard.lose(e);
    } catch (RuntimeException e) {
      LOG.errorf(e, "verdicts of queue %s cannot be recorded", queue.name());
      shard.lose(e);
    }
  }

  /** Runs the consumer; gives what it failed with. */
  private @Nullable Throwable consume(BatchRun batch) {
    var failure = new AtomicReference<@Nullable Throwable>();
    var thread =
        Thread.ofVirtual()
            .name("consumer-" + queue.name())
            .start(() -> {
              try {
                handler.consumer().consume((Batch<Object>) batch);
              } catch (Throwable e) {
                failure.set(e);
              }
            });
    try {
      if (!thread.join(queue.options().timeout())) {
        thread.interrupt();
        var _ = thread.join(NOTICE);
        return new TimeoutException("it took longer than " + queue.options().timeout());
      }
    } catch (InterruptedException e) {
      thread.interrupt();
      return e;
    }
    return failure.get();
  }

  private void report(@Nullable Throwable failure, List<Settled> settled) {
    for (var one : settled) {
      if (one.outcome() instanceof Outcome.Dead(var reason, var attempts)) {
        LOG.warnf(
            failure,
            "message %s of queue %s is a dead letter after %d attempts: %s",
            one.delivery().message().id(),
            queue.name(),
            attempts,
            reason);
      }
    }
    if (failure != null) {
      LOG.debugf(failure, "a batch of queue %s failed", queue.name());
    }
  }
}
