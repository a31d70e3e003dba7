package dev.sallyport.data.workflow;

import io.vertx.core.Future;
import java.util.concurrent.CompletionException;

/** Parks a virtual thread until something has come that does not block. */
final class Waits {
  private Waits() {}

  /** What comes, or the failure itself. */
  static <T> T on(Future<T> answer) {
    try {
      return answer.toCompletionStage().toCompletableFuture().join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
