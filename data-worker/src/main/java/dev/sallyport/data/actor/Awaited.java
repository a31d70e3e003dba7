package dev.sallyport.data.actor;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Parks the caller's virtual thread until a statement that many share has been answered. */
final class Awaited {
  /** Postgres itself answers sooner, one way or the other. */
  static final Duration WITHIN = Duration.ofSeconds(15);

  private Awaited() {}

  /**
   * The answer.
   *
   * @param what was asked, in a word or two
   * @throws RuntimeException the failure itself; or that none came, before {@link #WITHIN} or an
   *     interrupt
   */
  static <T> T answer(CompletionStage<T> asked, String what) {
    try {
      return asked.toCompletableFuture().get(WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException why
          ? why
          : new IllegalStateException(what + " failed", e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException(what + " was not answered within " + WITHIN, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ActorError.moving();
    }
  }
}
