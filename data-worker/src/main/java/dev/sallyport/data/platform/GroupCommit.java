package dev.sallyport.data.platform;

import io.micrometer.core.instrument.DistributionSummary;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Writes what many ask for in few statements. A flush begins at once when none is under way, else
 * as soon as the one before is done, so nobody waits for a timer; what gathered meanwhile goes
 * together. A flush that Postgres refuses is repeated item by item, so that one bad item fails
 * alone. What a source has given after an item that failed fails too: it is never written without
 * what came before it. Thread-safe, does not block.
 *
 * <p>The technique is described in Gray and Reuter, Transaction Processing, section 9.4.7 (group
 * commit).
 *
 * @param <T> what is to be written
 * @param <R> what came of it
 */
public final class GroupCommit<T, R> {
  /** One statement for many. */
  @FunctionalInterface
  public interface Flush<T, R> {
    /** Gives one answer for each item, in order. */
    Future<List<R>> write(List<T> items);
  }

  private record Item<T, R>(T what, Promise<R> answer) {}

  private final Executor starter;
  private final Flush<T, R> flush;
  private final Function<Throwable, Boolean> isRefusal;
  private final Function<T, Object> source;
  private final DistributionSummary sizes;
  private final int batchMax;
  private final int queueMax;
  private final Function<T, RuntimeException> full;

  /** Guarded by this. */
  private final ArrayDeque<Item<T, R>> queue = new ArrayDeque<>();

  private boolean flushing;

  /**
   * @param starter where a flush begins when none is under way; a moment later is welcome, since
   *     who gave one item may be about to give the next
   * @param isRefusal whether a failure is Postgres's no to what was written, so that it was not
   * @param source whom an item comes from; it hears of a failure before it gives another
   * @param sizes takes the size of each flush
   * @param batchMax items in one statement
   * @param queueMax items that may wait
   * @param full what an item fails with when as many wait already
   */
  public GroupCommit(
      Executor starter,
      Flush<T, R> flush,
      Function<Throwable, Boolean> isRefusal,
      Function<T, Object> source,
      DistributionSummary sizes,
      int batchMax,
      int queueMax,
      Function<T, RuntimeException> full) {
    this.starter = starter;
    this.flush = flush;
    this.isRefusal = isRefusal;
    this.source = source;
    this.sizes = sizes;
    this.batchMax = batchMax;
    this.queueMax = queueMax;
    this.full = full;
  }

  /** Begins flushes on an event loop. */
  public static Executor on(Vertx vertx) {
    var loop = vertx.getOrCreateContext();
    return task -> loop.runOnContext(now -> task.run());
  }

  /** Has it written; the answer comes once it is durable. */
  public CompletionStage<R> write(T what) {
    var answer = Promise.<R>promise();
    synchronized (this) {
      if (queue.size() >= queueMax) {
        return Future.<R>failedFuture(full.apply(what)).toCompletionStage();
      }
      queue.add(new Item<>(what, answer));
      if (flushing) {
        return answer.future().toCompletionStage();
      }
      flushing = true;
    }
    starter.execute(this::next);
    return answer.future().toCompletionStage();
  }

  private List<Item<T, R>> batch() {
    var batch = new ArrayList<Item<T, R>>(Math.min(queue.size(), batchMax));
    while (batch.size() < batchMax && !queue.isEmpty()) {
      batch.add(queue.remove());
    }
    return batch;
  }

  private void flush(List<Item<T, R>> batch) {
    sizes.record(batch.size());
    written(batch)
        .onComplete(done -> {
          if (done.succeeded()) {
            next(); // what waits is on its way before those who are answered do more
            answer(batch, done.result());
          } else if (batch.size() > 1 && isRefusal.apply(done.cause())) {
            oneByOne(batch);
          } else {
            fail(batch, done.cause());
            next();
          }
        });
  }

  private Future<List<R>> written(List<Item<T, R>> batch) {
    try {
      return flush.write(batch.stream().map(Item::what).toList());
    } catch (Throwable e) {
      // Whatever it is: a flush that never ends would stop all that come after it.
      return Future.failedFuture(e);
    }
  }

  private void answer(List<Item<T, R>> batch, List<R> answers) {
    for (int i = 0; i < batch.size(); i++) {
      batch.get(i).answer().complete(answers.get(i));
    }
  }

  private void oneByOne(List<Item<T, R>> left) {
    if (left.isEmpty()) {
      next();
      return;
    }
    var one = left.getFirst();
    written(List.of(one))
        .onComplete(done -> {
          var rest = left.subList(1, left.size());
          if (done.succeeded()) {
            answer(List.of(one), done.result());
            oneByOne(rest);
          } else {
            var orphans = rest.stream().filter(item -> source(item).equals(source(one))).toList();
            var all = new ArrayList<>(List.of(one));
            all.addAll(orphans);
            fail(all, done.cause());
            oneByOne(rest.stream().filter(item -> !orphans.contains(item)).toList());
          }
        });
  }

  private Object source(Item<T, R> item) {
    return source.apply(item.what());
  }

  /** Fails items, and all that their sources gave after them before they heard of it. */
  private void fail(List<Item<T, R>> items, Throwable cause) {
    var sources = items.stream().map(this::source).collect(Collectors.toSet());
    var failing = items;
    while (!failing.isEmpty()) {
      failing.forEach(item -> item.answer().fail(cause));
      var after = new ArrayList<Item<T, R>>();
      synchronized (this) {
        queue.removeIf(item -> sources.contains(source(item)) && after.add(item));
      }
      failing = after;
    }
  }

  private void next() {
    List<Item<T, R>> now;
    synchronized (this) {
      if (queue.isEmpty()) {
        flushing = false;
        return;
      }
      now = batch();
    }
    flush(now);
  }
}
