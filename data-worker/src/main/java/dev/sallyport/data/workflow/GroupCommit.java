package dev.sallyport.data.workflow;

import io.micrometer.core.instrument.DistributionSummary;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/**
 * Writes what many ask for in few statements. A flush begins at once when none is under way, else
 * as soon as the one before is done, so nobody waits for a timer; what gathered meanwhile goes
 * together. A flush that Postgres refuses is repeated item by item, so that one bad item fails
 * alone. Thread-safe, does not block.
 *
 * <p>The technique is described in Gray and Reuter, Transaction Processing, section 9.4.7 (group
 * commit).
 *
 * @param <T> what is to be written
 * @param <R> what came of it
 */
final class GroupCommit<T, R> {
  /** One statement for many. */
  @FunctionalInterface
  interface Flush<T, R> {
    /** Gives one answer for each item, in order. */
    Future<List<R>> write(List<T> items);
  }

  private record Item<T, R>(T what, Promise<R> answer) {}

  private final Flush<T, R> flush;
  private final Function<Throwable, Boolean> isRefusal;
  private final DistributionSummary sizes;
  private final int batchMax;
  private final int queueMax;
  private final Function<T, RuntimeException> full;

  /** Guarded by this. */
  private final ArrayDeque<Item<T, R>> queue = new ArrayDeque<>();

  private boolean flushing;

  /**
   * @param isRefusal whether a failure is Postgres's no to what was written, so that it was not
   * @param sizes takes the size of each flush
   * @param batchMax items in one statement
   * @param queueMax items that may wait
   * @param full what an item fails with when as many wait already
   */
  GroupCommit(
      Flush<T, R> flush,
      Function<Throwable, Boolean> isRefusal,
      DistributionSummary sizes,
      int batchMax,
      int queueMax,
      Function<T, RuntimeException> full) {
    this.flush = flush;
    this.isRefusal = isRefusal;
    this.sizes = sizes;
    this.batchMax = batchMax;
    this.queueMax = queueMax;
    this.full = full;
  }

  /** Has it written; the answer comes once it is durable. */
  CompletionStage<R> write(T what) {
    var answer = Promise.<R>promise();
    List<Item<T, R>> now;
    synchronized (this) {
      if (queue.size() >= queueMax) {
        return Future.<R>failedFuture(full.apply(what)).toCompletionStage();
      }
      queue.add(new Item<>(what, answer));
      if (flushing) {
        return answer.future().toCompletionStage();
      }
      flushing = true;
      now = batch();
    }
    flush(now);
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
            answer(batch, done.result());
            next();
          } else if (batch.size() > 1 && isRefusal.apply(done.cause())) {
            oneByOne(batch, 0);
          } else {
            batch.forEach(item -> item.answer().fail(done.cause()));
            next();
          }
        });
  }

  private Future<List<R>> written(List<Item<T, R>> batch) {
    try {
      return flush.write(batch.stream().map(Item::what).toList());
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  private void answer(List<Item<T, R>> batch, List<R> answers) {
    for (int i = 0; i < batch.size(); i++) {
      batch.get(i).answer().complete(answers.get(i));
    }
  }

  private void oneByOne(List<Item<T, R>> batch, int index) {
    if (index == batch.size()) {
      next();
      return;
    }
    var one = List.of(batch.get(index));
    written(one)
        .onComplete(done -> {
          if (done.succeeded()) {
            answer(one, done.result());
          } else {
            one.getFirst().answer().fail(done.cause());
          }
          oneByOne(batch, index + 1);
        });
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
