package dev.sallyport.data.platform;

import io.vertx.core.Context;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Parks the caller's virtual thread until Postgres has answered. */
final class Blocking {
  private Blocking() {}

  /**
   * @throws IllegalStateException on an event loop, which would wait for itself
   */
  static void refuseEventLoops() {
    if (Context.isOnEventLoopThread()) {
      throw new IllegalStateException("this blocks: call it on a virtual thread");
    }
  }

  /**
   * The answer.
   *
   * @param mayHaveCommitted what to say where none came
   * @throws StoreFailure where none came within {@link Postgres#ANSWER_WITHIN}, or before the
   *     thread was interrupted, which it then still is
   * @throws StatementRefused where the answer was no
   */
  static <T> T await(Future<T> answer, boolean mayHaveCommitted) {
    return await(answer, Postgres.ANSWER_WITHIN, mayHaveCommitted);
  }

  /** The same with another bound. */
  static <T> T await(Future<T> answer, Duration within, boolean mayHaveCommitted) {
    try {
      return answer
          .toCompletionStage()
          .toCompletableFuture()
          .get(within.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new StoreFailure("interrupted while Postgres was asked", e, mayHaveCommitted);
    } catch (TimeoutException | ExecutionException e) {
      throw Failures.of(e, mayHaveCommitted);
    }
  }
}
